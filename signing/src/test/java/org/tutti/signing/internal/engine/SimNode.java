package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// One signer of a simulated group: the real engine, group commit and journal, without threads.
final class SimNode {
    /// The process dies here.
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    final SimGroup sim;
    final Member member;
    final PrivateKey identity;
    final SecretKey key;
    final List<SessionEvent> events = new ArrayList<>();
    final Map<SessionId, SessionOutcome> outcomes = new HashMap<>();
    final Map<String, Bytes> evidence = new HashMap<>();
    final List<EngineOutput.HoldChanged> holds = new ArrayList<>();
    final ArrayDeque<EngineInput> todo = new ArrayDeque<>();
    Function<SigningRequest, @Nullable Decision> approval =
            request -> new Decision.Approved(request.messages());
    MemoryJournalFiles file;

    /// What a request that is handed over holds.
    Function<SigningRequest, Hold> holdOf = _ -> Hold.NONE;

    private int journals;

    /// Why it can no longer sign; empty while it can.
    String stopped = "";

    private @Nullable SessionEngine engine;
    private @Nullable GroupEngine groupEngine;
    private @Nullable GroupCommit commit;
    private @Nullable EnvelopeSigner envelopeSigner;
    private @Nullable Signer signer;

    SimNode(
            SimGroup sim,
            Member member,
            PrivateKey identity,
            SecretKey key,
            MemoryJournalFiles file) {
        this.sim = sim;
        this.member = member;
        this.identity = identity;
        this.key = key;
        this.file = file;
    }

    boolean alive() {
        return engine != null;
    }

    int index() {
        return member.index();
    }

    SessionEngine engine() {
        if (engine == null) {
            throw new IllegalStateException("not running");
        }
        return engine;
    }

    EnvelopeSigner envelopeSigner() {
        if (envelopeSigner == null) {
            throw new IllegalStateException("not running");
        }
        return envelopeSigner;
    }

    Signer signer() {
        if (signer == null) {
            throw new IllegalStateException("not running");
        }
        return signer;
    }

    KeyAttestation attestation() {
        return signer().attestation(sim.now);
    }

    void start() {
        startAlone();
        if (alive()) {
            sim.connected(this);
        }
    }

    /// Starts without a connection to anybody.
    void startAlone() {
        stopped = "";
        try {
            JournalState state = new JournalState(JournalRetention.of(sim.limits), sim.now);
            Journal journal = Journal.open(file, this::journalId, state);
            Bytes boot = sim.boot();
            JournalRecord.Started started = new JournalRecord.Started(boot);
            Bytes group = sim.group.id();
            journal.append(group, List.of(started));
            journal.force();
            state.accept(new JournalEntry(group, started), journal.head(group));
            JournalReplay replay = new JournalReplay(sim.group, sim.limits, state);
            envelopeSigner = new EnvelopeSigner(member, identity, sim.group, boot);
            signer =
                    sim.watch.watch(
                            new KeySigner(
                                    key,
                                    RequestGroup.of(sim.group),
                                    member.peerId(),
                                    sim.secureRandom));
            EngineConfig config =
                    new EngineConfig(
                                    sim.group,
                                    envelopeSigner,
                                    signer,
                                    sim.timeouts,
                                    sim.limits,
                                    GroupFixture.TERMS,
                                    Path.of("evidence"),
                                    evidence.keySet())
                            .withRelay(sim.overRelay);
            SessionEngine fresh = new SessionEngine(config, journal.head(group), replay);
            engine = fresh;
            GroupEngine freshEngine = new GroupEngine(group, fresh, this::perform);
            GroupCommit freshCommit = new GroupCommit(List.of(freshEngine), journal);
            groupEngine = freshEngine;
            commit = freshCommit;
            orDie(() ->
                    freshCommit.perform(
                            freshEngine.outputs(fresh.restore(replay, sim.now)), sim.now));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void handle(EngineInput... batch) {
        SessionEngine running = engine;
        GroupEngine of = groupEngine;
        GroupCommit committing = commit;
        if (running == null || of == null || committing == null) {
            return;
        }
        orDie(() -> {
            List<EngineOutput> outputs = new ArrayList<>();
            for (EngineInput input : batch) {
                outputs.addAll(running.handle(input, sim.now));
            }
            committing.perform(of.outputs(outputs), sim.now);
        });
    }

    private void orDie(Runnable step) {
        try {
            step.run();
        } catch (Killed _) {
            die();
        }
    }

    /// Loses its memory, and what was not forced.
    void die() {
        engine = null;
        commit = null;
        todo.clear();
        sim.watch.died(member.signingKey());
        file.crash();
        sim.disconnected(this);
    }

    /// The disk is lost, and the operator makes a new journal to go on with, if the others consent.
    void loseJournal(boolean earlierUnknown) {
        die();
        journals++;
        file = new MemoryJournalFiles(true);
        append(new JournalRecord.Recovering(earlierUnknown));
    }

    /// Puts an earlier journal back, while it does not run.
    void restore(MemoryJournalFiles earlier) {
        file = earlier;
    }

    /// Writes an entry while it does not run.
    void append(JournalRecord record) {
        JournalState state = new JournalState(JournalRetention.of(sim.limits), sim.now);
        try (Journal journal = Journal.open(file, this::journalId, state)) {
            journal.append(sim.group.id(), List.of(record));
            journal.force();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What its journal has.
    List<JournalRecord> records() {
        try {
            return TestJournals.records(file.backup());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The id of its journal.
    Bytes journal() {
        return journalId();
    }

    private void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int to, Bytes envelope) -> sim.send(this, to, envelope);
            case EngineOutput.SendToAllConnections(int to, Bytes envelope) -> {
                if (to != index()) {
                    sim.send(this, to, envelope);
                }
            }
            case EngineOutput.Broadcast(Bytes envelope) -> {
                for (int to = 0; to < sim.group.size(); to++) {
                    if (to != index()) {
                        sim.send(this, to, envelope);
                    }
                }
            }
            case EngineOutput.AskApproval ask -> {
                Decision decision = approval.apply(ask.request());
                if (decision != null) {
                    todo.add(new EngineInput.Decided(ask.request().sessionId(), decision));
                }
            }
            case EngineOutput.Emit(SessionEvent event) -> events.add(event);
            case EngineOutput.SaveEvidence(String name, Bytes content) ->
                    evidence.put(name, content);
            case EngineOutput.HoldChanged changed -> holds.add(changed);
            case EngineOutput.HandOver question -> handOver(question);
            case EngineOutput.CannotSign(String code, String _) -> stopped = code;
            case EngineOutput.Finish(SessionOutcome outcome) -> {
                if (outcome instanceof SessionOutcome.Signed) {
                    sim.requireWritten(this, outcome.sessionId());
                }
                outcomes.put(outcome.sessionId(), outcome);
            }
            case EngineOutput.Append _ -> throw new IllegalStateException("not for the outside");
        }
    }

    private void handOver(EngineOutput.HandOver question) {
        try {
            JournalState state = new JournalState(JournalRetention.of(sim.limits), sim.now);
            Journal.open(file.backup(), this::journalId, state).close();
            HandOver part =
                    new HandOvers(sim.group.id(), index(), state.group(sim.group.id()))
                            .next(
                                    question.member(),
                                    question.journal(),
                                    question.after(),
                                    question.partials());
            sim.send(this, question.member(), envelopeSigner().handOver(part));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Bytes journalId() {
        Bytes id = member.signingKey().bytes().slice(1, JournalHead.JOURNAL_ID_BYTES);
        return Bytes.concat(id, Bytes.wrap(new byte[] {(byte) journals}));
    }

    @Override
    public String toString() {
        return "node " + index();
    }
}
