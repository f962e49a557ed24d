package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.json.JsonObject;
import org.tutti.wallet.payments.PaymentState;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A signer killed with kill -9 at each step of a session: after its restart the session ends with
/// a signature that all nodes have, by the stored answer or in a new attempt, the payment is
/// confirmed in every node, and no journal has a nonce under two partial signatures.
///
/// The steps are those that a node's events show. A killed process loses nothing that it wrote:
/// that it forces what it must is what the tests of `signing` with a recording journal show. A
/// requester that is killed with the signatures is in [PaymentClaimsTest] too.
@Timeout(240)
class KilledNodeTest {
    @ParameterizedTest
    @ValueSource(strings = "partials")
    void theSessionGoesOnAfterASignerWasKilledAt(String step) throws Exception {
        killAt(step, 2);
    }

    @Tag("nightly")
    @ParameterizedTest
    @CsvSource({
        "request-received,2",
        "ready,2",
        "attempt-started,2",
        "nonces,2",
        "signed,2",
        "checked,2",
        "ready,1",
        "attempt-started,1",
        "nonces,1",
        "partials,1",
        "signed,1",
        "broadcast,1"
    })
    void theSessionGoesOnAfterANodeWasKilledAt(String step, int killed) throws Exception {
        killAt(step, killed);
    }

    private static void killAt(String step, int killed) throws Exception {
        try (Cluster cluster = Cluster.start(3)) {
            Thread payer = Thread.startVirtualThread(() -> pay(cluster));
            cluster.node(killed).await(step, Deadline.in(Cluster.STEP));
            cluster.killAndRestart(killed, UnaryOperator.identity());
            String txid = cluster.node(3).await("signed", Deadline.in(Cluster.STEP)).string("txid");
            for (int number : List.of(1, 2, 3)) {
                await(cluster.node(number), "signed", txid);
                await(cluster.node(number), "checked", txid);
            }
            await(cluster.bitcoin(), "mempool", txid);
            cluster.mine(1, BitcoinPeer.NOBODY);
            Set<String> blocks = new HashSet<>();
            for (int number : List.of(1, 2, 3)) {
                blocks.add(await(cluster.node(number), "confirmed", txid).string("blockHash"));
                assertThat(cluster.status(number).payments())
                        .extracting(NodeStatus.Payment::state)
                        .containsExactly(PaymentState.CONFIRMED);
            }
            assertThat(blocks).hasSize(1);
            // Two inputs, three signers, and what an attempt that was cut off had signed already.
            assertThat(Journals.requireNoNonceTwice(cluster.folders())).isGreaterThanOrEqualTo(6);
            payer.join();
        }
    }

    private static JsonObject await(ManagedProcess process, String event, String txid)
            throws DemoFailed {
        return process.await(
                event + " of " + txid,
                e ->
                        e.text("event").orElse("").equals(event)
                                && e.text("txid").orElse("").equals(txid),
                Deadline.in(Cluster.STEP));
    }

    private static void pay(Cluster cluster) {
        try {
            cluster.pay(1, 6_000_000_000L, 2);
        } catch (ApiException e) {
            // Where the requester is killed nobody answers; the session goes on nevertheless.
        }
    }
}
