package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound;
import org.tutti.signing.wire.Inbound.Statement;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the phases of one session share: where it stands, the attempt that runs, and the few things
/// that each of them does. Belongs to the engine's thread.
final class SessionState {
    /// In this order; an attempt goes back to readiness.
    enum Phase {
        APPROVING,
        READINESS,
        NONCES,
        PARTIALS
    }

    final EngineContext desk;
    final Inbound.Request request;
    final EvidenceBuilder prosecutor;
    final Completions endings;
    Phase phase = Phase.APPROVING;
    Attempt attempt;
    Rounds rounds;
    Instant deadline = Instant.MAX;
    Instant helpAt = Instant.MAX;
    int restarts;

    SessionState(EngineContext desk, Inbound.Request request, int attemptNumber) {
        this.desk = desk;
        this.request = request;
        this.prosecutor = new EvidenceBuilder(request.envelope(), desk.group.size());
        this.endings = new Completions(desk, request, () -> attempt.close());
        this.attempt = new Attempt(attemptNumber, desk.group.size());
        this.rounds = new Rounds(desk, request.request(), List.of());
    }

    SessionId id() {
        return request.request().sessionId();
    }

    boolean over() {
        return endings.over();
    }

    /// Seals and sends to everybody, under the attempt that runs.
    Statement say(Contribution.Body body) {
        Statement statement = desk.sealer.seal(id(), attempt.number, body);
        desk.act(new EngineOutput.Broadcast(statement.envelope()));
        return statement;
    }

    void setDeadline(Duration wait) {
        deadline = earlier(desk.now().plus(wait), request.request().expires());
        helpAt = desk.now().plus(wait.dividedBy(2));
    }

    static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /// Who is waited for.
    List<Member> holdouts() {
        return IntStream.range(0, desk.group.size())
                .filter(i ->
                        switch (phase) {
                            case APPROVING, READINESS -> attempt.ready.get(i) == null;
                            case NONCES -> attempt.nonces.get(i) == null;
                            case PARTIALS -> attempt.verified[i] == null;
                        })
                .mapToObj(desk.group::member)
                .toList();
    }

    void refuse(String code, String reason) {
        Statement refusal = say(new Contribution.Refuse(code, reason));
        endings.refused(desk.self(), code, reason, refusal.envelope());
    }

    void abort(AbortCode code, Member culprit, String reason, Optional<Evidence> evidence) {
        endings.abort(attempt.number, code, culprit, reason, evidence);
    }

    void abort(AbortCode code, List<Member> culprits, String reason) {
        endings.abort(attempt.number, code, culprits, reason);
    }

    /// SAFETY 8: two different messages for the same slot are proof of equivocation.
    void equivocated(Member culprit, Bytes one, Bytes two) {
        abort(
                AbortCode.EQUIVOCATION,
                culprit,
                culprit + " signed two different messages for one slot",
                prosecutor.charge(
                        Evidence.Kind.EQUIVOCATION, culprit.index(), List.of(), one, two));
    }
}
