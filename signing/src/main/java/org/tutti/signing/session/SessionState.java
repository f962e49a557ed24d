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

    final EngineContext context;
    final Inbound.Request request;
    final EvidenceBuilder evidenceBuilder;
    final Completions completions;
    Phase phase = Phase.APPROVING;
    Attempt attempt;
    Rounds rounds;
    Instant deadline = Instant.MAX;
    Instant requestMissingAt = Instant.MAX;
    int restarts;

    SessionState(EngineContext context, Inbound.Request request, int attemptNumber) {
        this.context = context;
        this.request = request;
        this.evidenceBuilder = new EvidenceBuilder(request.envelope(), context.group.size());
        this.completions = new Completions(context, request, () -> attempt.close());
        this.attempt = new Attempt(attemptNumber, context.group.size());
        this.rounds = new Rounds(context, request.request(), List.of());
    }

    SessionId id() {
        return request.request().sessionId();
    }

    boolean over() {
        return completions.over();
    }

    /// Seals and sends to everybody, under the attempt that runs.
    Statement broadcast(Contribution.Body body) {
        Statement statement = context.envelopeSigner.sign(id(), attempt.number, body);
        context.output(new EngineOutput.Broadcast(statement.envelope()));
        return statement;
    }

    void setDeadline(Duration wait) {
        deadline = earlier(context.now().plus(wait), request.request().expires());
        requestMissingAt = context.now().plus(wait.dividedBy(2));
    }

    static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /// Who is waited for.
    List<Member> holdouts() {
        return IntStream.range(0, context.group.size())
                .filter(i ->
                        switch (phase) {
                            case APPROVING, READINESS -> attempt.ready.get(i) == null;
                            case NONCES -> attempt.nonces.get(i) == null;
                            case PARTIALS -> attempt.verified[i] == null;
                        })
                .mapToObj(context.group::member)
                .toList();
    }

    void refuse(String code, String reason) {
        Statement refusal = broadcast(new Contribution.Refuse(code, reason));
        completions.refused(context.self(), code, reason, refusal.envelope());
    }

    void abort(AbortCode code, Member culprit, String reason, Optional<Evidence> evidence) {
        completions.abort(attempt.number, code, culprit, reason, evidence);
    }

    void abort(AbortCode code, List<Member> culprits, String reason) {
        completions.abort(attempt.number, code, culprits, reason);
    }

    /// SAFETY 8: two different messages for the same slot are proof of equivocation.
    void equivocated(Member culprit, Bytes one, Bytes two) {
        abort(
                AbortCode.EQUIVOCATION,
                culprit,
                culprit + " signed two different messages for one slot",
                evidenceBuilder.build(
                        Evidence.Kind.EQUIVOCATION, culprit.index(), List.of(), one, two));
    }
}
