package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.wallet.Group;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Limits, fees, destinations and change.
class SpendPolicyTest extends ApprovalFixture {
    // Money.

    @Test
    void moreThanTheLimitIsRefusedAlsoInPieces() {
        refused(RefusalCode.AMOUNT_ABOVE_LIMIT, spend(to(FRIEND, 50_001), to(ours, 48_000)));
        refused(
                RefusalCode.AMOUNT_ABOVE_LIMIT,
                spend(to(FRIEND, 25_001), to(FRIEND_TOO, 25_000), to(ours, 48_000)));
        assertThat(decide(spend(to(FRIEND, 50_000), to(ours, 49_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void aFeeAboveTheLimitOrBelowWhatNodesRelayIsRefused() {
        refused(RefusalCode.FEE_ABOVE_LIMIT, spend(to(FRIEND, 40_000), to(ours, 57_999)));
        refused(RefusalCode.FEE_ABOVE_LIMIT, spend(to(FRIEND, 40_000)));
        refused(RefusalCode.FEE_BELOW_RELAY, spend(to(FRIEND, 40_000), to(ours, 60_000)));
        refused(RefusalCode.FEE_BELOW_RELAY, spend(to(FRIEND, 40_000), to(ours, 59_900)));
        assertThat(decide(spend(to(FRIEND, 40_000), to(ours, 58_000))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void outputsThatPayMoreThanTheInputsBringAreRefused() {
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(to(FRIEND, 40_000), to(ours, 60_001)));
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(to(ours, Sat.MAX_VALUE)));
    }

    @Test
    void outputsWhoseSumWouldOverflowALongAreRefused() {
        // 4,393 times all the money is more than a long holds.
        TxOut[] all = new TxOut[4_400];
        Arrays.fill(all, to(Script.EMPTY, Sat.MAX_VALUE));
        refused(RefusalCode.OUTPUTS_EXCEED_INPUTS, spend(all));
    }

    @Test
    void dustIsRefused() {
        refused(RefusalCode.DUST_OUTPUT, spend(to(FRIEND, 293), to(ours, 98_000)));
        refused(RefusalCode.DUST_OUTPUT, spend(to(FRIEND, 40_000), to(ours, 329)));
    }

    // Destinations.

    @Test
    void aDestinationThatIsNotAllowedIsRefused() {
        refused(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                spend(to(Group.STRANGER, 40_000), to(ours, 59_000)));
        refused(RefusalCode.DESTINATION_NOT_ALLOWED, spend(to(Group.STRANGER, 40_000)));
        Script longScript = Script.fromHex("51".repeat(2_000));
        refused(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                spend(to(longScript, 40_000), to(ours, 59_000)));
    }

    /// A Taproot script, the longest that is usual, stands there whole.
    @Test
    void theReasonNamesTheScriptAndCutsALongOne() {
        for (int length : new int[] {34, 42}) {
            Script whole = Script.fromHex("51".repeat(length));
            assertThat(decide(spend(to(whole, 40_000))).toString())
                    .contains("script " + whole.toHex() + " is not allowed");
        }
        assertThat(decide(spend(to(Script.fromHex("51".repeat(43)), 40_000))).toString())
                .contains("script " + "51".repeat(42) + "… is not allowed");
    }

    @Test
    void aRequesterIsToldTheFirstBrokenRuleBeforeItAsks() {
        SpendPolicy policy =
                new SpendPolicy(Sat.of(50_000), Sat.of(2_000), new Allowlist.Only(Set.of(FRIEND)));
        assertThat(policy.firstBroken(unsigned(to(FRIEND, 40_000), to(ours, 58_000)), ours::equals))
                .isEmpty();
        assertThat(policy.firstBroken(unsigned(to(FRIEND, 60_000), to(ours, 38_000)), ours::equals))
                .hasValueSatisfying(broken -> {
                    assertThat(broken.code()).isEqualTo(RefusalCode.AMOUNT_ABOVE_LIMIT);
                    assertThat(broken.reason()).startsWith("payments to others are above");
                });
    }

    private UnsignedPayment unsigned(TxOut... outputs) {
        return new UnsignedPayment(spend(outputs), List.of(utxos.unspent().getFirst()));
    }

    @Test
    void changeToAStrangerIsRefused() {
        refused(RefusalCode.CHANGE_NOT_OURS, spend(to(FRIEND, 40_000), to(Group.STRANGER, 59_000)));
        refused(
                RefusalCode.CHANGE_NOT_OURS,
                spend(to(FRIEND, 40_000), to(ours, 29_000), to(Group.STRANGER, 30_000)));
        PaymentApproval anywhere = approval(new Allowlist.Any());
        refused(
                RefusalCode.CHANGE_NOT_OURS,
                decide(anywhere, request(spend(to(FRIEND, 40_000), to(Group.STRANGER, 59_000)))));
        assertThat(decide(anywhere, request(spend(to(Group.STRANGER, 40_000), to(ours, 59_000)))))
                .isInstanceOf(Decision.Approved.class);
    }
}
