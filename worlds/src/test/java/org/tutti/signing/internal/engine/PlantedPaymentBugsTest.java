package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// As [PlantedBugsTest], of rules about payments: worlds of [PaymentWorldsTest] notice.
class PlantedPaymentBugsTest {
    /// One rule each, left out.
    enum PlantedPaymentBug {
        SETTLED_IN_THE_FIRST_BLOCK(
                "wallet",
                "payments/PaymentLedger",
                "tipHeight - entry.height.getAsInt() + 1 >= FINAL_DEPTH",
                "tipHeight - entry.height.getAsInt() + 1 >= 1",
                5),
        PAID_TWICE_BY_A_VERSION_AFTER_A_REORGANISATION(
                "signing",
                "internal/engine/HoldRegistry",
                "return committed && common.isEmpty() ? no(",
                "return false ? no(",
                57),
        POLICY_NOT_ASKED_AGAIN_AFTER_A_RESTART(
                "signing",
                "internal/engine/Session",
                "} else if (session.completions.havePartialsLeft()) {",
                "} else if (true) {",
                4),
        DAY_LIMIT_FREED_BY_THE_WALL_CLOCK_ALONE(
                "wallet",
                "policy/SpendingWindow",
                "return !now.wall().isBefore(end)" + " && (running || !now.chain().isBefore(end));",
                "return !now.wall().isBefore(end);",
                41),
        AMOUNT_ABOVE_THE_LIMIT_APPROVED(
                "wallet",
                "policy/SpendPolicy",
                "sum(foreign, maxAmount, RefusalCode.AMOUNT_ABOVE_LIMIT, \"payments to others\");",
                "",
                8),
        SPENT_COIN_APPROVED(
                "wallet",
                "policy/PaymentReader",
                "throw new RefusedException( RefusalCode.ALREADY_SPENT,"
                        + " outPoint + \" was spent in block \" + spent.height());",
                "spent.utxo();",
                1);

        private final String module;
        private final String file;
        private final String text;
        private final String replacement;

        /// Whose world was seen to catch it.
        private final long seed;

        PlantedPaymentBug(String module, String file, String text, String replacement, long seed) {
            this.module = module;
            this.file = file;
            this.text = text;
            this.replacement = replacement;
            this.seed = seed;
        }

        PlantedBug.Edit edit() {
            return new PlantedBug.Edit(module, file, text, replacement);
        }
    }

    @ParameterizedTest
    @EnumSource
    void plantedBugIsCaughtByAWorld(PlantedPaymentBug bug) throws Exception {
        assertThat(
                        PlantedBugsTest.firstWorldThatFails(
                                new BuggyProgram(List.of(bug.edit())),
                                PaymentWorldRun.class,
                                bug.seed,
                                WorldsTest.inOrder(0, PaymentWorldsTest.SEEDS)))
                .as("a world that fails")
                .isPresent();
    }
}
