package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.demo.CraftedRequests.Case;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;
import org.tutti.signing.journal.JournalRecord;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Mallory is a member: her process has a member's keys and speaks the protocol as it should be
/// spoken, but her requests are crafted. Each honest node, a process of its own, refuses each of
/// them with the right reason, and makes no nonce for any.
@Timeout(240)
class HostileMemberTest {
    private static final int[] HONEST = {1, 2};

    @Test
    void everyCraftedRequestIsRefusedByEachHonestNodeAndNoNonceIsMade() throws Exception {
        UnaryOperator<String> lessThanTwoCoins =
                toml -> toml.replace("= 10000000000\n", "= 9000000000\n");
        try (Cluster cluster = Cluster.start(3, lessThanTwoCoins)) {
            cluster.mine(1, cluster.address());
            for (int number : HONEST) {
                Cluster.awaitHeight(cluster.node(number), 103);
            }
            List<NodeStatus.Utxo> coins = cluster.status(1).coins();
            try (ManagedProcess mallory = cluster.replaceByMallory(3)) {
                mallory.await("listening", Deadline.in(Cluster.STEP));
                for (Case what : Case.values()) {
                    for (int number : HONEST) {
                        ask(what, cluster, number, mallory, coins);
                    }
                }
            }
            for (int number : HONEST) {
                requireNoNonces(cluster, number);
            }
            // The honest nodes are none the worse for it, and the coins are free.
            ManagedProcess carol = cluster.killAndRestart(3, lessThanTwoCoins);
            Cluster.awaitHeight(carol, 103);
            assertThat(cluster.pay(1, 6_000_000_000L, 2).txid()).hasSize(64);
        }
    }

    private static void ask(
            Case what,
            Cluster cluster,
            int number,
            ManagedProcess mallory,
            List<NodeStatus.Utxo> coins)
            throws Exception {
        String to = cluster.peerId(number);
        Map<String, @Nullable Object> order = new LinkedHashMap<>();
        order.put("case", what.name());
        order.put("to", to);
        order.put("coins", coins.stream().map(JsonRecords::fields).toList());
        mallory.tell(JsonLine.write(order));
        Predicate<JsonObject> asked =
                e -> is(e, "event", "asked") && is(e, "case", what.name()) && is(e, "to", to);
        String session = await(mallory, "that it asked " + what, asked).string("session");
        ManagedProcess honest = cluster.node(number);
        if (what == Case.HONEST) {
            // Approved; but without mallory's readiness no nonce is made (SIGNING-SAFETY 7), and
            // she refuses now, which frees the coins.
            answer(mallory, to, session, "Ready");
            mallory.tell(JsonLine.write(Map.of("withdraw", session, "to", to)));
            await(
                    honest,
                    "the end of the honest session",
                    e -> is(e, "event", "refused") && is(e, "session", session));
        } else if (what.code.startsWith("dropped ")) {
            String reason = what.code.substring("dropped ".length());
            await(
                    honest,
                    "that it dropped " + what,
                    e -> is(e, "event", "dropped") && is(e, "reason", reason));
        } else {
            assertThat(answer(mallory, to, session, "Refuse").string("code"))
                    .as("%s, node %d", what, number)
                    .isEqualTo(what.code);
        }
    }

    private static JsonObject answer(
            ManagedProcess mallory, String from, String session, String kind) throws DemoFailed {
        return await(
                mallory,
                kind + " about " + session,
                e ->
                        is(e, "event", "answer")
                                && is(e, "from", from)
                                && is(e, "session", session)
                                && is(e, "kind", kind));
    }

    private static JsonObject await(ManagedProcess process, String what, Predicate<JsonObject> fits)
            throws DemoFailed {
        return process.awaitAmongRefusals(what, fits, Deadline.in(Cluster.STEP));
    }

    private static void requireNoNonces(Cluster cluster, int number) throws Exception {
        assertThat(cluster.node(number).last("attempt-started")).isNull();
        assertThat(cluster.node(number).last("nonces")).isNull();
        List<JournalRecord> journal = Journals.read(cluster.data(number));
        assertThat(journal).noneMatch(JournalRecord.Sign.class::isInstance);
        // Only the honest request was ever approved.
        assertThat(journal).filteredOn(JournalRecord.Ready.class::isInstance).hasSize(1);
    }

    private static boolean is(JsonObject event, String field, String value) {
        return event.text(field).orElse("").equals(value);
    }
}
