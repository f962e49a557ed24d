package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.SessionState.Phase;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound;
import org.tutti.signing.wire.Inbound.Statement;
import org.tutti.signing.wire.WireException;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One live session: approving → readiness → nonces → partial signatures → ended.
///
/// Here are the ways in: a decision, a message, the time; and the attempts. What happens in a phase
/// is in [Readiness] and [Signing], lost messages are in [Retransmission], signers that saw
/// different nonces in [NonceSets], the ways to end in [Completions]. Belongs to the engine's
/// thread.
final class Session {
    private final EngineContext context;
    private final SessionState state;
    private final Readiness readiness;
    private final NonceSets nonceSets;
    private final Signing signing;
    private final Retransmission retransmission;
    private final PendingAttempts pendingAttempts;
    private int failedAttempts;

    private Session(SessionState state, long[] minimumCounts, List<Bytes> resendable) {
        this.context = state.context;
        this.state = state;
        this.readiness = new Readiness(state, minimumCounts);
        this.nonceSets = new NonceSets(state);
        this.signing = new Signing(state, nonceSets);
        this.retransmission = new Retransmission(state, resendable);
        this.pendingAttempts = new PendingAttempts(context.limits, context.group.size());
    }

    /// A session that is new here; asks for approval.
    ///
    /// @param fresh the request was made right now: every Ready of others will answer it, so none
    ///   may tell less of its journal than is known now
    static Session open(EngineContext context, Inbound.Request request, boolean fresh) {
        long[] minimumCounts = fresh ? context.heads.counts() : new long[context.group.size()];
        Session session =
                new Session(new SessionState(context, request, 1), minimumCounts, List.of());
        session.state.setDeadline(context.timeouts.readiness());
        context.emit(
                new SessionEvent.Announced(context.now(), request.request(), request.author()));
        context.output(
                new EngineOutput.AskApproval(
                        request.request(), request.author(), session.state.deadline));
        return session;
    }

    /// SAFETY 2: a session of before a restart goes on with fresh nonces under a new attempt
    /// number. It was approved: its Ready is in the journal.
    ///
    /// @param lastAttempt the highest that may have been announced
    /// @param restarts how often the session was gone on with before
    /// @param resendable own envelopes of an attempt that was signed in: they may be sent again, as
    ///   they are
    static Session resume(
            EngineContext context,
            Inbound.Request request,
            int lastAttempt,
            int restarts,
            List<Bytes> resendable) {
        SessionState state = new SessionState(context, request, lastAttempt + 1);
        state.restarts = restarts + 1;
        Session session = new Session(state, new long[context.group.size()], resendable);
        state.completions.journaled();
        context.emit(new SessionEvent.Resumed(context.now(), request.request(), lastAttempt + 1));
        if (restarts >= context.limits.attempts()) {
            session.abort(
                    AbortCode.ATTEMPTS_EXHAUSTED,
                    List.of(),
                    "this node was restarted too often in this session");
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

    Optional<Completion> completion() {
        return state.completions.completion();
    }

    /// When this session wants to be looked at.
    Instant nextDeadline() {
        return SessionState.earlier(state.requestMissingAt, state.deadline);
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
        if (author.equals(context.self())) {
            context.drop(author, DropReason.DUPLICATE);
            return;
        }
        switch (statement.contribution().body()) {
            case Contribution.Refuse(String code, String reason) ->
                    state.completions.refused(author, code, reason, statement.envelope());
            case Contribution.Abort abort -> abortedBy(author, abort, statement.envelope());
            case Contribution.Final fin -> signing.finishedElsewhere(author, fin);
            case Contribution.RetransmissionRequest wanted ->
                    retransmission.answer(statement, wanted);
            case Contribution.NonceSet _ -> nonceSets.receive(statement);
            case Contribution.Ready _, Contribution.Nonces _, Contribution.Partials _ ->
                    receiveSlotted(statement);
        }
    }

    /// What the other shows as proof is heard like any message that is passed on: if it convicts,
    /// it convicts here, with evidence of this node's own. A claim alone blames nobody.
    private void abortedBy(Member author, Contribution.Abort abort, Bytes envelope) {
        for (Bytes proof : abort.proof()) {
            receiveProof(author, proof);
        }
        if (!state.over()) {
            state.completions.abortedBy(author, abort, envelope);
        }
    }

    private void receiveProof(Member messenger, Bytes envelope) {
        try {
            if (context.envelopeVerifier.verify(envelope) instanceof Statement shown
                    && shown.contribution().session().equals(id())
                    && shown.contribution().attempt() == state.attempt.number
                    && mayProve(shown.contribution().body())) {
                receive(shown);
            }
        } catch (WireException e) {
            context.drop(messenger, e.reason());
        }
    }

    private static boolean mayProve(Contribution.Body body) {
        return switch (body) {
            case Contribution.Ready _,
                    Contribution.Nonces _,
                    Contribution.Partials _,
                    Contribution.NonceSet _ ->
                    true;
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    false;
        };
    }

    /// A message that its author may say once in an attempt.
    private void receiveSlotted(Statement statement) {
        Member author = statement.author();
        int number = statement.contribution().attempt();
        if (number < state.attempt.number) {
            // Too late for the attempt, but what it tells of its author's journal still holds.
            JournalCheck.contradicts(state, statement);
            context.drop(author, DropReason.STALE_ATTEMPT);
            return;
        }
        if (number > state.attempt.number) {
            receiveFromLaterAttempt(statement);
            return;
        }
        if (tooEarly(statement.contribution().body())) {
            context.drop(author, DropReason.OUT_OF_PHASE);
            return;
        }
        if (tooLarge(statement)) {
            context.drop(author, DropReason.MALFORMED);
            return;
        }
        Statement known = slotOf(statement).get(author.index());
        if (known == null) {
            accept(statement);
        } else if (known.payload().equals(statement.payload())) {
            context.drop(author, DropReason.DUPLICATE);
        } else {
            state.equivocated(author, known.envelope(), statement.envelope());
        }
    }

    /// A signer in a later attempt than this node.
    private void receiveFromLaterAttempt(Statement statement) {
        Member author = statement.author();
        boolean ready = statement.contribution().body() instanceof Contribution.Ready;
        if (!ready || statement.contribution().attempt() > PendingAttempts.MAX_NUMBER) {
            context.drop(author, DropReason.FUTURE_ATTEMPT);
            return;
        }
        Optional<Statement> other = pendingAttempts.keep(statement);
        if (other.isPresent()) {
            state.equivocated(author, other.get().envelope(), statement.envelope());
            return;
        }
        pendingAttempts
                .follow(state.attempt.number)
                .ifPresentOrElse(
                        this::failAttempt, () -> context.drop(author, DropReason.FUTURE_ATTEMPT));
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
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    false;
        };
    }

    private boolean tooLarge(Statement statement) {
        return statement.contribution().body() instanceof Contribution.Nonces
                && statement.envelope().length()
                        > Admission.nonceEnvelopeBytes(state.request.request());
    }

    private Attempt.Slots slotOf(Statement statement) {
        return switch (statement.contribution().body()) {
            case Contribution.Ready _ -> state.attempt.ready;
            case Contribution.Nonces _ -> state.attempt.nonces;
            case Contribution.Partials _ -> state.attempt.partials;
            case Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
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
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
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
        if (!context.now().isBefore(state.request.request().expires())) {
            abort(AbortCode.EXPIRED, state.holdouts(), "the request has expired");
        } else if (!context.now().isBefore(state.deadline)) {
            switch (state.phase) {
                case APPROVING -> state.refuse("APPROVAL_TIMEOUT", "no decision in time");
                case READINESS ->
                        abort(AbortCode.NO_ANSWER, silent(), "not everyone was ready in time");
                case NONCES, PARTIALS -> failAttempt(state.attempt.number + 1);
            }
        } else if (!context.now().isBefore(state.requestMissingAt)) {
            state.requestMissingAt = Instant.MAX;
            retransmission.ask();
        }
    }

    /// Who is not ready. Those who are, in an attempt that this node did not follow them to, are
    /// named only when there is nobody else to name.
    private List<Member> silent() {
        List<Member> holdouts = state.holdouts();
        List<Member> silent =
                holdouts.stream().filter(member -> !pendingAttempts.isAhead(member)).toList();
        return silent.isEmpty() ? holdouts : silent;
    }

    private void failAttempt(int next) {
        List<Member> missing = state.holdouts();
        if (state.phase == Phase.NONCES || state.phase == Phase.PARTIALS) {
            context.emit(
                    new SessionEvent.AttemptFailed(
                            context.now(), id(), state.attempt.number, missing));
            // One that somebody gave up before it had half of its time is not counted: whoever
            // raises the number again and again must not use up what all have.
            boolean asked = state.requestMissingAt.equals(Instant.MAX);
            failedAttempts += context.now().isBefore(state.requestMissingAt) && !asked ? 0 : 1;
        }
        if (failedAttempts >= context.limits.attempts()) {
            abort(AbortCode.ATTEMPTS_EXHAUSTED, missing, "the last attempt failed");
            return;
        }
        // SAFETY 2: unspent nonces of the old attempt are wiped; the new one gets fresh ones.
        state.attempt.close();
        state.attempt = new Attempt(next, context.group.size());
        if (state.phase != Phase.APPROVING) {
            readiness.becomeReady();
        }
        for (Statement ready : pendingAttempts.take(next)) {
            if (!state.over() && state.attempt.number == next) {
                receive(ready);
            }
        }
        signing.advance();
        if (!state.over()) {
            pendingAttempts.follow(state.attempt.number).ifPresent(this::failAttempt);
        }
    }

    /// Everything that a member may have missed.
    void resend(int to) {
        retransmission.resend(to);
    }

    void abort(AbortCode code, List<Member> culprits, String reason) {
        state.abort(code, culprits, reason);
    }

    /// Ends here, and goes on at the next start.
    void suspend(AbortCode code, String reason) {
        state.completions.suspend(code, reason);
    }
}
