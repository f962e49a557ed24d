package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.InvalidTweakException;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.Step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// One session: admission (in [Admission]) → approval → its turn for what it holds (in
/// [HoldRegistry]) → readiness → nonces → partial signatures → completion; and after an end without
/// signatures it still learns them, if this node's partial signatures have left.
///
/// What it holds belongs to one attempt: reserved just before this node's Ready, free when the
/// attempt fails, committed for good when the partial signatures leave. A session that comes first
/// takes a resource from one that is in readiness; from one whose attempt has nonces it waits for
/// the attempt's end. The one that loses is refused, if this node never sent nonces for it, because
/// then nobody can have signed; otherwise it waits for another attempt.
///
/// All of it is in one file because it is one state machine: every decision, message and deadline
/// is handled according to the same phase and attempt, and may start the next phase. What does not
/// need that state is elsewhere: the cryptography in [MusigRounds], the messages of an attempt in
/// [Attempt], the rule for following others to later attempts in [PendingAttempts], the comparison
/// of nonce sets in [NonceSets], sending again in [Retransmission], the ways to end in
/// [Completions].
///
/// Used by the engine's thread only.
final class Session {
    /// After so many Finals of one member that do not verify, its next ones are dropped unverified:
    /// each costs the event loop a verification.
    static final int MAX_BAD_FINALS = 3;

    /// The same for partial signatures of an attempt that is over.
    static final int MAX_BAD_LATE_PARTIALS = 3;

    /// In this order; a new attempt goes back to readiness.
    private enum Phase {
        APPROVING,
        /// Approved; another session has what it holds.
        WAITING,
        READINESS,
        NONCES,
        PARTIALS
    }

    private final EngineContext context;
    private final Inbound.Request signedRequest;
    private final SigningRequest request;
    private final int restarts;
    private final EvidenceBuilder evidence;
    private final Completions completions;
    private final PendingAttempts pendingAttempts;
    private final Retransmission retransmission;
    private final int[] badFinals;
    private final int[] badLatePartials;
    private List<KeyAggContext> keys = List.of();
    private Phase phase = Phase.APPROVING;
    private Attempt attempt;

    /// The last attempt before the current one for which this node sent nonces.
    private @Nullable Attempt previous;

    private Hold hold = Hold.NONE;
    private boolean stepwise;
    private boolean noncesSent;

    /// A member has sent partial signatures in an attempt with this node's nonces: it will release
    /// nothing any more.
    private boolean knownPartial;

    private final Instant expires;
    private int failedAttempts;
    private Instant deadline = Instant.MAX;
    private Instant requestMissingAt = Instant.MAX;

    /// @param restarts how often this session was resumed after a restart
    private Session(
            EngineContext context,
            Inbound.Request signedRequest,
            int attemptNumber,
            int restarts,
            List<Bytes> resendable) {
        this.context = context;
        this.signedRequest = signedRequest;
        this.request = signedRequest.request();
        this.restarts = restarts;
        int members = context.group.size();
        this.evidence = new EvidenceBuilder(signedRequest.envelope(), members);
        this.completions = new Completions(context, signedRequest, this::wipe);
        this.pendingAttempts = new PendingAttempts(context.limits, members);
        this.retransmission = new Retransmission(context, signedRequest.envelope(), resendable);
        this.badFinals = new int[members];
        this.badLatePartials = new int[members];
        this.attempt = newAttempt(context, request, attemptNumber);
        this.noncesSent = attemptNumber > 1;
        this.expires = context.toRunning(request.expires());
    }

    private static Attempt newAttempt(EngineContext context, SigningRequest request, int number) {
        int members = context.group.size();
        MusigRounds rounds =
                new MusigRounds(context.signer, request, number, context.self().index(), members);
        return new Attempt(number, rounds, members);
    }

    /// Opens a session that is new on this node, and asks for its approval.
    static Session open(EngineContext context, Inbound.Request request) {
        Session session = new Session(context, request, 1, 0, List.of());
        session.setDeadline(context.timeouts.readiness());
        context.emit(
                new SessionEvent.Announced(context.now(), request.request(), request.author()));
        context.output(
                new EngineOutput.AskApproval(
                        request.request(), request.author(), session.deadline));
        return session;
    }

    /// SAFETY 2: resumes a session after a restart, with fresh nonces under a new attempt number.
    ///
    /// It was approved, but by the policy and the chain of then: its approval is asked again,
    /// unless this node's partial signatures have left, which no policy takes back.
    static Session resume(EngineContext context, JournalReplay.ReplayedSession known) {
        Session session = replayed(context, known, known.attempt() + 1, known.restarts() + 1);
        SigningRequest request = session.request;
        context.emit(new SessionEvent.Resumed(context.now(), request, known.attempt() + 1));
        if (known.restarts() >= context.limits.attempts().failed()) {
            session.abort(
                    AbortCode.ATTEMPTS_EXHAUSTED,
                    List.of(),
                    "this node was restarted too often in this session");
        } else if (session.completions.havePartialsLeft()) {
            session.decide(new Decision.Approved(request.messages(), known.hold()));
        } else {
            session.setDeadline(context.timeouts.readiness());
            context.output(
                    new EngineOutput.AskApproval(
                            request, session.signedRequest.author(), session.deadline));
        }
        return session;
    }

    /// A session that had ended before the restart, and may still learn its signatures.
    static Session over(
            EngineContext context, JournalReplay.ReplayedSession known, Completion completion) {
        Session session = replayed(context, known, known.attempt(), known.restarts());
        session.completions.restored(completion);
        return session;
    }

    private static Session replayed(
            EngineContext context,
            JournalReplay.ReplayedSession known,
            int attemptNumber,
            int restarts) {
        Inbound.Request request = known.request();
        List<Bytes> resendable = JournalReplay.resendable(known, context.self().index());
        Session session = new Session(context, request, attemptNumber, restarts, resendable);
        session.completions.journaled();
        session.hold = known.hold();
        session.completions.holds(known.hold());
        JournalRecord.Sign sign = known.sign();
        if (sign != null) {
            session.completions.partialsLeft();
            session.restoreSigned(sign);
        }
        if (known.bindsHold() && !known.hold().isNone()) {
            context.holds()
                    .restore(
                            request.request(),
                            request.author().index(),
                            known.hold(),
                            known.conflictAllowed());
            context.tell(
                    EngineOutput.HoldChanged.Change.COMMITTED,
                    request.request(),
                    known.hold(),
                    List.of());
        }
        return session;
    }

    /// Rebuilds the attempt that was signed in, so that the others' partial signatures can still be
    /// verified. No secret nonce comes back.
    private void restoreSigned(JournalRecord.Sign sign) {
        try {
            keys = keysOf(request.messages());
            Attempt signed = newAttempt(context, request, sign.attempt());
            for (Bytes envelope : sign.nonceEnvelopes()) {
                if (context.verification.inner(envelope) instanceof Statement nonces
                        && nonces.contribution().body() instanceof Contribution.Nonces body
                        && signed.rounds.addNonces(nonces.author().index(), body.nonces())) {
                    signed.nonces.put(nonces);
                }
            }
            signed.nonceSetHash = sign.nonceSetHash();
            if (signed.nonces.full()
                    && context.verification.inner(sign.ownPartials()) instanceof Statement own
                    && own.contribution().body() instanceof Contribution.Partials partials
                    && signed.rounds.resume(keys, context.self(), partials.partials())) {
                signed.partials.put(own);
                previous = signed;
            }
        } catch (WireException | InvalidTweakException e) {
            // Written by this program, and verified then: only signatures as a whole will be
            // learned.
            previous = null;
        }
    }

    SessionId id() {
        return request.sessionId();
    }

    Inbound.Request request() {
        return signedRequest;
    }

    Optional<Completion> completion() {
        return completions.completion();
    }

    /// When this session needs a tick.
    Instant nextDeadline() {
        return earlier(requestMissingAt, earlier(deadline, expires));
    }

    /// Whether the request has expired by either clock.
    private boolean expired() {
        return !context.now().isBefore(request.expires()) || !context.running().isBefore(expires);
    }

    /// Whether a deadline has passed.
    boolean isDue() {
        return expired() || !context.running().isBefore(nextDeadline());
    }

    HoldRegistry.Progress progress() {
        return new HoldRegistry.Progress(
                phase == Phase.NONCES || phase == Phase.PARTIALS, knownPartial);
    }

    LiveSession live() {
        return new LiveSession(
                id(), signedRequest.author(), attempt.number, phase.name(), waitedFor());
    }

    // --- approval and readiness: no nonce exists

    /// The approval's answer; ignored unless this node is waiting for it.
    void decide(Decision decision) {
        if (phase != Phase.APPROVING || completions.over()) {
            return;
        }
        switch (decision) {
            case Decision.Refused(String code, String reason) -> refuse(code, reason);
            case Decision.Approved approved -> {
                stepwise = approved.stepwise();
                approve(approved.messages(), approved.hold());
            }
        }
        advance();
    }

    private void approve(List<MessageToSign> messages, Hold held) {
        // SAFETY 14: what is signed is what the approval rebuilt; the request must agree with it.
        if (!messages.equals(request.messages())) {
            refuse("MESSAGES_DIFFER", "the request's messages are not those of its context");
            return;
        }
        try {
            keys = keysOf(messages);
        } catch (InvalidTweakException _) {
            refuse("BAD_TWEAK", "a tweak is invalid for the aggregate key");
            return;
        }
        hold = held;
        completions.holds(held);
        reserve();
    }

    private List<KeyAggContext> keysOf(List<MessageToSign> messages) {
        List<KeyAggContext> tweaked = new ArrayList<>();
        for (MessageToSign message : messages) {
            tweaked.add(context.keyContexts.of(message));
        }
        return tweaked;
    }

    /// Reserves what the session holds, for the current attempt, and becomes ready; or waits, or is
    /// refused.
    ///
    /// Not before every member has said hello to this process, because one of them may show that
    /// its journal went back, and agrees to the terms; nor while there is a copy of one.
    private void reserve() {
        if (!context.presence().complete()) {
            await();
            return;
        }
        HoldRegistry.Claim claim =
                context.holds()
                        .claim(
                                request,
                                signedRequest.author().index(),
                                hold,
                                context::progress,
                                context.running());
        switch (claim) {
            case HoldRegistry.Claim.Granted(List<HoldEntry> displaced) -> {
                displaced.forEach(other -> context.displace(other.request.sessionId()));
                becomeReady();
            }
            case HoldRegistry.Claim.Waits _ -> await();
            case HoldRegistry.Claim.Refused(String code, String reason, boolean lost) -> {
                if (lost && noncesSent) {
                    await();
                } else {
                    refuse(code, reason);
                }
            }
        }
    }

    private void await() {
        if (phase != Phase.WAITING) {
            phase = Phase.WAITING;
            setDeadline(context.timeouts.readiness());
        }
    }

    /// Tries again, after something became free.
    void retry() {
        if (phase == Phase.WAITING && !completions.over()) {
            reserve();
        }
        advance();
    }

    /// Another session that comes first has taken what this one had reserved.
    void displaced() {
        if (completions.over()) {
            return;
        }
        if (noncesSent) {
            // Somebody may have signed it: it waits, and is ready again in the next attempt alone.
            attempt.close();
            attempt = newAttempt(context, request, attempt.number + 1);
            await();
        } else {
            refuse(
                    "CONFLICTING_SESSION",
                    "another session uses the same resources and takes precedence");
        }
    }

    private void becomeReady() {
        phase = Phase.READINESS;
        if (attempt.number > 1) {
            setDeadline(context.timeouts.readiness());
        }
        context.tell(EngineOutput.HoldChanged.Change.RESERVED, request, hold, List.of());
        // SAFETY 2: on disk before it is sent, so that a restarted signer takes a higher attempt
        // and never sends another message in this one.
        boolean known = completions.isJournaled();
        context.append(
                new JournalRecord.Ready(
                        id(),
                        attempt.number,
                        restarts,
                        known ? Bytes.EMPTY : signedRequest.envelope(),
                        hold,
                        known ? 0 : request.expires().toEpochMilli()));
        completions.journaled();
        Statement ready =
                broadcast(
                        new Contribution.Ready(
                                context.signer.attestation(context.now()), context.durableHead()));
        evidence.attested(ready);
        attempt.ready.put(ready);
        context.emit(
                new SessionEvent.ReadySeen(context.now(), id(), context.self(), attempt.number));
    }

    private void accept(Statement statement, Contribution.Ready ready) {
        Member author = statement.author();
        if (!context.attested(author, ready.attestation())) {
            abort(
                    AbortCode.BAD_VOUCH,
                    List.of(author),
                    author + "'s signing key does not attest its peer id");
            return;
        }
        if (ready.attestation().isOver(context.now())) {
            abort(
                    AbortCode.BAD_VOUCH,
                    List.of(author),
                    author + "'s attestation has expired, or this node's clock is wrong");
            return;
        }
        evidence.attested(statement);
        context.presence().observeHead(statement);
        attempt.ready.put(statement);
        context.emit(new SessionEvent.ReadySeen(context.now(), id(), author, attempt.number));
    }

    // --- nonces and partial signatures

    /// Goes to the next phase when everything that this one needs has arrived; to nonces and
    /// partial signatures not while there is a copy of a member.
    private void advance() {
        boolean alone = context.presence().copied().isEmpty();
        if (!completions.over()
                && phase == Phase.READINESS
                && attempt.ready.full()
                && alone
                && mayTake(Step.NONCES, context.timeouts.nonces())) {
            makeNonces();
        }
        if (!completions.over()
                && phase == Phase.NONCES
                && attempt.nonces.full()
                && alone
                && mayTake(Step.PARTIALS, context.timeouts.partials())) {
            sign();
        }
        if (!completions.over() && phase == Phase.PARTIALS && attempt.rounds.allVerified()) {
            finish(attempt.rounds.aggregate());
        }
    }

    /// Whether the attempt goes on by itself, or its user has said so; otherwise it waits for that,
    /// for as long as the phase may take: then it has failed, as if a message had not come.
    private boolean mayTake(Step step, Duration timeout) {
        if (!stepwise || attempt.taken.contains(step)) {
            return true;
        }
        if (attempt.awaited != step) {
            attempt.awaited = step;
            setDeadline(timeout);
            context.emit(new SessionEvent.StepAwaited(context.now(), id(), attempt.number, step));
        }
        return false;
    }

    /// This node's user takes a step; one that is not waited for changes nothing.
    void take(Step step) {
        if (!completions.over() && attempt.awaited == step) {
            attempt.awaited = null;
            attempt.taken.add(step);
            advance();
        }
    }

    /// SAFETY 7: the only place where nonces are made, when every signer is ready.
    private void makeNonces() {
        phase = Phase.NONCES;
        noncesSent = true;
        setDeadline(context.timeouts.nonces());
        context.emit(new SessionEvent.AttemptStarted(context.now(), id(), attempt.number));
        List<Bytes> nonces = attempt.rounds.makeNonces(keys);
        attempt.nonces.put(broadcast(new Contribution.Nonces(nonces, context.durableHead())));
        context.emit(
                new SessionEvent.NoncesSeen(context.now(), id(), context.self(), attempt.number));
    }

    private void accept(Statement statement, Contribution.Nonces nonces) {
        Member author = statement.author();
        if (!attempt.rounds.addNonces(author.index(), nonces.nonces())) {
            badContribution(statement, author + " sent malformed public nonces");
            return;
        }
        context.presence().observeHead(statement);
        attempt.nonces.put(statement);
        context.emit(new SessionEvent.NoncesSeen(context.now(), id(), author, attempt.number));
        if (phase == Phase.READINESS) {
            // Its author has the Ready of all: one is being withheld from this node, and the others
            // will not wait for as long as readiness may take.
            Instant soon = context.running().plus(context.timeouts.nonces().dividedBy(4));
            requestMissingAt = earlier(requestMissingAt, soon);
        }
    }

    private void sign() {
        phase = Phase.PARTIALS;
        setDeadline(context.timeouts.partials());
        attempt.nonceSetHash =
                NonceSetHash.of(attempt.nonces.all().stream().map(Statement::payload).toList());
        Contribution.Partials body =
                new Contribution.Partials(attempt.rounds.sign(), attempt.nonceSetHash);
        Statement partials = context.envelopeSigner.sign(id(), attempt.number, body);
        // SAFETY 3: the journal's entry is made durable before the partial signatures leave.
        context.append(
                new JournalRecord.Sign(
                        id(),
                        attempt.number,
                        request.messages().stream().map(MessageToSign::hash).toList(),
                        attempt.nonces.envelopes(),
                        attempt.rounds.aggregateNonces(),
                        attempt.nonceSetHash,
                        partials.envelope()));
        if (!completions.havePartialsLeft()) {
            completions.partialsLeft();
            context.holds().commit(id());
            context.tell(EngineOutput.HoldChanged.Change.COMMITTED, request, hold, List.of());
        }
        context.output(new EngineOutput.Broadcast(partials.envelope()));
        attempt.partials.put(partials);
        context.emit(
                new SessionEvent.PartialSeen(context.now(), id(), context.self(), attempt.number));
        for (int i = 0; i < context.group.size() && !completions.over(); i++) {
            if (i != context.self().index()) {
                verifyPartials(i);
            }
        }
    }

    private void acceptPartials(Statement statement) {
        attempt.partials.put(statement);
        knownPartial = true;
        if (phase == Phase.PARTIALS) {
            verifyPartials(statement.author().index());
        }
    }

    /// SAFETY 11: verified on arrival, and a bad one identifies its signer. Only partial signatures
    /// made for the nonces that this node has can be verified; otherwise the nonce sets are
    /// compared.
    private void verifyPartials(int index) {
        Statement statement = attempt.partials.get(index);
        if (statement == null
                || !(statement.contribution().body() instanceof Contribution.Partials partials)) {
            return;
        }
        Member author = statement.author();
        if (!partials.nonceSetHash().equals(attempt.nonceSetHash)) {
            sendNonceSet();
            compareNonceSets(index, statement, partials);
            return;
        }
        switch (attempt.rounds.verify(author, partials.partials())) {
            case VALID ->
                    context.emit(
                            new SessionEvent.PartialSeen(
                                    context.now(), id(), author, attempt.number));
            case MALFORMED ->
                    badContribution(statement, author + " sent malformed partial signatures");
            case INVALID ->
                    abort(
                            AbortCode.BAD_PARTIAL,
                            author,
                            author + " sent a partial signature that does not verify",
                            evidence.build(
                                    Evidence.Kind.BAD_PARTIAL,
                                    index,
                                    attempt.nonces.envelopes(),
                                    statement.envelope()));
        }
    }

    private void finish(Optional<List<SchnorrSignature>> signatures) {
        signatures.ifPresentOrElse(
                completions::signed,
                () ->
                        abort(
                                AbortCode.INTERNAL,
                                List.of(),
                                "valid partial signatures made an invalid signature"));
    }

    /// SAFETY 13: the stored answer of a signer that has finished. Only signatures that verify
    /// count.
    private void receiveFinal(Member author, Contribution.Final body) {
        List<SchnorrSignature> signatures =
                body.signatures().stream().map(SchnorrSignature::new).toList();
        if (keys.isEmpty()) {
            context.drop(author, DropReason.OUT_OF_PHASE);
        } else if (badFinals[author.index()] >= MAX_BAD_FINALS) {
            context.drop(author, DropReason.TOO_MANY_ANSWERS);
        } else if (MusigRounds.verifyFinal(request, keys, signatures)) {
            learned(signatures);
        } else {
            badFinals[author.index()]++;
            context.drop(author, DropReason.BAD_FINAL);
        }
    }

    // --- nonce sets: when a signer signed for other nonces than this node has, nobody is blamed
    // yet. All send the nonces that they have, and the signer that signed two different ones is
    // blamed.

    /// Sends this node's nonce set to all, once an attempt.
    private void sendNonceSet() {
        if (attempt.ownNonceSet == null) {
            attempt.ownNonceSet =
                    broadcast(
                            new Contribution.NonceSet(
                                    attempt.nonces.envelopes(), attempt.attestations()));
        }
    }

    private void receiveNonceSet(Statement statement) {
        int index = statement.author().index();
        if (statement.contribution().attempt() != attempt.number) {
            context.drop(statement.author(), DropReason.STALE_ATTEMPT);
        } else if (phase != Phase.NONCES && phase != Phase.PARTIALS) {
            context.drop(statement.author(), DropReason.OUT_OF_PHASE);
        } else if (attempt.nonceSets[index] != null) {
            context.drop(statement.author(), DropReason.DUPLICATE);
        } else if (!fits(statement)) {
            context.drop(statement.author(), DropReason.OVERSIZE);
        } else {
            attempt.nonceSets[index] = statement;
            Statement partials = attempt.partials.get(index);
            if (phase == Phase.PARTIALS
                    && partials != null
                    && partials.contribution().body() instanceof Contribution.Partials body
                    && !body.nonceSetHash().equals(attempt.nonceSetHash)) {
                compareNonceSets(index, partials, body);
            }
        }
    }

    /// A nonce set is not larger than the nonces of this session are, and all that wait for a
    /// comparison have a bound together: a member could otherwise fill the memory with others'
    /// messages.
    private boolean fits(Statement statement) {
        int most = Admission.nonceEnvelopeBytes(request);
        return statement.contribution().body() instanceof Contribution.NonceSet nonceSet
                && nonceSet.envelopes().stream().allMatch(one -> one.length() <= most)
                && context.nonceSetBytes() + statement.envelope().length()
                        <= context.limits.live().nonceSetBytes();
    }

    /// Bytes of the nonce sets that wait for a comparison.
    long nonceSetBytes() {
        long bytes = 0;
        for (Statement nonceSet : attempt.nonceSets) {
            bytes += nonceSet == null ? 0 : nonceSet.envelope().length();
        }
        return bytes;
    }

    private void compareNonceSets(int index, Statement partials, Contribution.Partials body) {
        Statement sent = attempt.nonceSets[index];
        if (sent == null || !(sent.contribution().body() instanceof Contribution.NonceSet other)) {
            return; // It will arrive, or its author is a holdout at the deadline.
        }
        if (!sameProcess(sent, partials)) {
            context.drop(sent.author(), DropReason.OTHER_PROCESS);
            attempt.nonceSets[index] = null; // So that the other process's finds room.
            return;
        }
        List<Statement> own = attempt.nonces.all();
        switch (NonceSets.compare(other, body.nonceSetHash(), own, context.limits.frameBytes())) {
            case NonceSets.Finding.NotTheOneSignedFor _ ->
                    abort(
                            AbortCode.BAD_VIEW,
                            sent.author(),
                            sent.author() + " signed for other nonces than it sent",
                            evidence.build(
                                    Evidence.Kind.BAD_VIEW,
                                    index,
                                    List.of(),
                                    sent.envelope(),
                                    partials.envelope()));
            case NonceSets.Finding.Equivocation(int signer, Bytes otherEnvelope) ->
                    equivocation(
                            context.group.member(signer),
                            own.get(signer).envelope(),
                            otherEnvelope);
            case NonceSets.Finding.TwoProcesses(int signer) ->
                    abort(
                            AbortCode.TWO_PROCESSES,
                            List.of(context.group.member(signer)),
                            context.group.member(signer) + " runs twice, each with its own nonces");
            case NonceSets.Finding.Equal _ -> {}
        }
    }

    // --- messages of others

    void receive(Statement statement) {
        if (completions.over()) {
            learn(statement);
            return;
        }
        Member author = statement.author();
        if (author.equals(context.self())) {
            context.drop(author, DropReason.DUPLICATE);
            return;
        }
        switch (statement.contribution().body()) {
            case Contribution.OncePerAttempt body -> receiveOncePerAttempt(statement, body);
            case Contribution.Notice notice -> receiveNotice(statement, notice);
        }
    }

    private void receiveNotice(Statement statement, Contribution.Notice notice) {
        Member author = statement.author();
        switch (notice) {
            case Contribution.Refuse(String code, String reason) ->
                    completions.refused(author, code, reason, statement.envelope());
            case Contribution.Abort abort -> receiveAbort(author, abort, statement.envelope());
            case Contribution.Final body -> receiveFinal(author, body);
            case Contribution.RetransmissionRequest requested ->
                    retransmission.answer(attempt, statement, requested);
            case Contribution.NonceSet _ -> receiveNonceSet(statement);
        }
    }

    /// The session has ended here, but not what can be known of it.
    private void learn(Statement statement) {
        if (!completions.mayLearn() || statement.author().equals(context.self())) {
            return;
        }
        switch (statement.contribution().body()) {
            case Contribution.Final body -> receiveFinal(statement.author(), body);
            case Contribution.Partials _ -> learnPartials(statement);
            case Contribution.Ready _,
                    Contribution.Nonces _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.NonceSet _,
                    Contribution.RetransmissionRequest _ -> {}
        }
    }

    /// Partial signatures of an attempt that this node signed in and has left. Verifying them costs
    /// more than sending them: after some that are not valid, a member's are not looked at.
    private void learnPartials(Statement statement) {
        Member author = statement.author();
        Attempt signed = signedAttempt(statement.contribution().attempt());
        if (signed == null
                || !(statement.contribution().body() instanceof Contribution.Partials partials)
                || !partials.nonceSetHash().equals(signed.nonceSetHash)
                || signed.rounds.isVerified(author.index())) {
            return;
        }
        if (badLatePartials[author.index()] >= MAX_BAD_LATE_PARTIALS) {
            context.drop(author, DropReason.TOO_MANY_ANSWERS);
            return;
        }
        if (signed.rounds.verify(author, partials.partials()) != MusigRounds.Check.VALID) {
            badLatePartials[author.index()]++;
            context.drop(author, DropReason.BAD_LATE_PARTIALS);
            return;
        }
        signed.partials.put(statement);
        if (signed.rounds.allVerified()) {
            signed.rounds.aggregate().ifPresent(this::learned);
        }
    }

    private void learned(List<SchnorrSignature> signatures) {
        if (completions.over()) {
            completions.learned(signatures);
        } else {
            completions.signed(signatures);
        }
    }

    /// The attempt of this number, if this node signed in it and its messages are still here.
    private @Nullable Attempt signedAttempt(int number) {
        Attempt before = previous;
        if (before != null && before.number == number && !before.nonceSetHash.isEmpty()) {
            return before;
        }
        return attempt.number == number && !attempt.nonceSetHash.isEmpty() ? attempt : null;
    }

    /// The proof is handled like any forwarded message: if it proves a fault, it does so to this
    /// node too, which makes its own evidence. A claim alone blames nobody.
    private void receiveAbort(Member author, Contribution.Abort abort, Bytes envelope) {
        for (Bytes proof : abort.proof()) {
            receiveProof(author, proof);
        }
        if (!completions.over()) {
            completions.abortedBy(author, abort, envelope);
        }
    }

    private void receiveProof(Member sender, Bytes envelope) {
        try {
            if (context.verification.inner(envelope) instanceof Statement proof
                    && proof.contribution().session().equals(id())
                    && proof.contribution().attempt() == attempt.number
                    && mayProveAFault(proof.contribution().body())) {
                receive(proof);
            }
        } catch (WireException e) {
            context.drop(sender, e.reason());
        }
    }

    private static boolean mayProveAFault(Contribution.Body body) {
        return switch (body) {
            case Contribution.OncePerAttempt _, Contribution.NonceSet _ -> true;
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    false;
        };
    }

    private void receiveOncePerAttempt(Statement statement, Contribution.OncePerAttempt body) {
        Member author = statement.author();
        int number = statement.contribution().attempt();
        if (body instanceof Contribution.WithHead withHead
                && context.recovery().isReplaced(author.index(), withHead.head())) {
            context.drop(author, DropReason.REPLACED_JOURNAL);
            return;
        }
        if (number < attempt.number) {
            if (body instanceof Contribution.Partials && !completions.over()) {
                receiveLatePartials(statement);
            }
            context.drop(author, DropReason.STALE_ATTEMPT);
            return;
        }
        if (number > attempt.number) {
            receiveOfLaterAttempt(statement, body);
            return;
        }
        if (tooEarly(body.phase())) {
            context.drop(author, DropReason.OUT_OF_PHASE);
            return;
        }
        if (body instanceof Contribution.Nonces
                && statement.envelope().length() > Admission.nonceEnvelopeBytes(request)) {
            context.drop(author, DropReason.MALFORMED);
            return;
        }
        Statement known = attempt.slots(body.phase()).get(author.index());
        if (known == null) {
            accept(statement, body);
        } else if (known.payload().equals(statement.payload())) {
            context.drop(author, DropReason.DUPLICATE);
        } else if (!sameProcess(known, statement)) {
            context.drop(author, DropReason.OTHER_PROCESS);
        } else {
            equivocation(author, known.envelope(), statement.envelope());
        }
    }

    /// Two processes with one identity (a copy, or one started again after its clock was set back)
    /// may honestly contradict each other: that is not equivocation.
    private static boolean sameProcess(Statement one, Statement two) {
        return one.contribution().boot().equals(two.contribution().boot());
    }

    /// They may complete the attempt that they are for; and their author, at any rate, gives up
    /// nothing of what it holds.
    private void receiveLatePartials(Statement statement) {
        Attempt before = previous;
        if (before == null || before.number != statement.contribution().attempt()) {
            return;
        }
        learnPartials(statement);
        if (!completions.over() && !knownPartial) {
            knownPartial = true;
            retry();
        }
    }

    private void accept(Statement statement, Contribution.OncePerAttempt body) {
        switch (body) {
            case Contribution.Ready ready -> accept(statement, ready);
            case Contribution.Nonces nonces -> accept(statement, nonces);
            case Contribution.Partials _ -> acceptPartials(statement);
        }
        advance();
    }

    /// SAFETY 7: nobody makes nonces before this node is ready, nor signs before it has sent its
    /// nonces.
    private boolean tooEarly(Contribution.Phase ofMessage) {
        return switch (ofMessage) {
            case READY -> false;
            case NONCES -> phase == Phase.APPROVING || phase == Phase.WAITING;
            case PARTIALS ->
                    phase == Phase.APPROVING || phase == Phase.WAITING || phase == Phase.READINESS;
        };
    }

    /// A message of a signer that is ahead of this node.
    private void receiveOfLaterAttempt(Statement statement, Contribution.OncePerAttempt body) {
        Member author = statement.author();
        if (!(body instanceof Contribution.Ready)
                || statement.contribution().attempt() > PendingAttempts.MAX_NUMBER) {
            context.drop(author, DropReason.FUTURE_ATTEMPT);
            return;
        }
        Optional<Statement> other = pendingAttempts.keep(statement);
        if (other.isPresent() && !sameProcess(other.get(), statement)) {
            context.drop(author, DropReason.OTHER_PROCESS);
            return;
        }
        if (other.isPresent()) {
            equivocation(author, other.get().envelope(), statement.envelope());
            return;
        }
        pendingAttempts
                .follow(attempt.number)
                .ifPresentOrElse(
                        this::failAttempt, () -> context.drop(author, DropReason.FUTURE_ATTEMPT));
    }

    // --- time and attempts

    /// Handles a deadline that has passed.
    void tick() {
        if (completions.over()) {
            return;
        }
        if (expired()) {
            abort(AbortCode.EXPIRED, waitedFor(), "the request has expired");
        } else if (!context.running().isBefore(deadline)) {
            switch (phase) {
                case APPROVING -> refuse("APPROVAL_TIMEOUT", "no decision in time");
                case WAITING -> endOfWaiting();
                case READINESS -> {
                    if (attempt.awaited == null) {
                        endOfReadiness();
                    } else {
                        failAttempt(attempt.number + 1);
                    }
                }
                case NONCES, PARTIALS -> failAttempt(attempt.number + 1);
            }
        } else if (!context.running().isBefore(requestMissingAt)) {
            requestMissingAt = Instant.MAX;
            requestMissing();
        }
    }

    private void endOfReadiness() {
        if (context.presence().copied().isEmpty()) {
            abort(AbortCode.NO_ANSWER, silent(), "not every signer was ready in time");
        } else {
            abortForCopies();
        }
    }

    private void abortForCopies() {
        abort(
                AbortCode.TWO_PROCESSES,
                context.presence().copied(),
                "two processes with the identity of a signer are there");
    }

    private void endOfWaiting() {
        Presence presence = context.presence();
        if (!presence.ungreeted().isEmpty()) {
            abort(AbortCode.NO_ANSWER, presence.ungreeted(), "not every signer has said hello");
        } else if (!presence.copied().isEmpty()) {
            abortForCopies();
        } else if (!presence.differing().isEmpty()) {
            abort(
                    AbortCode.TERMS_DIFFER,
                    presence.differing(),
                    "not every signer has the same terms of the group");
        } else if (!context.recovery().recovering().isEmpty()) {
            abort(
                    AbortCode.RECOVERING,
                    context.recovery().recovering(),
                    "not every signer's journal may be used yet");
        } else if (noncesSent) {
            abort(
                    AbortCode.NO_ANSWER,
                    List.of(),
                    "what it holds did not become free in time on this node");
        } else {
            refuse("CONFLICTING_SESSION", "another session had the same for too long");
        }
    }

    /// Halfway to the deadline: asks for missing messages, and sends this node's own again to the
    /// members that are not ready, which may have missed the request.
    private void requestMissing() {
        if (attempt.awaited != null) {
            return; // Nothing is missing but this node's user.
        }
        List<Integer> missing = holdouts().stream().map(Member::index).toList();
        switch (phase) {
            case APPROVING, WAITING -> {}
            case READINESS -> {
                missing.forEach(this::resend);
                requestMissing(Contribution.Phase.READY, missing);
            }
            case NONCES -> requestMissing(Contribution.Phase.NONCES, missing);
            case PARTIALS -> requestMissing(Contribution.Phase.PARTIALS, missing);
        }
    }

    private void requestMissing(Contribution.Phase ofMessages, List<Integer> missing) {
        broadcast(new Contribution.RetransmissionRequest(ofMessages, missing));
    }

    /// Sends everything that a member may have missed.
    void resend(int to) {
        retransmission.resend(attempt, to);
    }

    private void setDeadline(Duration timeout) {
        deadline = earlier(context.running().plus(timeout), expires);
        requestMissingAt = context.running().plus(timeout.dividedBy(2));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /// The members whose messages are missing; this one, where its user is waited for.
    private List<Member> holdouts() {
        if (attempt.awaited != null) {
            return List.of(context.self());
        }
        return IntStream.range(0, context.group.size())
                .filter(i ->
                        switch (phase) {
                            case APPROVING, WAITING, READINESS -> attempt.ready.get(i) == null;
                            case NONCES -> attempt.nonces.get(i) == null;
                            case PARTIALS -> !attempt.rounds.isVerified(i);
                        })
                .mapToObj(context.group::member)
                .toList();
    }

    /// Whom the session has waited for: the members whose messages are missing, or if there are
    /// none those that are there twice.
    private List<Member> waitedFor() {
        List<Member> holdouts = holdouts();
        return holdouts.isEmpty() ? context.presence().copied() : holdouts;
    }

    /// The members that are not ready. Those that are ready in a later attempt, to which this node
    /// did not follow, are blamed only if there is nobody else to blame.
    private List<Member> silent() {
        List<Member> holdouts = holdouts();
        List<Member> silent =
                holdouts.stream().filter(member -> !pendingAttempts.isAhead(member)).toList();
        return silent.isEmpty() ? holdouts : silent;
    }

    private void failAttempt(int next) {
        List<Member> missing = waitedFor();
        if (phase == Phase.NONCES || phase == Phase.PARTIALS || attempt.awaited != null) {
            context.emit(
                    new SessionEvent.AttemptFailed(context.now(), id(), attempt.number, missing));
            // An attempt that another signer left before half of its time does not count: a member
            // that keeps raising the number must not use up the attempts of the session.
            boolean asked = requestMissingAt.equals(Instant.MAX);
            failedAttempts += context.running().isBefore(requestMissingAt) && !asked ? 0 : 1;
        }
        if (failedAttempts >= context.limits.attempts().failed()) {
            abort(AbortCode.ATTEMPTS_EXHAUSTED, missing, "the last attempt failed");
            return;
        }
        // SAFETY 2: unspent nonces of the old attempt are wiped; the new one gets fresh ones.
        attempt.close();
        if (phase == Phase.NONCES || phase == Phase.PARTIALS) {
            previous = attempt;
        }
        attempt = newAttempt(context, request, next);
        if (phase != Phase.APPROVING) {
            context.holds().releaseAttempt(id());
            context.resourcesFreed();
            reserve();
        }
        for (Statement ready : pendingAttempts.take(next)) {
            if (!completions.over() && attempt.number == next) {
                receive(ready);
            }
        }
        advance();
        if (!completions.over()) {
            pendingAttempts.follow(attempt.number).ifPresent(this::failAttempt);
        }
    }

    // --- sending and ending

    /// Signs a message of the current attempt and sends it to all.
    private Statement broadcast(Contribution.Body body) {
        Statement statement = context.envelopeSigner.sign(id(), attempt.number, body);
        context.output(new EngineOutput.Broadcast(statement.envelope()));
        return statement;
    }

    private void refuse(String code, String reason) {
        Statement refusal = broadcast(new Contribution.Refuse(code, reason));
        completions.refused(context.self(), code, reason, refusal.envelope());
    }

    private void badContribution(Statement statement, String reason) {
        abort(
                AbortCode.BAD_CONTRIBUTION,
                statement.author(),
                reason,
                evidence.build(
                        Evidence.Kind.BAD_CONTRIBUTION,
                        statement.author().index(),
                        List.of(),
                        statement.envelope()));
    }

    /// SAFETY 8: two different messages for the same slot are proof of equivocation.
    private void equivocation(Member culprit, Bytes one, Bytes two) {
        abort(
                AbortCode.EQUIVOCATION,
                culprit,
                culprit + " signed two different messages for one slot",
                evidence.build(Evidence.Kind.EQUIVOCATION, culprit.index(), List.of(), one, two));
    }

    private void abort(AbortCode code, Member culprit, String reason, Optional<Evidence> proof) {
        completions.abort(attempt.number, code, culprit, reason, proof);
    }

    void abort(AbortCode code, List<Member> observed, String reason) {
        completions.abort(attempt.number, code, observed, reason);
    }

    /// Whether it has ended, and may still learn its signatures.
    boolean mayLearn() {
        return completions.mayLearn() && !hold.isNone();
    }

    /// What this node sent of a session that is over: members that have signed too may complete the
    /// signatures from it.
    void resendPartials(int to) {
        Attempt before = previous == null ? attempt : previous;
        Statement own = before.partials.get(context.self().index());
        if (own != null) {
            context.output(new EngineOutput.Send(to, own.envelope()));
        }
    }

    /// The others' partial signatures of the last attempt that this node signed in, as far as they
    /// are here.
    List<Bytes> partialsOfOthers() {
        Attempt signed = previous == null ? attempt : previous;
        return IntStream.range(0, context.group.size())
                .filter(member -> member != context.self().index())
                .mapToObj(signed.partials::get)
                .filter(Objects::nonNull)
                .map(Statement::envelope)
                .toList();
    }

    /// Signatures that another signer has, not verified.
    void receiveSignatures(Member from, List<Bytes> signatures) {
        if (mayLearn()) {
            receiveFinal(from, new Contribution.Final(signatures));
        }
    }

    /// Wipes its secret nonces.
    void wipe() {
        attempt.close();
    }

    /// Ends the session on this node until the next start.
    void suspend(AbortCode code, String reason) {
        completions.suspend(code, reason);
    }
}
