package org.tutti.app.cli;

import org.tutti.node.api.NodeStatus;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;
import java.util.Locale;

/// A payment for people.
final class PaymentText {
    private PaymentText() {}

    /// Several lines, the first of which begins with `payment`.
    static void print(PrintWriter out, NodeStatus.Payment payment) {
        out.println("payment   %s  %s".formatted(payment.txid(), state(payment)));
        for (NodeStatus.Output output : payment.outputs()) {
            out.println("          %d sat to %s".formatted(output.amountSat(), output.to()));
        }
        if (payment.feeSat().isPresent()) {
            out.println(
                    "          fee %d sat%s%s"
                            .formatted(
                                    payment.feeSat().get(),
                                    payment.feeRate()
                                            .map(rate ->
                                                    String.format(
                                                            Locale.ROOT, ", %.2f sat/vB", rate))
                                            .orElse(""),
                                    payment.rung()
                                            .map(rung ->
                                                    ", rate %d of %d"
                                                            .formatted(rung.number(), rung.of()))
                                            .orElse("")));
        }
        payment.group().ifPresent(group -> out.println("          of group " + group));
        payment.session()
                .ifPresent(session ->
                        out.println(
                                "          session %s%s%s"
                                        .formatted(
                                                session,
                                                payment.key().map(key -> ", key " + key).orElse(""),
                                                payment.created()
                                                        .map(at -> ", asked for " + at)
                                                        .orElse(""))));
    }

    private static String state(NodeStatus.Payment payment) {
        String name = JsonRecords.name(payment.state());
        String more =
                switch (payment.state()) {
                    case CONFIRMED -> ", %d confirmation(s)".formatted(payment.confirmations());
                    case CONFLICTED, REPLACED ->
                            ": %s spends a coin of it, %d block(s) deep"
                                    .formatted(
                                            payment.conflict().orElse("another transaction"),
                                            payment.confirmations());
                    case SEEN -> " by %d peer(s)".formatted(payment.seenBy());
                    case PROPOSED -> ": this node is ready to sign it";
                    case SIGNING -> ": this node's partial signatures left";
                    case UNKNOWN ->
                            ": its session is over, but it may still be signed; do not repeat it"
                                    + " without its key";
                    case SIGNED -> ": no Bitcoin peer has asked this node for it since it started";
                    case SENT -> ": a Bitcoin peer asked for it and got it";
                    case FAILED -> ": the script interpreter refuses it";
                    case GIVEN_UP -> ": it can no longer be signed";
                };
        return name + more + ", since " + payment.since();
    }
}
