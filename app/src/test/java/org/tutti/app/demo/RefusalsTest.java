package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.api.ApiException;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// A request that breaks a rule of another signer's, with real processes: refused with the reason,
/// and no nonce made for it.
@Timeout(240)
class RefusalsTest {
    private record Rule(String code, UnaryOperator<String> stricter) {}

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final List<Rule> RULES =
            List.of(
                    new Rule(
                            "AMOUNT_ABOVE_LIMIT",
                            toml -> toml.replace("= 10000000000\n", "= 5999999999\n")),
                    new Rule("FEE_ABOVE_LIMIT", toml -> toml.replace("= 100000\n", "= 100\n")),
                    new Rule(
                            "DESTINATION_NOT_ALLOWED",
                            toml ->
                                    toml.replaceAll(
                                            "destinations = .*",
                                            "destinations = [\"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080\"]")),
                    new Rule(
                            "UNKNOWN_PREVOUT",
                            toml -> toml.replace("birthday = 0", "birthday = 50")));

    @Test
    void eachBrokenRuleIsRefusedWithItsReasonAndNoNonceIsMade() throws Exception {
        try (Cluster cluster = Cluster.start(2)) {
            for (Rule rule : RULES) {
                ManagedProcess bob = cluster.killAndRestart(2, rule.stricter());
                Cluster.awaitHeight(bob, 102);
                assertThatThrownBy(() -> cluster.pay(1, 6_000_000_000L, 2))
                        .isInstanceOfSatisfying(
                                ApiException.class,
                                e -> assertThat(e.code()).isEqualTo(rule.code()));
                // Bob's own report comes by another way than alice's answer: it may be a moment
                // later.
                assertThat(bob.await("refused", Deadline.in(TIMEOUT)).line()).contains(rule.code());
                assertThat(bob.last("nonces")).isNull();
                assertThat(cluster.node(1).last("nonces")).isNull();
            }
            // The coins that the refused sessions had bound are free again.
            cluster.killAndRestart(2, UnaryOperator.identity());
            Cluster.awaitHeight(cluster.node(2), 102);
            assertThat(cluster.pay(1, 6_000_000_000L, 2).txid()).hasSize(64);
            assertThat(cluster.node(1).last("nonces")).isNotNull();
        }
    }
}
