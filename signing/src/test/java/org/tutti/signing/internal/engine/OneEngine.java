package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The engine of signer 0 in a group of three, with a clock that a test sets. Signers 1 and 2 are
/// made by the test, message by message.
public final class OneEngine implements AutoCloseable {
    static final Bytes NO_HASH = Bytes.wrap(new byte[32]);

    public final GroupFixture fixture;
    public final NonceRecorder recorder = new NonceRecorder();
    final List<JournalRecord> journal = new ArrayList<>();
    final List<EngineOutput> all = new ArrayList<>();
    final SigningLimits limits;
    private final boolean overRelay;
    Instant now = GroupFixture.NOW;

    /// How far its wall clock is ahead of [#now].
    Duration wallAhead = Duration.ZERO;

    /// Runs before each of this node's partial signatures is made.
    Runnable beforeSigning = () -> {};

    public SessionEngine engine;
    private final List<EngineOutput> last = new ArrayList<>();
    private final Map<Integer, MusigRounds> rounds = new HashMap<>();
    private final List<MusigRounds> extra = new ArrayList<>();

    public OneEngine() {
        this(new GroupFixture(3, 1234), SigningLimits.DEFAULT);
    }

    OneEngine(GroupFixture fixture, SigningLimits limits) {
        this(fixture, limits, false);
    }

    /// @param overRelay whether a relay stands between it and the others
    OneEngine(GroupFixture fixture, SigningLimits limits, boolean overRelay) {
        this.overRelay = overRelay;
        this.fixture = fixture;
        this.limits = limits;
        JournalReplay nothing = replay();
        this.engine = newEngine(head(), nothing);
        done(engine.restore(nothing, now));
        greet();
    }

    Signer signer(GroupFixture.Owner owner) {
        return new KeySigner(
                owner.key(),
                RequestGroup.of(fixture.group),
                owner.member().peerId(),
                fixture.random);
    }

    private SessionEngine newEngine(JournalHead head, JournalReplay replay) {
        GroupFixture.Owner self = fixture.owner(0);
        Signer signer =
                recorder.watch(signer(self), self.member().signingKey(), () -> beforeSigning.run());
        return new SessionEngine(
                new EngineConfig(
                                fixture.group,
                                self.envelopeSigner(),
                                signer,
                                SessionTimeouts.DEFAULT,
                                limits,
                                GroupFixture.TERMS,
                                Path.of("evidence"),
                                Set.of())
                        .withRelay(overRelay),
                head,
                replay);
    }

    /// Loses the memory of the engine, and starts another one from the journal.
    List<EngineOutput> restart() {
        List<EngineOutput> outputs = new ArrayList<>(restartAlone());
        List<EngineOutput> greetings = greetings();
        done(greetings);
        outputs.addAll(greetings);
        last.clear();
        last.addAll(outputs);
        return outputs;
    }

    /// As [#restart()], from a journal that is elsewhere.
    void restart(JournalReplay replay, JournalHead head) {
        recorder.died(self().signingKey());
        engine = newEngine(head, replay);
        done(engine.restore(replay, time()));
        greet();
    }

    /// The same, before anybody says hello.
    List<EngineOutput> restartAlone() {
        recorder.died(self().signingKey());
        JournalReplay replay = replay();
        engine = newEngine(head(), replay);
        return done(engine.restore(replay, now));
    }

    private JournalReplay replay() {
        return new JournalReplay(
                fixture.group,
                limits,
                TestJournals.state(limits, now, fixture.group.id(), journal));
    }

    /// The head of its journal.
    JournalHead head() {
        return TestJournals.head(fixture.group.id(), journal);
    }

    /// The others say hello, and remember nothing.
    private void greet() {
        done(greetings());
    }

    private List<EngineOutput> greetings() {
        List<EngineOutput> outputs = new ArrayList<>();
        for (int i = 1; i < 3; i++) {
            Inbound hello = fixture.hello(i);
            outputs.addAll(engine.handle(new EngineInput.Received(hello), time()));
        }
        return outputs;
    }

    Member self() {
        return fixture.owner(0).member();
    }

    Member member(int index) {
        return fixture.owner(index).member();
    }

    // --- inputs

    List<EngineOutput> handle(EngineInput input) {
        return done(engine.handle(input, time()));
    }

    private EngineTime time() {
        return new EngineTime(now.plus(wallAhead), EngineTime.of(now).boot());
    }

    List<EngineOutput> handleAt(EngineInput input, EngineTime time) {
        return done(engine.handle(input, time));
    }

    private List<EngineOutput> done(List<EngineOutput> outputs) {
        last.clear();
        last.addAll(outputs);
        all.addAll(outputs);
        for (EngineOutput output : outputs) {
            if (output instanceof EngineOutput.Append(JournalRecord record)) {
                journal.add(record);
            }
        }
        return outputs;
    }

    List<EngineOutput> receive(Inbound message) {
        return handle(new EngineInput.Received(message));
    }

    List<EngineOutput> tickAfter(Duration duration) {
        now = now.plus(duration);
        return handle(new EngineInput.Tick());
    }

    /// Receives a request of signer 1, and approves it.
    public SigningRequest approvedRequest(int messages) {
        SigningRequest request = fixture.request(1, messages);
        receive(fixture.owner(1).envelopeSigner().sign(request));
        approve(request);
        return request;
    }

    List<EngineOutput> approve(SigningRequest request) {
        return handle(
                new EngineInput.Decided(
                        request.sessionId(), new Decision.Approved(request.messages())));
    }

    // --- the other signers

    Statement sign(int signer, SessionId session, int attempt, Contribution.Body body) {
        return fixture.owner(signer).envelopeSigner().sign(session, attempt, body);
    }

    Statement ready(int signer, SigningRequest request, int attempt) {
        return ready(signer, request, attempt, head(1));
    }

    Statement ready(int signer, SigningRequest request, int attempt, JournalHead head) {
        KeyAttestation attestation = fixture.owner(signer).attestation();
        return sign(
                signer, request.sessionId(), attempt, new Contribution.Ready(attestation, head));
    }

    static JournalHead head(long count) {
        byte[] hash = new byte[32];
        hash[0] = (byte) count;
        return TestJournals.head(count, Bytes.wrap(hash));
    }

    List<KeyAggContext> keys(SigningRequest request) {
        KeyContexts contexts = new KeyContexts(fixture.group);
        List<KeyAggContext> keys = new ArrayList<>();
        request.messages()
                .forEach(message -> {
                    try {
                        keys.add(contexts.of(message));
                    } catch (RuntimeException e) {
                        throw new IllegalStateException(e);
                    }
                });
        return keys;
    }

    /// Fresh nonces of this signer.
    Statement nonces(int signer, SigningRequest request, int attempt) {
        return nonces(signer, request, attempt, head(1));
    }

    Statement nonces(int signer, SigningRequest request, int attempt, JournalHead head) {
        GroupFixture.Owner owner = fixture.owner(signer);
        MusigRounds made =
                new MusigRounds(signer(owner), request, attempt, signer, fixture.group.size());
        MusigRounds old = rounds.put(signer, made);
        if (old != null) {
            old.close();
        }
        List<Bytes> nonces = made.makeNonces(keys(request));
        return sign(signer, request.sessionId(), attempt, new Contribution.Nonces(nonces, head));
    }

    /// Fresh rounds of this signer, closed with the others.
    MusigRounds rounds(int signer, SigningRequest request) {
        MusigRounds made =
                new MusigRounds(
                        signer(fixture.owner(signer)), request, 1, signer, fixture.group.size());
        extra.add(made);
        return made;
    }

    /// The partial signatures of this signer, whose nonces were made before.
    ///
    /// @param nonces the nonces of all signers, in order
    Statement partials(int signer, SigningRequest request, int attempt, List<Statement> nonces) {
        MusigRounds own = Objects.requireNonNull(rounds.get(signer), "no nonces were made");
        for (int i = 0; i < nonces.size(); i++) {
            if (i != signer
                    && nonces.get(i).contribution().body() instanceof Contribution.Nonces body
                    && !own.addNonces(i, body.nonces())) {
                throw new IllegalStateException("malformed nonces");
            }
        }
        Bytes hash = NonceSetHash.of(nonces.stream().map(Statement::payload).toList());
        return sign(
                signer, request.sessionId(), attempt, new Contribution.Partials(own.sign(), hash));
    }

    /// The partial signatures that this node has sent so far, of the last attempt.
    List<Bytes> ownPartials() {
        List<Bytes> own = List.of();
        for (EngineOutput output : all) {
            if (output instanceof EngineOutput.Broadcast(Bytes envelope)
                    && statement(envelope).isPresent()
                    && statement(envelope).get().contribution().body()
                            instanceof Contribution.Partials partials) {
                own = partials.partials();
            }
        }
        return own;
    }

    /// The signers other than this node, at the end of an attempt.
    record Others(List<MusigRounds> rounds, List<Member> members) {
        SchnorrSignature aggregate(List<Bytes> partialsOfTheFirst) {
            MusigRounds one = rounds.getFirst();
            if (one.verify(members.getFirst(), partialsOfTheFirst) != MusigRounds.Check.VALID) {
                throw new IllegalStateException("not the first signer's partial signatures");
            }
            return one.aggregate().orElseThrow().getFirst();
        }
    }

    /// Signer 1 with the partial signatures of signer 2.
    Others others(SigningRequest request, List<Statement> nonces) {
        partials(1, request, 1, nonces);
        if (partials(2, request, 1, nonces).contribution().body()
                instanceof Contribution.Partials ofTwo) {
            MusigRounds one = Objects.requireNonNull(rounds.get(1));
            if (one.verify(member(2), ofTwo.partials()) == MusigRounds.Check.VALID) {
                return new Others(List.of(one), List.of(member(0)));
            }
        }
        throw new IllegalStateException("invalid partial signatures");
    }

    /// Brings the session to where this node has sent its nonces.
    public Statement toNonces(SigningRequest request) {
        receive(ready(1, request, 1));
        receive(ready(2, request, 1));
        return sent(Contribution.Nonces.class).orElseThrow();
    }

    // --- outputs of the last input

    List<EngineOutput> last() {
        return last;
    }

    private Optional<Statement> statement(Bytes envelope) {
        try {
            Inbound message =
                    new org.tutti.signing.internal.wire.EnvelopeVerifier(
                                    GroupTable.of(fixture.group), limits)
                            .verify(envelope);
            return message instanceof Statement statement
                    ? Optional.of(statement)
                    : Optional.empty();
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    /// All statements that the engine has sent to all so far.
    List<Statement> said() {
        List<Statement> said = new ArrayList<>();
        for (EngineOutput output : all) {
            if (output instanceof EngineOutput.Broadcast(Bytes envelope)) {
                statement(envelope).ifPresent(said::add);
            }
        }
        return said;
    }

    /// The statement of this kind that the last input made the engine send to all.
    Optional<Statement> sent(Class<? extends Contribution.Body> kind) {
        for (EngineOutput output : last) {
            if (output instanceof EngineOutput.Broadcast(Bytes envelope)) {
                Optional<Statement> statement =
                        statement(envelope).filter(s -> kind.isInstance(s.contribution().body()));
                if (statement.isPresent()) {
                    return statement;
                }
            }
        }
        return Optional.empty();
    }

    /// The envelopes that the last input made the engine send to this member alone.
    List<Bytes> sentTo(int member) {
        List<Bytes> envelopes = new ArrayList<>();
        for (EngineOutput output : last) {
            if (output instanceof EngineOutput.Send(int to, Bytes envelope) && to == member) {
                envelopes.add(envelope);
            }
        }
        return envelopes;
    }

    /// The kinds of outputs of the last input, in order: the record types of entries, the message
    /// kinds of broadcasts, the simple names of the rest.
    List<String> order() {
        List<String> order = new ArrayList<>();
        for (EngineOutput output : last) {
            switch (output) {
                case EngineOutput.Append(JournalRecord record) ->
                        order.add("append " + record.getClass().getSimpleName());
                case EngineOutput.Broadcast(Bytes envelope) ->
                        order.add(
                                "send "
                                        + statement(envelope)
                                                .map(s ->
                                                        s.contribution()
                                                                .body()
                                                                .getClass()
                                                                .getSimpleName())
                                                .orElse("Request"));
                case EngineOutput.Finish _ -> order.add("finish");
                case EngineOutput.AskApproval _ -> order.add("ask");
                case EngineOutput.SaveEvidence _ -> order.add("evidence");
                case EngineOutput.CannotSign _ -> order.add("cannot sign");
                case EngineOutput.HandOver _ -> order.add("hand over");
                case EngineOutput.Send _,
                        EngineOutput.SendToAllConnections _,
                        EngineOutput.Emit _,
                        EngineOutput.HoldChanged _ -> {}
            }
        }
        return order;
    }

    Optional<SessionOutcome> outcome() {
        Optional<SessionOutcome> outcome = Optional.empty();
        for (EngineOutput output : all) {
            if (output instanceof EngineOutput.Finish(SessionOutcome ended)) {
                outcome = Optional.of(ended);
            }
        }
        return outcome;
    }

    SessionOutcome.Aborted aborted() {
        if (outcome().orElseThrow() instanceof SessionOutcome.Aborted aborted) {
            return aborted;
        }
        throw new AssertionError("ended with " + outcome());
    }

    <T extends SessionEvent> List<T> events(Class<T> kind) {
        return all.stream()
                .filter(EngineOutput.Emit.class::isInstance)
                .map(output -> ((EngineOutput.Emit) output).event())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    @Override
    public void close() {
        rounds.values().forEach(MusigRounds::close);
        extra.forEach(MusigRounds::close);
        fixture.close();
    }
}
