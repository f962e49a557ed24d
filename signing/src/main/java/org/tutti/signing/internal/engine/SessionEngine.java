package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.Step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// All signing sessions of one node as a pure state machine: inputs and time in, outputs out.
///
/// It is one file because it is one dispatch: which session, registry or part of the engine each
/// input is for, and what the end of one means for the others.
///
/// It holds the secret nonces of live attempts, and wipes them when an attempt or session ends,
/// when the journal fails and at shutdown. It reads no clock and does no I/O; randomness comes
/// through [Signer]. Not thread-safe.
public final class SessionEngine {
    /// Most sessions that are over, whose partial signatures are sent again to a member that
    /// connects.
    private static final int MAX_RESENT = 64;

    /// Rounds in which waiting sessions try again after one input; what is left waits for the next.
    private static final int MAX_ROUNDS = 8;

    private final EngineContext context;
    private final Map<SessionId, Session> live = new LinkedHashMap<>();

    /// Sessions that have ended here, whose signatures others may complete: until their holds are
    /// settled.
    private final Map<SessionId, Session> learning = new LinkedHashMap<>();

    private final FinishedSessions finished;
    private final EarlyStatements early;
    private @Nullable String refusalCode;

    /// @param head the journal's head
    /// @param replay of the journal up to this head; given to [#restore] too
    public SessionEngine(EngineConfig config, JournalHead head, JournalReplay replay) {
        this.context = new EngineContext(config, head, replay.ownHeads());
        context.liveSessions(live);
        this.finished = new FinishedSessions(config.limits(), config.group().size());
        this.early =
                new EarlyStatements(
                        config.group().size(), config.limits().queues().earlyMessagesPerMember());
    }

    /// Resumes sessions after a restart, and clears the replay. Call once, before any input.
    public List<EngineOutput> restore(JournalReplay replay, EngineTime now) {
        context.begin(now);
        context.recovery().restore(replay.recovery());
        context.presence().restore(replay.agreed(), replay.statementsWithHeads());
        context.recovery().resume();
        replay.settled()
                .forEach(settled ->
                        context.holds()
                                .restoreKey(
                                        settled,
                                        context.running().plus(replay.keyTakenFor(settled))));
        Map<SessionId, JournalReplay.ReplayedSession> sessions = replay.sessions();
        finished.forgot(replay.forgotten());
        if (context.recovery().isRecovering()) {
            restoreHandedOver(sessions);
        }
        // First what is over: what goes on must find what is held.
        sessions.values().stream()
                .filter(known -> known.end() != null || known.expired())
                .forEach(this::restoreEnded);
        sessions.values().stream()
                .filter(known -> known.end() == null && !known.expired())
                .forEach(known -> keep(Session.resume(context, known)));
        boolean refused = replay.refused();
        replay.clear();
        settleWaiting();
        if (refused) {
            cannotSign();
        }
        return context.outputs();
    }

    /// SAFETY 34: all sessions of a journal that must not be used yet are handed over. One whose
    /// entries a crash cut off is not known, if the last one is not there that binds its hold: it
    /// is handed over again. Otherwise it is over, as if its end had been written.
    private void restoreHandedOver(Map<SessionId, JournalReplay.ReplayedSession> sessions) {
        sessions.values().removeIf(known -> !known.bindsHold());
        sessions.replaceAll((id, known) -> {
            if (known.end() != null) {
                return known;
            }
            JournalRecord end = new JournalRecord.Ended(id, JournalRecord.Ended.HANDED_OVER);
            context.append(end);
            return known.endedBy(end);
        });
    }

    /// As [#restore(JournalReplay, EngineTime)], by a wall clock that nobody sets.
    public List<EngineOutput> restore(JournalReplay replay, Instant now) {
        return restore(replay, EngineTime.of(now));
    }

    /// The crash may have come after the journal's entry and before the report to listener and
    /// requester: signatures are reported again, at each start until the request expires and what
    /// it holds is settled.
    private void restoreEnded(JournalReplay.ReplayedSession known) {
        Inbound.Request request = known.request();
        JournalRecord end =
                known.end() == null
                        ? new JournalRecord.Ended(
                                request.request().sessionId(), AbortCode.EXPIRED.name())
                        : known.end();
        Completion completion = completion(request, end, known.sign() != null);
        Session session = Session.over(context, known, completion);
        if (completion.outcome() instanceof SessionOutcome.Signed signed) {
            context.emit(
                    new SessionEvent.Signed(context.now(), request.request(), signed.signatures()));
            context.holds().ended(session.id(), true, context.running());
            context.tell(
                    EngineOutput.HoldChanged.Change.SIGNED,
                    request.request(),
                    known.hold(),
                    signed.signatures());
        } else {
            context.holds().ended(session.id(), false, context.running());
            context.tell(
                    EngineOutput.HoldChanged.Change.UNKNOWN,
                    request.request(),
                    known.sign() == null ? Hold.NONE : known.hold(),
                    List.of());
        }
        context.output(new EngineOutput.Finish(completion.outcome()));
        remember(session, completion);
    }

    private Completion completion(
            Inbound.Request request, JournalRecord end, boolean partialsLeft) {
        SessionId id = request.request().sessionId();
        return switch (end) {
            case JournalRecord.Final fin -> {
                List<SchnorrSignature> signatures =
                        fin.signatures().stream().map(SchnorrSignature::new).toList();
                yield new Completion(
                        new SessionOutcome.Signed(id, signatures), fin.signatures(), Bytes.EMPTY);
            }
            case JournalRecord.Ended ended -> {
                String reason = "ended before the restart";
                Bytes closing =
                        context.envelopeSigner
                                .sign(
                                        id,
                                        1,
                                        new Contribution.Abort(ended.code(), List.of(), reason))
                                .envelope();
                yield new Completion(
                        new SessionOutcome.Aborted(
                                id,
                                context.self(),
                                ended.code(),
                                List.of(),
                                List.of(),
                                List.of(),
                                reason,
                                Optional.empty(),
                                partialsLeft),
                        List.of(),
                        closing);
            }
            case JournalRecord.Ready _,
                    JournalRecord.Sign _,
                    JournalRecord.Settled _,
                    JournalRecord.ConflictAllowed _,
                    JournalRecord.Started _,
                    JournalRecord.Refused _,
                    JournalRecord.Agreed _,
                    JournalRecord.OfRecovery _,
                    JournalRecord.OfSnapshot _ ->
                    throw new IllegalArgumentException("not the end of a session");
        };
    }

    /// Handles one input. The outputs must be performed in order; see [EngineOutput.Append] for the
    /// order of journal and messages.
    ///
    /// Deadlines are looked at before the input is: what has expired is not signed, whatever comes
    /// first after the machine slept.
    public List<EngineOutput> handle(EngineInput input, EngineTime now) {
        context.begin(now);
        tick();
        if (!isOfAnotherGroup(input)) {
            act(input);
        }
        context.presence().act();
        settleWaiting();
        return context.outputs();
    }

    /// Each group's engine is given its own messages. One of another group, whose members and
    /// numbers are others, does nothing here whoever passes it in.
    private boolean isOfAnotherGroup(EngineInput input) {
        return (input instanceof EngineInput.Received(Inbound message) && isOfAnotherGroup(message))
                || (input instanceof EngineInput.HandedOver handedOver
                        && isOfAnotherGroup(handedOver.message()));
    }

    private boolean isOfAnotherGroup(Inbound message) {
        return !message.group().id().equals(context.group.id());
    }

    private void act(EngineInput input) {
        switch (input) {
            case EngineInput.LocalRequest(SigningRequest request) -> receiveLocal(request);
            case EngineInput.Received(Inbound.Greeting greeting) -> receive(greeting);
            case EngineInput.Received(Inbound.Challenged challenged) ->
                    context.presence().receive(challenged);
            case EngineInput.Received(Inbound.Answered answered) ->
                    context.presence().receive(answered);
            case EngineInput.Received(Inbound.Consented consented) ->
                    context.recovery().receive(consented);
            case EngineInput.Received(Inbound.HandOverAsked asked) -> handOver(asked);
            case EngineInput.Received(Inbound.HandedOver message) ->
                    context.drop(message.author(), DropReason.OUT_OF_PHASE);
            case EngineInput.HandedOver(Inbound.HandedOver message, List<Hold> holds) ->
                    context.recovery().receive(message, holds, handedOverSessions());
            case EngineInput.Consent(int member, Bytes journal) -> consent(member, journal);
            case EngineInput.Received(Inbound.Request request) -> receive(request);
            case EngineInput.Received(Inbound.Statement statement) -> receive(statement);
            case EngineInput.Rejected(int member, DropReason reason) ->
                    context.drop(context.group.member(member), reason);
            case EngineInput.OtherGroup(int member, Bytes group) ->
                    context.presence().otherGroup(member, group);
            case EngineInput.Decided decided -> {
                Session session = live.get(decided.session());
                if (session != null) {
                    run(session, () -> session.decide(decided.decision()));
                }
            }
            case EngineInput.TakeStep(SessionId id, Step step) -> {
                Session session = live.get(id);
                if (session != null) {
                    run(session, () -> session.take(step));
                }
            }
            case EngineInput.PeerConnected(int member) -> connected(member);
            case EngineInput.Settle(SessionId id, Bytes outcome) -> settle(id, outcome);
            case EngineInput.AllowConflict(SessionId id) -> {
                if (context.holds().allowConflict(id)) {
                    context.append(new JournalRecord.ConflictAllowed(id));
                }
            }
            case EngineInput.AcceptClock _ -> context.acceptClock();
            case EngineInput.Tick _ -> {}
            case EngineInput.JournalFailed(String message) -> {
                context.emit(new SessionEvent.JournalFailed(context.now(), message));
                close("JOURNAL_FAILED", AbortCode.JOURNAL_FAILED, "the journal cannot be written");
            }
            case EngineInput.GroupDropped _ ->
                    close("GROUP_DROPPED", AbortCode.GROUP_DROPPED, "this node has left the group");
            case EngineInput.Shutdown _ ->
                    close("SHUTTING_DOWN", AbortCode.SHUTTING_DOWN, "the node stops");
        }
    }

    /// As [#handle(EngineInput, EngineTime)], by a wall clock that nobody sets.
    public List<EngineOutput> handle(EngineInput input, Instant now) {
        return handle(input, EngineTime.of(now));
    }

    private void connected(int member) {
        context.presence().connected(member);
        live.values().forEach(session -> session.resend(member));
        learning.values().stream()
                .limit(MAX_RESENT)
                .forEach(session -> session.resendPartials(member));
    }

    private void settle(SessionId id, Bytes outcome) {
        HoldEntry entry = context.holds().settle(id, context.running());
        if (entry == null) {
            return;
        }
        learning.remove(id);
        context.holds().rememberOutcome(entry, outcome);
        // A wall clock that is behind must not free the key early: all signers were ready for the
        // request, so that it was not made in their future.
        Instant now = context.now();
        Instant created = entry.request.created();
        context.append(
                new JournalRecord.Settled(
                        id,
                        entry.requester,
                        entry.request.idempotencyKey(),
                        entry.hold.content(),
                        (now.isBefore(created) ? created : now).plus(HoldRegistry.KEY_KEPT),
                        outcome));
        context.tell(EngineOutput.HoldChanged.Change.SETTLED, entry.request, entry.hold, List.of());
        context.resourcesFreed();
    }

    /// Sessions that wait for what others held try again, in rounds: one that comes first may take
    /// from another.
    private void settleWaiting() {
        reap();
        for (int round = 0; round < MAX_ROUNDS && context.takeResourcesFreed(); round++) {
            for (Session session : new ArrayList<>(live.values())) {
                run(session, session::retry);
            }
            reap();
        }
    }

    /// Removes the sessions that have ended, by whatever step of another.
    private void reap() {
        for (Session session : liveWhere(session -> session.completion().isPresent())) {
            session.completion().ifPresent(completion -> over(session, completion));
        }
    }

    /// A copy, because what is done to one may remove others. Mostly empty: this runs at each
    /// input, and allocates nothing then.
    private List<Session> liveWhere(Predicate<Session> condition) {
        List<Session> found = List.of();
        for (Session session : live.values()) {
            if (condition.test(session)) {
                if (found.isEmpty()) {
                    found = new ArrayList<>();
                }
                found.add(session);
            }
        }
        return found;
    }

    /// Wipes every secret nonce, in whatever state the engine is: after an error, from which on it
    /// must not be used any more.
    public void wipe() {
        live.values().forEach(Session::wipe);
    }

    /// Whether this node holds the resource for a session with which no conflict is allowed.
    /// Threads: any.
    public boolean isHeld(Bytes resource) {
        return context.holds().isHeld(resource);
    }

    /// The settled holds of this node's own requests with this key. Threads: any.
    public List<SettledHold> settled(Bytes idempotencyKey) {
        return context.holds().settled(context.self().index(), idempotencyKey);
    }

    /// How long the next [EngineInput.Tick] may wait, if any is needed.
    public Optional<Duration> untilNextDeadline(EngineTime now) {
        Instant running = context.runningAt(now);
        return nextDeadline()
                .map(due -> due.isAfter(running) ? Duration.between(running, due) : Duration.ZERO);
    }

    /// The latest time for the next [EngineInput.Tick], if any is needed, by the clock of
    /// [EngineContext#running].
    public Optional<Instant> nextDeadline() {
        return Optional.of(earliestDeadline()).filter(due -> !due.equals(Instant.MAX));
    }

    /// Whether an [EngineInput.Tick] is needed now.
    public boolean isDue(EngineTime now) {
        return !context.runningAt(now).isBefore(earliestDeadline());
    }

    private Instant earliestDeadline() {
        Instant earliest = context.presence().nextDeadline();
        for (Session session : live.values()) {
            Instant due = session.nextDeadline();
            earliest = due.isBefore(earliest) ? due : earliest;
        }
        return earliest;
    }

    /// How many of this member's messages were dropped for this reason.
    public long dropped(Member member, DropReason reason) {
        return context.dropped(member.index(), reason);
    }

    /// The sessions that have not ended.
    public List<LiveSession> liveSessions() {
        return live.values().stream().map(Session::live).toList();
    }

    /// What was asked for in the sessions that have not ended.
    public List<SigningRequest> liveRequests() {
        return live.values().stream().map(session -> session.request().request()).toList();
    }

    /// This node as a member.
    Member self() {
        return context.self();
    }

    /// What is known of each member, in group order.
    public List<MemberState> memberStates() {
        return context.presence().states();
    }

    Recovery recovery() {
        return context.recovery();
    }

    int earlySessionsOf(int member) {
        return early.sessionsOf(member);
    }

    int finishedSessions() {
        return finished.size();
    }

    // --- requests

    private void receiveLocal(SigningRequest request) {
        SessionId id = request.sessionId();
        String stopped = whySignsNothing();
        Optional<String> refusal =
                stopped != null
                        ? Optional.of(stopped)
                        : admit(request, context.self()).map(SessionEngine::code);
        if (refusal.isPresent()
                || live.containsKey(id)
                || finished.contains(id)
                || learning.containsKey(id)) {
            context.output(
                    new EngineOutput.Finish(
                            new SessionOutcome.Refused(
                                    id,
                                    context.self(),
                                    refusal.orElse("DUPLICATE"),
                                    "this node does not start the session",
                                    false)));
            return;
        }
        Inbound.Request signed = context.envelopeSigner.sign(request);
        context.output(new EngineOutput.Broadcast(signed.envelope()));
        open(signed);
    }

    /// What its caller is told: also of a rejection that is not sent to others.
    private static String code(Admission.Rejection rejection) {
        return rejection.code().isEmpty() ? rejection.reason().name() : rejection.code();
    }

    private @Nullable String whySignsNothing() {
        return refusalCode == null && context.recovery().isRecovering()
                ? AbortCode.RECOVERING.name()
                : refusalCode;
    }

    /// May be this node's own request, which others resend after a restart that came before its
    /// journal entry. No Ready for it has left this node then, so it is treated like any other.
    private void receive(Inbound.Request request) {
        SessionId id = request.request().sessionId();
        Member author = request.author();
        if (live.containsKey(id)) {
            context.drop(author, DropReason.DUPLICATE);
        } else if (finished.contains(id) || learning.containsKey(id)) {
            context.drop(author, DropReason.SESSION_OVER);
        } else if (refusalCode != null) {
            context.drop(author, DropReason.JOURNAL_FAILED);
            refuse(id, refusalCode, "this node has stopped signing");
        } else if (context.recovery().isRecovering()) {
            context.drop(author, DropReason.RECOVERING);
            refuse(id, AbortCode.RECOVERING.name(), "this node's journal was lost");
        } else {
            Optional<Admission.Rejection> rejection = admit(request.request(), author);
            if (rejection.isEmpty()) {
                open(request);
            } else {
                context.drop(author, rejection.get().reason());
                if (!rejection.get().code().isEmpty()) {
                    refuse(id, rejection.get().code(), rejection.get().message());
                }
            }
        }
    }

    private Optional<Admission.Rejection> admit(SigningRequest request, Member requester) {
        Admission.Load all = Admission.Load.of(live.values());
        Admission.Load own =
                Admission.Load.of(
                        live.values().stream()
                                .filter(session -> session.request().author().equals(requester))
                                .toList());
        boolean room =
                finished.hasRoomFor(requester.index(), all.sessions(), own.sessions(), context);
        Optional<Admission.Rejection> rejection = Admission.check(context, request, all, own, room);
        // SAFETY 30: signed again in attempt 1, it would convict this node of equivocation.
        return rejection.isEmpty() && finished.mayHaveForgotten(request.expires())
                ? Optional.of(
                        new Admission.Rejection(
                                DropReason.EXPIRED,
                                "BAD_TIMES",
                                "it may have ended before this node's clock was set back"))
                : rejection;
    }

    /// Sent to all, because all wait for this node's Ready.
    private void refuse(SessionId id, String code, String reason) {
        Inbound.Statement refusal =
                context.envelopeSigner.sign(id, 1, new Contribution.Refuse(code, reason));
        context.output(new EngineOutput.Broadcast(refusal.envelope()));
    }

    private void open(Inbound.Request request) {
        SessionId id = request.request().sessionId();
        Session session = Session.open(context, request);
        keep(session);
        for (Inbound.Statement statement : early.take(id)) {
            if (live.containsKey(id)) {
                run(session, () -> session.receive(statement));
            }
        }
    }

    // --- greetings

    /// SAFETY 3: a member shows the highest head of this node's journal that this node has signed
    /// for it. If the journal does not have it, it went back, or is another one: then nothing is
    /// signed with it any more, because this node may have forgotten what it did.
    private void receive(Inbound.Greeting greeting) {
        Member author = greeting.author();
        if (author.equals(context.self())) {
            return;
        }
        Optional<Inbound.Statement> remembered = greeting.remembered().filter(this::isNotInJournal);
        if (remembered.isPresent()) {
            context.append(new JournalRecord.Refused(remembered.get().envelope()));
            context.emit(new SessionEvent.JournalWentBack(context.now(), author));
            cannotSign();
            return;
        }
        if (context.presence().hasMissed(greeting)) {
            connected(author.index());
        }
        if (context.presence().receive(greeting)) {
            connected(author.index());
        }
    }

    /// Whether it is a statement of this node with a head that its journal does not have.
    private boolean isNotInJournal(Inbound.Statement statement) {
        return statement.author().equals(context.self())
                && statement.contribution().body() instanceof Contribution.WithHead withHead
                && !context.ownHeads().has(withHead.head())
                && !context.recovery().isOfEarlierJournal(withHead.head());
    }

    private void cannotSign() {
        String code = AbortCode.JOURNAL_WENT_BACK.name();
        String reason =
                "this node's journal went back, or is not the one that was used: the others remember"
                        + " more of it. Nothing is signed with it any more";
        close(code, AbortCode.JOURNAL_WENT_BACK, reason);
        context.output(new EngineOutput.CannotSign(code, reason));
    }

    // --- lost journals

    /// From here on until the member has recovered nothing is signed, so that what is handed over
    /// is all.
    private void consent(int member, Bytes journal) {
        if (context.recovery().consent(member, journal)) {
            for (Session session : new ArrayList<>(live.values())) {
                run(
                        session,
                        () ->
                                session.abort(
                                        AbortCode.RECOVERING,
                                        List.of(context.group.member(member)),
                                        "a signer's journal was lost"));
            }
        }
    }

    private void handOver(Inbound.HandOverAsked asked) {
        int member = asked.author().index();
        Bytes journal = asked.request().journal();
        if (!context.recovery().mayHandOver(member, journal)) {
            context.drop(asked.author(), DropReason.OUT_OF_PHASE);
            return;
        }
        if (context.presence().asksTooMuch(asked.author())) {
            return; // It asks again, as after a part that was lost.
        }
        Bytes after = asked.request().after();
        context.output(new EngineOutput.HandOver(member, journal, after, partialsOfOthers(after)));
    }

    /// Of the sessions of the next part: those with the lowest ids, as many as a part may have.
    private Map<SessionId, List<Bytes>> partialsOfOthers(Bytes after) {
        TreeMap<Bytes, Session> next = new TreeMap<>();
        learning.forEach((id, session) -> {
            if (after.isEmpty() || id.bytes().compareTo(after) > 0) {
                next.put(id.bytes(), session);
                if (next.size() > HandOver.MAX_SESSIONS) {
                    next.pollLastEntry();
                }
            }
        });
        Map<SessionId, List<Bytes>> partials = new LinkedHashMap<>();
        next.values().forEach(one -> partials.put(one.id(), one.partialsOfOthers()));
        return partials;
    }

    private Recovery.Sessions handedOverSessions() {
        return new Recovery.Sessions() {
            @Override
            public boolean has(SessionId id) {
                return finished.contains(id) || learning.containsKey(id) || live.containsKey(id);
            }

            @Override
            public void restore(JournalReplay.ReplayedSession known) {
                restoreEnded(known);
            }

            @Override
            public void learn(Member from, Inbound.HandedOver.Session known) {
                Session session = learning.get(known.request().request().sessionId());
                if (session == null) {
                    return;
                }
                if (known.signatures().isEmpty()) {
                    known.partials()
                            .forEach(partials -> run(session, () -> session.receive(partials)));
                } else {
                    run(session, () -> session.receiveSignatures(from, known.signatures()));
                }
            }
        };
    }

    /// How far this node's own recovery is, if its journal was lost.
    public Optional<RecoveryStatus> recoveryStatus() {
        return context.recovery().status();
    }

    // --- statements

    private void receive(Inbound.Statement statement) {
        SessionId id = statement.contribution().session();
        Member author = statement.author();
        if (!context.presence().mayTake(statement)) {
            context.drop(author, DropReason.UNKNOWN_PROCESS);
            return;
        }
        Session session = live.get(id);
        Session ended = learning.get(id);
        if (session != null) {
            run(session, () -> session.receive(statement));
        } else if (ended != null) {
            learn(ended, statement);
        } else if (finished.contains(id)) {
            context.drop(author, DropReason.SESSION_OVER);
            answer(id, statement);
        } else if (!early.keep(statement)) {
            context.drop(author, DropReason.UNKNOWN_SESSION);
        }
    }

    private void learn(Session ended, Inbound.Statement statement) {
        run(ended, () -> ended.receive(statement));
        if (ended.mayLearn()) {
            context.drop(statement.author(), DropReason.SESSION_OVER);
            if (finished.contains(ended.id())) {
                answer(ended.id(), statement);
            }
        }
    }

    /// SAFETY 13: a peer that asks again after completion gets the stored answer. Only messages of
    /// signers that still work on the session are answered, so that two finished nodes never answer
    /// each other.
    private void answer(SessionId id, Inbound.Statement statement) {
        boolean working =
                switch (statement.contribution().body()) {
                    case Contribution.OncePerAttempt _, Contribution.RetransmissionRequest _ ->
                            true;
                    case Contribution.Refuse _,
                            Contribution.Abort _,
                            Contribution.NonceSet _,
                            Contribution.Final _ ->
                            false;
                };
        if (!working) {
            return;
        }
        int to = statement.author().index();
        Completion completion = finished.answer(id, to);
        if (completion == null) {
            context.drop(statement.author(), DropReason.TOO_MANY_ANSWERS);
        } else if (!completion.signatures().isEmpty()) {
            Contribution.Final body = new Contribution.Final(completion.signatures());
            context.output(
                    new EngineOutput.Send(to, context.envelopeSigner.sign(id, 1, body).envelope()));
        } else if (!completion.closing().isEmpty()) {
            context.output(new EngineOutput.Send(to, completion.closing()));
        }
    }

    // --- time and completions

    private void tick() {
        for (Session session : liveWhere(Session::isDue)) {
            run(session, session::tick);
        }
    }

    /// SAFETY 22: an error in one session ends that session, not the node.
    @SuppressWarnings("CatchAndPrintStackTrace")
    private void run(Session session, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            session.abort(
                    AbortCode.INTERNAL,
                    List.of(),
                    "internal error: " + e.getClass().getSimpleName());
        }
        session.completion().ifPresent(completion -> over(session, completion));
    }

    private void over(Session session, Completion completion) {
        if (live.remove(session.id()) != null) {
            remember(session, completion);
        } else if (!session.mayLearn() && learning.remove(session.id()) != null) {
            finished.learned(session.id(), completion);
        }
    }

    private void keep(Session session) {
        Optional<Completion> completion = session.completion();
        if (completion.isPresent()) {
            remember(session, completion.get());
        } else {
            live.put(session.id(), session);
        }
    }

    private void remember(Session session, Completion completion) {
        SigningRequest request = session.request().request();
        finished.add(
                request.sessionId(),
                session.request().author().index(),
                completion,
                request.expires(),
                context.toRunning(request.expires()));
        if (session.mayLearn()) {
            learning.put(session.id(), session);
        }
    }

    private void close(String refusal, AbortCode code, String reason) {
        refusalCode = refusal;
        live.values().forEach(session -> session.suspend(code, reason));
        live.clear();
        // SAFETY 3: their partial signatures may be those whose entry could not be written.
        learning.clear();
    }
}
