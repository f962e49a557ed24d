package org.tutti.coordinator.session;

import org.tutti.bytes.Bytes;
import org.tutti.coordinator.approval.Decision;
import org.tutti.coordinator.group.Member;
import org.tutti.coordinator.request.SessionId;
import org.tutti.coordinator.session.SessionState.Phase;
import org.tutti.coordinator.wire.Contribution;
import org.tutti.coordinator.wire.DropReason;
import org.tutti.coordinator.wire.Inbound;
import org.tutti.coordinator.wire.Inbound.Statement;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One live session: approving → readiness → nonces → partial signatures → ended.
///
/// Here are the ways in: a decision, a message, the time; and the attempts. What happens in a phase
/// is in [Readiness] and [Signing], lost messages are in [Help], signers that saw different nonces
/// in [Views], the ways to end in [Endings]. Belongs to the engine's thread.
final class Session {
    private final Desk desk;
    private final SessionState state;
    private final Readiness readiness;
    private final Views views;
    private final Signing signing;
    private final Help help;

    private Session(SessionState state, long[] requestFloors, List<Bytes> leftover) {
        this.desk = state.desk;
        this.state = state;
        this.readiness = new Readiness(state, requestFloors);
        this.views = new Views(state);
        this.signing = new Signing(state, views);
        this.help = new Help(state, leftover);
    }

    /// A session that is new here; asks for approval.
    ///
    /// @param fresh the request was made right now: every Ready of others will answer it, so none
    ///   may tell less of its journal than is known now
    static Session open(Desk desk, Inbound.Request request, boolean fresh) {
        long[] floors = fresh ? desk.heads.floors() : new long[desk.group.size()];
        Session session = new Session(new SessionState(desk, request, 1), floors, List.of());
        session.state.setDeadline(desk.timeouts.readiness());
        desk.emit(new SessionEvent.Announced(desk.now(), request.request(), request.author()));
        desk.act(
                new Action.AskApproval(
                        request.request(), request.author(), session.state.deadline));
        return session;
    }

    /// SAFETY 2: a session of before a restart goes on with fresh nonces under a new attempt
    /// number. It was approved: its Ready is in the journal.
    ///
    /// @param lastAttempt the highest that may have been announced
    /// @param leftover own envelopes of an attempt that was signed in: they may be sent again, as
    ///   they are
    static Session resume(
            Desk desk, Inbound.Request request, int lastAttempt, List<Bytes> leftover) {
        int next = Math.min(lastAttempt + 1, desk.limits.attempts());
        long[] floors = new long[desk.group.size()];
        Session session = new Session(new SessionState(desk, request, next), floors, leftover);
        session.state.endings.journaled();
        desk.emit(new SessionEvent.Resumed(desk.now(), request.request(), next));
        if (lastAttempt >= desk.limits.attempts()) {
            session.abort(
                    AbortCode.ATTEMPTS_EXHAUSTED,
                    List.of(),
                    "the last attempt was before the restart");
        } else {
            session.decide(new Decision.Approved(request.request().messages()));
        }
        return session;
    }

    SessionId id() {
        return state.id();
    }

    Inbound.Request request() {
        return state.request;
    }

    Optional<Ending> ending() {
        return state.endings.ending();
    }

    /// When this session wants to be looked at.
    Instant nextLook() {
        return SessionState.earlier(state.helpAt, state.deadline);
    }

    int attemptNumber() {
        return state.attempt.number;
    }

    String phaseName() {
        return state.phase.name();
    }

    /// The approval's answer; counts only while it is waited for.
    void decide(Decision decision) {
        if (state.phase == Phase.APPROVING && !state.over()) {
            readiness.decide(decision);
            signing.advance();
        }
    }

    // --- what others say

    void receive(Statement statement) {
        if (state.over()) {
            return;
        }
        Member author = statement.author();
        if (author.equals(desk.self())) {
            desk.drop(author, DropReason.DUPLICATE);
            return;
        }
        switch (statement.contribution().body()) {
            case Contribution.Refuse(String code, String reason) ->
                    state.endings.refused(author, code, reason, statement.envelope());
            case Contribution.Abort abort ->
                    state.endings.abortedBy(author, abort, statement.envelope());
            case Contribution.Final fin -> signing.finishedElsewhere(author, fin);
            case Contribution.Want want -> help.answer(statement, want);
            case Contribution.View _ -> views.receive(statement);
            case Contribution.Ready _, Contribution.Nonces _, Contribution.Partials _ ->
                    slotted(statement);
        }
    }

    /// A message that its author may say once in an attempt.
    private void slotted(Statement statement) {
        Member author = statement.author();
        int number = statement.contribution().attempt();
        if (number < state.attempt.number) {
            desk.drop(author, DropReason.STALE_ATTEMPT);
            return;
        }
        if (number > state.attempt.number) {
            boolean ready = statement.contribution().body() instanceof Contribution.Ready;
            if (!ready || number > desk.limits.attempts()) {
                desk.drop(author, DropReason.FUTURE_ATTEMPT);
                return;
            }
            failAttempt(number);
        }
        if (tooEarly(statement.contribution().body())) {
            desk.drop(author, DropReason.OUT_OF_PHASE);
            return;
        }
        Statement known = slotOf(statement).get(author.index());
        if (known == null) {
            accept(statement);
        } else if (known.payload().equals(statement.payload())) {
            desk.drop(author, DropReason.DUPLICATE);
        } else {
            state.equivocated(author, known.envelope(), statement.envelope());
        }
    }

    /// SAFETY 7: nobody makes nonces before this node is ready, nor signs before it has sent its
    /// nonces.
    private boolean tooEarly(Contribution.Body body) {
        return switch (body) {
            case Contribution.Nonces _ -> state.phase == Phase.APPROVING;
            case Contribution.Partials _ ->
                    state.phase == Phase.APPROVING || state.phase == Phase.READINESS;
            case Contribution.Ready _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    false;
        };
    }

    private Attempt.Slots slotOf(Statement statement) {
        return switch (statement.contribution().body()) {
            case Contribution.Ready _ -> state.attempt.ready;
            case Contribution.Nonces _ -> state.attempt.nonces;
            case Contribution.Partials _ -> state.attempt.partials;
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new IllegalArgumentException("not a message of a phase");
        };
    }

    private void accept(Statement statement) {
        switch (statement.contribution().body()) {
            case Contribution.Ready ready -> readiness.accept(statement, ready);
            case Contribution.Nonces nonces -> signing.acceptNonces(statement, nonces);
            case Contribution.Partials _ -> signing.acceptPartials(statement);
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new IllegalArgumentException("not a message of a phase");
        }
        signing.advance();
    }

    // --- time and attempts

    /// Looks at the clock.
    void tick() {
        if (state.over()) {
            return;
        }
        if (!desk.now().isBefore(state.request.request().expires())) {
            abort(AbortCode.EXPIRED, state.holdouts(), "the request has expired");
        } else if (!desk.now().isBefore(state.deadline)) {
            switch (state.phase) {
                case APPROVING -> state.refuse("APPROVAL_TIMEOUT", "no decision in time");
                case READINESS ->
                        abort(
                                AbortCode.NO_ANSWER,
                                state.holdouts(),
                                "not everyone was ready in time");
                case NONCES, PARTIALS -> nextAttempt();
            }
        } else if (!desk.now().isBefore(state.helpAt)) {
            state.helpAt = Instant.MAX;
            help.ask();
        }
    }

    private void nextAttempt() {
        List<Member> missing = state.holdouts();
        if (state.attempt.number >= desk.limits.attempts()) {
            abort(AbortCode.ATTEMPTS_EXHAUSTED, missing, "the last attempt failed");
        } else {
            failAttempt(state.attempt.number + 1);
        }
    }

    /// SAFETY 2: unspent nonces of the old attempt are wiped; the new one gets fresh ones.
    private void failAttempt(int next) {
        if (state.phase == Phase.NONCES || state.phase == Phase.PARTIALS) {
            desk.emit(
                    new SessionEvent.AttemptFailed(
                            desk.now(), id(), state.attempt.number, state.holdouts()));
        }
        state.attempt.close();
        state.attempt = new Attempt(next, desk.group.size());
        if (state.phase != Phase.APPROVING) {
            readiness.becomeReady();
            signing.advance();
        }
    }

    /// Everything that a member may have missed.
    void resend(int to) {
        help.resend(to);
    }

    void abort(AbortCode code, List<Member> culprits, String reason) {
        state.abort(code, culprits, reason);
    }

    /// Ends here, and goes on at the next start.
    void suspend(AbortCode code, String reason) {
        state.endings.suspend(code, reason);
    }
}
