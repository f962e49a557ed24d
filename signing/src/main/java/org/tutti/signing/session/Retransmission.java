package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.List;
import java.util.TreeSet;

/// Messages that were lost or withheld: asking for them, passing on those of others, and sending
/// one's own again.
final class Retransmission {
    private final SessionState state;
    private final EngineContext context;
    private final List<Bytes> resendable;

    /// @param resendable own envelopes of an attempt before a restart, which may be sent again as
    ///   they are
    Retransmission(SessionState state, List<Bytes> resendable) {
        this.state = state;
        this.context = state.context;
        this.resendable = resendable;
    }

    /// Half-way to the deadline: whoever withholds a message from some and not from all is got
    /// round, because the others pass it on; and who never saw the request gets it.
    void ask() {
        List<Integer> missing = state.holdouts().stream().map(Member::index).toList();
        switch (state.phase) {
            case APPROVING -> {}
            case READINESS -> {
                missing.forEach(this::resend);
                state.broadcast(
                        new Contribution.RetransmissionRequest(Contribution.Phase.READY, missing));
            }
            case NONCES ->
                    state.broadcast(
                            new Contribution.RetransmissionRequest(
                                    Contribution.Phase.NONCES, missing));
            case PARTIALS ->
                    state.broadcast(
                            new Contribution.RetransmissionRequest(
                                    Contribution.Phase.PARTIALS, missing));
        }
    }

    void answer(Statement statement, Contribution.RetransmissionRequest requested) {
        Attempt attempt = state.attempt;
        int to = statement.author().index();
        if (statement.contribution().attempt() != attempt.number) {
            context.drop(statement.author(), DropReason.STALE_ATTEMPT);
        } else if (attempt.answers[to] >= Contribution.Phase.values().length) {
            context.drop(statement.author(), DropReason.TOO_MANY_ANSWERS);
        } else {
            attempt.answers[to]++;
            for (int signer : new TreeSet<>(requested.signers())) {
                Statement known = attempt.slots(requested.phase()).get(signer);
                if (known != null && signer != to) {
                    context.output(new EngineOutput.Send(to, known.envelope()));
                }
            }
        }
    }

    /// Everything that a member may have missed.
    void resend(int to) {
        Attempt attempt = state.attempt;
        context.output(new EngineOutput.Send(to, state.request.envelope()));
        resendable.forEach(envelope -> context.output(new EngineOutput.Send(to, envelope)));
        int self = context.self().index();
        for (Contribution.Phase each : Contribution.Phase.values()) {
            Statement own = attempt.slots(each).get(self);
            if (own != null) {
                context.output(new EngineOutput.Send(to, own.envelope()));
            }
        }
        if (attempt.ownNonceSet != null) {
            context.output(new EngineOutput.Send(to, attempt.ownNonceSet.envelope()));
        }
    }
}
