package org.tutti.node.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.node.control.ControlException;
import org.tutti.node.json.JsonObject;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// A signer killed with kill -9 during a session: after its restart the session ends with a
/// signature that all nodes have, by the stored answer or in a new attempt. That no nonce is used
/// twice is what the coordinator's tests with a recording journal show.
@Timeout(240)
class KilledNodeTest {
    @Test
    void theSessionGoesOnAfterASignerWasKilledWhenItMadeItsNonces() throws Exception {
        killAt("attempt-started");
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(strings = {"request-received", "ready", "nonces", "partials", "signed"})
    void theSessionGoesOnAfterASignerWasKilledAt(String step) throws Exception {
        killAt(step);
    }

    private static void killAt(String step) throws Exception {
        try (Cluster cluster = Cluster.start(3)) {
            CompletableFuture<JsonObject> paid = CompletableFuture.supplyAsync(() -> pay(cluster));
            cluster.node(2).await(step, Deadline.in(Cluster.STEP));
            cluster.killAndRestart(2, UnaryOperator.identity());
            String txid = paid.get(60, TimeUnit.SECONDS).string("txid");
            cluster.node(1)
                    .await(
                            "its broadcast",
                            e -> is(e, "broadcast", txid),
                            Deadline.in(Cluster.STEP));
            cluster.mine(1, BitcoinPeer.NOBODY);
            for (int number : new int[] {1, 3}) {
                JsonObject confirmed =
                        cluster.node(number)
                                .await(
                                        "a confirmation",
                                        e -> is(e, "confirmed", txid),
                                        Deadline.in(Cluster.STEP));
                assertThat(confirmed.string("blockHash")).hasSize(64);
            }
            // Killed after its part was done it has nothing left to follow, but it sees the coin
            // go.
            cluster.node(2)
                    .await(
                            "the spent coin",
                            e ->
                                    e.text("event").orElse("").equals("coin-changed")
                                            && e.text("change").orElse("").equals("spent"),
                            Deadline.in(Cluster.STEP));
        }
    }

    private static boolean is(JsonObject event, String name, String txid) {
        return event.text("event").orElse("").equals(name)
                && event.text("txid").orElse("").equals(txid);
    }

    private static JsonObject pay(Cluster cluster) {
        try {
            return cluster.pay(1, 6_000_000_000L, 2);
        } catch (ControlException e) {
            throw new IllegalStateException(e.code() + ": " + e.reason(), e);
        }
    }
}
