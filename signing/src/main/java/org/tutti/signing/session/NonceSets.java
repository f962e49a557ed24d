package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.blame.Evidence;
import org.tutti.signing.session.SessionState.Phase;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.List;

/// When a signer signed for other nonces than this node has, nobody is blamed yet: everybody shows
/// which nonces it saw, and the one who signed two different ones is named.
final class NonceSets {
    private final SessionState state;
    private final EngineContext context;

    NonceSets(SessionState state) {
        this.state = state;
        this.context = state.context;
    }

    /// Someone saw other nonces: everybody gets to see ours, once an attempt.
    void show() {
        Attempt attempt = state.attempt;
        if (attempt.ownNonceSet == null) {
            List<Bytes> envelopes = attempt.nonces.all().stream().map(Statement::envelope).toList();
            attempt.ownNonceSet = state.broadcast(new Contribution.NonceSet(envelopes));
        }
    }

    void receive(Statement statement) {
        Attempt attempt = state.attempt;
        int index = statement.author().index();
        if (statement.contribution().attempt() != attempt.number) {
            context.drop(statement.author(), DropReason.STALE_ATTEMPT);
        } else if (state.phase != Phase.NONCES && state.phase != Phase.PARTIALS) {
            context.drop(statement.author(), DropReason.OUT_OF_PHASE);
        } else if (attempt.nonceSets[index] != null) {
            context.drop(statement.author(), DropReason.DUPLICATE);
        } else {
            attempt.nonceSets[index] = statement;
            if (state.phase == Phase.PARTIALS) {
                examine(index);
            }
        }
    }

    private void examine(int index) {
        Statement partials = state.attempt.partials.get(index);
        if (partials != null
                && partials.contribution().body() instanceof Contribution.Partials body
                && !body.nonceSetHash().equals(state.attempt.nonceSetHash)) {
            compare(index, partials, body);
        }
    }

    void compare(int index, Statement partials, Contribution.Partials claim) {
        Attempt attempt = state.attempt;
        Statement shown = attempt.nonceSets[index];
        if (shown == null
                || !(shown.contribution().body() instanceof Contribution.NonceSet nonceSet)) {
            return; // It will come, or its author is a holdout at the deadline.
        }
        List<Statement> mine = attempt.nonces.all();
        switch (EvidenceBuilder.compare(
                context, nonceSet, attempt.number, mine, claim.nonceSetHash())) {
            case EvidenceBuilder.NonceSetFinding.FalseNonceSet _ ->
                    state.abort(
                            AbortCode.BAD_VIEW,
                            shown.author(),
                            shown.author() + " signed for other nonces than it shows",
                            state.evidenceBuilder.build(
                                    Evidence.Kind.BAD_VIEW,
                                    index,
                                    List.of(),
                                    shown.envelope(),
                                    partials.envelope()));
            case EvidenceBuilder.NonceSetFinding.Equivocation(int signer, Bytes other) ->
                    state.equivocated(
                            context.group.member(signer), mine.get(signer).envelope(), other);
            case EvidenceBuilder.NonceSetFinding.Same _ -> {}
        }
    }
}
