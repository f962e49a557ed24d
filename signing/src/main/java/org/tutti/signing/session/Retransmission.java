package org.tutti.signing.session;

import org.tutti.base.Bytes;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.List;
import java.util.TreeSet;

/// Sends messages of one session again: others' messages to members that request them, and this
/// node's own to members that may have missed them.
final class Retransmission {
    private final EngineContext context;
    private final Bytes request;
    private final List<Bytes> resendable;

    /// @param request the envelope of the session's request
    /// @param resendable this node's envelopes of an attempt before a restart, which may be sent
    ///   again unchanged
    Retransmission(EngineContext context, Bytes request, List<Bytes> resendable) {
        this.context = context;
        this.request = request;
        this.resendable = resendable;
    }

    /// Forwards those of the requested messages that this node has. A signer that withholds a
    /// message from some, but not from all, cannot stop the session because of this.
    void answer(
            Attempt attempt, Statement statement, Contribution.RetransmissionRequest requested) {
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

    /// Sends everything that a member may have missed.
    void resend(Attempt attempt, int to) {
        context.output(new EngineOutput.Send(to, request));
        resendable.forEach(envelope -> context.output(new EngineOutput.Send(to, envelope)));
        int self = context.self().index();
        for (Contribution.Phase phase : Contribution.Phase.values()) {
            Statement own = attempt.slots(phase).get(self);
            if (own != null) {
                context.output(new EngineOutput.Send(to, own.envelope()));
            }
        }
        if (attempt.ownNonceSet != null) {
            context.output(new EngineOutput.Send(to, attempt.ownNonceSet.envelope()));
        }
    }
}
