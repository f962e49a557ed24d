package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All signing sessions of one node as a pure state machine: inputs and time in, outputs out.
///
/// It holds the secret nonces of live attempts, and wipes them when an attempt or session ends,
/// when the journal fails and at shutdown. It reads no clock and does no I/O; randomness comes
/// through [Signer]. Not thread-safe.
public final class SessionEngine {
    private final EngineContext context;
    private final Map<SessionId, Session> live = new LinkedHashMap<>();
    private final FinishedSessions finished;
    private final EarlyStatements early;
    private @Nullable String refusalCode;

    /// @param head the journal's head
    public SessionEngine(EngineConfig config, JournalHead head) {
        this.context = new EngineContext(config, head);
        this.finished = new FinishedSessions(config.limits(), config.group().size());
        this.early =
                new EarlyStatements(
                        config.group().size(), config.limits().queues().earlyMessagesPerMember());
    }

    /// Resumes sessions after a restart, and clears the replay. Call once, before any input.
    public List<EngineOutput> restore(JournalReplay replay, Instant now) {
        context.begin(now);
        replay.heads().forEach(context.heads::restore);
        replay.sessions()
                .forEach((id, known) -> {
                    JournalRecord end = known.end;
                    if (end == null) {
                        List<Bytes> resendable =
                                JournalReplay.resendable(known, context.self().index());
                        keep(
                                Session.resume(
                                        context,
                                        known.request,
                                        known.attempt,
                                        known.restarts,
                                        resendable));
                    } else {
                        reportAgain(known.request, completion(known.request, end));
                    }
                });
        replay.clear();
        return context.outputs();
    }

    /// The crash may have come after the journal's entry and before the report to listener and
    /// requester: signatures are reported again, once at each start until the request expires.
    private void reportAgain(Inbound.Request request, Completion completion) {
        if (completion.outcome() instanceof SessionOutcome.Signed signed) {
            context.emit(
                    new SessionEvent.Signed(context.now(), request.request(), signed.signatures()));
        }
        context.output(new EngineOutput.Finish(completion.outcome()));
        remember(request, completion);
    }

    private Completion completion(Inbound.Request request, JournalRecord end) {
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
                                true),
                        List.of(),
                        closing);
            }
            case JournalRecord.Ready _, JournalRecord.Sign _ ->
                    throw new IllegalArgumentException("not the end of a session");
        };
    }

    /// Handles one input. The outputs must be performed in order; see [EngineOutput.Append] for the
    /// order of journal and messages.
    public List<EngineOutput> handle(EngineInput input, Instant now) {
        context.begin(now);
        switch (input) {
            case EngineInput.LocalRequest(SigningRequest request) -> receiveLocal(request);
            case EngineInput.Received(Inbound.Request request) -> receive(request);
            case EngineInput.Received(Inbound.Statement statement) -> receive(statement);
            case EngineInput.Rejected(int member, DropReason reason) ->
                    context.drop(context.group.member(member), reason);
            case EngineInput.Decided decided -> {
                Session session = live.get(decided.session());
                if (session != null) {
                    run(session, () -> session.decide(decided.decision()));
                }
            }
            case EngineInput.PeerConnected(int member) ->
                    live.values().forEach(session -> session.resend(member));
            case EngineInput.Tick _ -> tick();
            case EngineInput.JournalFailed(String message) -> {
                context.emit(new SessionEvent.JournalFailed(now, message));
                close("JOURNAL_FAILED", AbortCode.JOURNAL_FAILED, "the journal cannot be written");
            }
            case EngineInput.Shutdown _ ->
                    close("SHUTTING_DOWN", AbortCode.SHUTTING_DOWN, "the node stops");
        }
        return context.outputs();
    }

    /// The latest time for the next [EngineInput.Tick], if any is needed.
    public Optional<Instant> nextDeadline() {
        return live.values().stream().map(Session::nextDeadline).min(Instant::compareTo);
    }

    /// How many of this member's messages were dropped for this reason.
    public long dropped(Member member, DropReason reason) {
        return context.dropped(member.index(), reason);
    }

    /// Live sessions: id, attempt and phase.
    public List<LiveSession> liveSessions() {
        return live.values().stream()
                .map(session ->
                        new LiveSession(session.id(), session.attemptNumber(), session.phaseName()))
                .toList();
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
        Optional<String> refusal =
                refusalCode != null
                        ? Optional.of(refusalCode)
                        : admit(request, context.self()).map(Admission.Rejection::code);
        if (refusal.isPresent() || live.containsKey(id) || finished.contains(id)) {
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
        open(signed, true);
    }

    /// May be this node's own request, which others resend after a restart that came before its
    /// journal entry. No Ready for it has left this node then, so it is treated like any other.
    private void receive(Inbound.Request request) {
        SessionId id = request.request().sessionId();
        Member author = request.author();
        if (live.containsKey(id)) {
            context.drop(author, DropReason.DUPLICATE);
        } else if (finished.contains(id)) {
            context.drop(author, DropReason.SESSION_OVER);
        } else if (refusalCode != null) {
            context.drop(author, DropReason.JOURNAL_FAILED);
            refuse(id, refusalCode, "this node has stopped signing");
        } else {
            Optional<Admission.Rejection> rejection = admit(request.request(), author);
            if (rejection.isEmpty()) {
                open(request, false);
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
                finished.hasRoomFor(
                        requester.index(), all.sessions(), own.sessions(), context.now());
        return Admission.check(context, request, all, own, room);
    }

    /// Sent to all, because all wait for this node's Ready.
    private void refuse(SessionId id, String code, String reason) {
        Inbound.Statement refusal =
                context.envelopeSigner.sign(id, 1, new Contribution.Refuse(code, reason));
        context.output(new EngineOutput.Broadcast(refusal.envelope()));
    }

    private void open(Inbound.Request request, boolean fresh) {
        SessionId id = request.request().sessionId();
        Session session = Session.open(context, request, fresh);
        keep(session);
        for (Inbound.Statement statement : early.take(id)) {
            if (live.containsKey(id)) {
                run(session, () -> session.receive(statement));
            }
        }
    }

    // --- statements

    private void receive(Inbound.Statement statement) {
        SessionId id = statement.contribution().session();
        Member author = statement.author();
        Session session = live.get(id);
        if (session != null) {
            run(session, () -> session.receive(statement));
        } else if (finished.contains(id)) {
            context.drop(author, DropReason.SESSION_OVER);
            answer(id, statement);
        } else if (!early.keep(statement)) {
            context.drop(author, DropReason.UNKNOWN_SESSION);
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
        for (Session session : new ArrayList<>(live.values())) {
            if (!context.now().isBefore(session.nextDeadline())) {
                run(session, session::tick);
            }
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
        session.completion()
                .ifPresent(completion -> {
                    live.remove(session.id());
                    remember(session.request(), completion);
                });
    }

    private void keep(Session session) {
        Optional<Completion> completion = session.completion();
        if (completion.isPresent()) {
            remember(session.request(), completion.get());
        } else {
            live.put(session.id(), session);
        }
    }

    private void remember(Inbound.Request request, Completion completion) {
        finished.add(
                request.request().sessionId(),
                request.author().index(),
                completion,
                request.request().expires().plus(context.limits.requests().clockSkew()));
    }

    private void close(String refusal, AbortCode code, String reason) {
        refusalCode = refusal;
        live.values().forEach(session -> session.suspend(code, reason));
        live.clear();
    }
}
