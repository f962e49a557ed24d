package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All signing sessions of one node as a pure state machine: events and time in, actions out.
///
/// It holds the secret nonces of live attempts, and wipes them when an attempt or session ends,
/// when the journal fails and at shutdown. It reads no clock and does no input or output;
/// randomness comes through [Signer]. Not for several threads.
public final class SessionEngine {
    private final EngineContext desk;
    private final Map<SessionId, Session> live = new LinkedHashMap<>();
    private final FinishedSessions finished;
    private final EarlyStatements early;
    private @Nullable String closedBecause;

    /// @param head where the journal stands
    public SessionEngine(EngineConfig config, JournalHead head) {
        this.desk = new EngineContext(config, head);
        this.finished = new FinishedSessions(config.limits(), config.group().size());
        this.early =
                new EarlyStatements(
                        config.group().size(), config.limits().earlyMessagesPerMember());
    }

    /// Goes on after a restart, and empties the memory. Call once, before any event.
    public List<EngineOutput> restore(JournalReplay memory, Instant now) {
        desk.begin(now);
        memory.heads().forEach(desk.heads::restore);
        memory.sessions()
                .forEach((id, known) -> {
                    JournalRecord end = known.end;
                    if (end == null) {
                        List<Bytes> leftover = JournalReplay.leftover(known, desk.self().index());
                        keep(
                                Session.resume(
                                        desk,
                                        known.request,
                                        known.attempt,
                                        known.restarts,
                                        leftover));
                    } else {
                        retell(known.request, ending(known.request, end));
                    }
                });
        memory.clear();
        return desk.actions();
    }

    /// The crash may have come between the journal's entry and those who wanted to hear of it:
    /// signatures are told again, once at each start until the request expires.
    private void retell(Inbound.Request request, Completion ending) {
        if (ending.outcome() instanceof SessionOutcome.Signed signed) {
            desk.emit(new SessionEvent.Signed(desk.now(), request.request(), signed.signatures()));
        }
        desk.act(new EngineOutput.Finish(ending.outcome()));
        remember(request, ending);
    }

    private Completion ending(Inbound.Request request, JournalRecord end) {
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
                        desk.sealer
                                .seal(
                                        id,
                                        1,
                                        new Contribution.Abort(ended.code(), List.of(), reason))
                                .envelope();
                yield new Completion(
                        new SessionOutcome.Aborted(
                                id,
                                desk.self(),
                                ended.code(),
                                List.of(),
                                List.of(),
                                reason,
                                Optional.empty()),
                        List.of(),
                        closing);
            }
            case JournalRecord.Ready _, JournalRecord.Sign _ ->
                    throw new IllegalArgumentException("not the end of a session");
        };
    }

    /// One step. The actions are to be done in order; see [EngineOutput.Append] for what may not
    /// overtake what.
    public List<EngineOutput> handle(EngineInput event, Instant now) {
        desk.begin(now);
        switch (event) {
            case EngineInput.LocalRequest(SigningRequest request) -> local(request);
            case EngineInput.Received(Inbound.Request request) -> request(request);
            case EngineInput.Received(Inbound.Statement statement) -> statement(statement);
            case EngineInput.Rejected(int member, DropReason reason) ->
                    desk.drop(desk.group.member(member), reason);
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
                desk.emit(new SessionEvent.JournalFailed(now, message));
                close("JOURNAL_FAILED", AbortCode.JOURNAL_FAILED, "the journal cannot be written");
            }
            case EngineInput.Shutdown _ ->
                    close("SHUTTING_DOWN", AbortCode.SHUTTING_DOWN, "the node stops");
        }
        return desk.actions();
    }

    /// When [EngineInput.Tick] is due at the latest, if ever.
    public Optional<Instant> nextDeadline() {
        return live.values().stream().map(Session::nextLook).min(Instant::compareTo);
    }

    /// How many of this member's messages were dropped for this reason.
    public long dropped(Member member, DropReason reason) {
        return desk.dropped(member.index(), reason);
    }

    /// Live sessions: id, attempt and phase.
    public List<LiveSession> liveSessions() {
        return live.values().stream()
                .map(session ->
                        new LiveSession(session.id(), session.attemptNumber(), session.phaseName()))
                .toList();
    }

    /// One line of a status report.
    public record LiveSession(SessionId id, int attempt, String phase) {}

    int earlySessionsOf(int member) {
        return early.sessionsOf(member);
    }

    int finishedSessions() {
        return finished.size();
    }

    // --- requests

    private void local(SigningRequest request) {
        SessionId id = request.sessionId();
        Optional<String> refusal =
                closedBecause != null
                        ? Optional.of(closedBecause)
                        : judge(request, desk.self()).map(Admission.Rejection::code);
        if (refusal.isPresent() || live.containsKey(id) || finished.contains(id)) {
            desk.act(
                    new EngineOutput.Finish(
                            new SessionOutcome.Refused(
                                    id,
                                    desk.self(),
                                    refusal.orElse("DUPLICATE"),
                                    "this node does not start the session")));
            return;
        }
        Inbound.Request sealed = desk.sealer.seal(request);
        desk.act(new EngineOutput.Broadcast(sealed.envelope()));
        open(sealed, true);
    }

    /// May be this node's own, which others give back after a restart that came before its journal
    /// entry: no Ready of it has ever left, so it is like anybody's.
    private void request(Inbound.Request request) {
        SessionId id = request.request().sessionId();
        Member author = request.author();
        if (live.containsKey(id)) {
            desk.drop(author, DropReason.DUPLICATE);
        } else if (finished.contains(id)) {
            desk.drop(author, DropReason.SESSION_OVER);
        } else if (closedBecause != null) {
            desk.drop(author, DropReason.JOURNAL_FAILED);
            refuse(id, closedBecause, "this node signs no more");
        } else {
            Optional<Admission.Rejection> rejection = judge(request.request(), author);
            if (rejection.isEmpty()) {
                open(request, false);
            } else {
                desk.drop(author, rejection.get().reason());
                if (!rejection.get().code().isEmpty()) {
                    refuse(id, rejection.get().code(), rejection.get().words());
                }
            }
        }
    }

    private Optional<Admission.Rejection> judge(SigningRequest request, Member requester) {
        Admission.Load all = Admission.Load.of(live.values());
        Admission.Load own =
                Admission.Load.of(
                        live.values().stream()
                                .filter(session -> session.request().author().equals(requester))
                                .toList());
        boolean room =
                finished.hasRoomFor(requester.index(), all.sessions(), own.sessions(), desk.now());
        return Admission.judge(desk, request, all, own, room);
    }

    /// Everybody is told, because everybody waits for this node's Ready.
    private void refuse(SessionId id, String code, String reason) {
        Inbound.Statement refusal = desk.sealer.seal(id, 1, new Contribution.Refuse(code, reason));
        desk.act(new EngineOutput.Broadcast(refusal.envelope()));
    }

    private void open(Inbound.Request request, boolean fresh) {
        SessionId id = request.request().sessionId();
        Session session = Session.open(desk, request, fresh);
        keep(session);
        for (Inbound.Statement statement : early.take(id)) {
            if (live.containsKey(id)) {
                run(session, () -> session.receive(statement));
            }
        }
    }

    // --- statements

    private void statement(Inbound.Statement statement) {
        SessionId id = statement.contribution().session();
        Member author = statement.author();
        Session session = live.get(id);
        if (session != null) {
            run(session, () -> session.receive(statement));
        } else if (finished.contains(id)) {
            desk.drop(author, DropReason.SESSION_OVER);
            answer(id, statement);
        } else if (!early.keep(statement)) {
            desk.drop(author, DropReason.UNKNOWN_SESSION);
        }
    }

    /// SAFETY 13: a peer that asks again after completion gets the stored answer. Only messages of
    /// those who still work on the session are answered, so that two finished nodes never answer
    /// each other.
    private void answer(SessionId id, Inbound.Statement statement) {
        boolean working =
                switch (statement.contribution().body()) {
                    case Contribution.Ready _,
                            Contribution.Nonces _,
                            Contribution.Partials _,
                            Contribution.Want _ ->
                            true;
                    case Contribution.Refuse _,
                            Contribution.Abort _,
                            Contribution.View _,
                            Contribution.Final _ ->
                            false;
                };
        if (!working) {
            return;
        }
        int to = statement.author().index();
        Completion ending = finished.answer(id, to);
        if (ending == null) {
            desk.drop(statement.author(), DropReason.TOO_MANY_ANSWERS);
        } else if (!ending.signatures().isEmpty()) {
            Contribution.Final body = new Contribution.Final(ending.signatures());
            desk.act(new EngineOutput.Send(to, desk.sealer.seal(id, 1, body).envelope()));
        } else if (!ending.closing().isEmpty()) {
            desk.act(new EngineOutput.Send(to, ending.closing()));
        }
    }

    // --- time and endings

    private void tick() {
        for (Session session : new ArrayList<>(live.values())) {
            if (!desk.now().isBefore(session.nextLook())) {
                run(session, session::tick);
            }
        }
    }

    /// SAFETY 22: whatever goes wrong in one session ends that session, not the node.
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
        session.ending()
                .ifPresent(ending -> {
                    live.remove(session.id());
                    remember(session.request(), ending);
                });
    }

    private void keep(Session session) {
        Optional<Completion> ending = session.ending();
        if (ending.isPresent()) {
            remember(session.request(), ending.get());
        } else {
            live.put(session.id(), session);
        }
    }

    private void remember(Inbound.Request request, Completion ending) {
        finished.add(
                request.request().sessionId(),
                request.author().index(),
                ending,
                request.request().expires().plus(desk.limits.clockSkew()));
    }

    private void close(String refusal, AbortCode code, String reason) {
        closedBecause = refusal;
        live.values().forEach(session -> session.suspend(code, reason));
        live.clear();
    }
}
