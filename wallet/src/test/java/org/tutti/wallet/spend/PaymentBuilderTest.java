package org.tutti.wallet.spend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.PaymentException.Code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

class PaymentBuilderTest {
    private static final FeeRate RATE = FeeRate.satPerVirtualByte(2);
    private static final CoinSelection FEWEST = new CoinSelection.Fewest();

    private final Group group = new Group();
    private final Script ours = group.wallet.scriptPubKey();
    private final UtxoStore utxos = new UtxoStore(group.wallet);
    private final FakeChain chain = new FakeChain(utxos);
    private final PaymentBuilder builder = new PaymentBuilder(group.wallet, utxos);

    private static TxOut toStranger(long amount) {
        return new TxOut(Sat.of(amount), Group.STRANGER);
    }

    @Test
    void theFewestCoinsThatCoverAmountAndFeeAreTaken() throws Exception {
        chain.mine(chain.pay(ours, 10_000, 50_000, 20_000));
        UnsignedPayment one = builder.build(List.of(toStranger(30_000)), RATE, FEWEST);
        assertThat(one.utxos()).extracting(Utxo::value).containsExactly(Sat.of(50_000));
        UnsignedPayment two = builder.build(List.of(toStranger(50_000)), RATE, FEWEST);
        assertThat(two.utxos())
                .extracting(Utxo::value)
                .containsExactly(Sat.of(50_000), Sat.of(20_000));
    }

    @Test
    void changeGoesBackToTheGroupAndTheFeeIsExactlyTheRate() throws Exception {
        chain.mine(chain.pay(ours, 100_000));
        UnsignedPayment payment = builder.build(List.of(toStranger(30_000)), RATE, FEWEST);
        assertThat(payment.transaction().version()).isEqualTo(2);
        assertThat(payment.transaction().hasWitness()).isFalse();
        assertThat(payment.transaction().outputs()).hasSize(2);
        assertThat(payment.transaction().outputs().get(1).scriptPubKey()).isEqualTo(ours);
        Sat fee = RATE.feeFor(PaymentBuilder.signedWeight(payment.transaction()));
        assertThat(payment.fee()).isEqualTo(fee);
        assertThat(payment.inputValue()).isEqualTo(payment.outputValue().plus(fee));
    }

    @Test
    void rungsSpendTheCoinsOfTheDearestAndEachPaysForTakingThePlaceOfTheOneBefore()
            throws Exception {
        chain.mine(chain.pay(ours, 31_000, 20_000));
        List<FeeRate> rates =
                List.of(
                        FeeRate.satPerVirtualByte(1),
                        FeeRate.satPerVirtualByte(5),
                        FeeRate.satPerVirtualByte(20));
        List<UnsignedPayment> rungs =
                builder.build(List.of(toStranger(30_000)), rates, FEWEST, Optional.empty());
        // The cheapest alone would not need the second coin.
        assertThat(rungs).allMatch(rung -> rung.utxos().size() == 2);
        for (int i = 0; i < 3; i++) {
            Transaction rung = rungs.get(i).transaction();
            assertThat(rung.inputs()).isEqualTo(rungs.getFirst().transaction().inputs());
            assertThat(rung.outputs()).contains(toStranger(30_000)).hasSize(2);
            assertThat(rungs.get(i).fee())
                    .isEqualTo(rates.get(i).feeFor(PaymentBuilder.signedWeight(rung)));
        }
    }

    @Test
    void ratesThatReplaceNothingAndTooManyMessagesAreRefused() {
        chain.mine(chain.pay(ours, 30_200));
        // Nothing comes back to the group of which a second rung could be taken.
        refusedLadder(PaymentException.Code.FEE_RATE_TOO_LOW, List.of(toStranger(30_000)), 1, 2);
        long[] many = new long[90];
        Arrays.fill(many, 10_000);
        chain.mine(chain.pay(ours, many));
        refusedLadder(PaymentException.Code.TOO_MANY_INPUTS, List.of(toStranger(880_000)), 1, 2, 5);
    }

    private void refusedLadder(PaymentException.Code code, List<TxOut> payments, long... rates) {
        List<FeeRate> ladder = Arrays.stream(rates).mapToObj(FeeRate::satPerVirtualByte).toList();
        assertThatThrownBy(() -> builder.build(payments, ladder, FEWEST, Optional.empty()))
                .isInstanceOfSatisfying(
                        PaymentException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void changeThatWouldBeDustGoesToTheMiner() throws Exception {
        chain.mine(chain.pay(ours, 30_600));
        UnsignedPayment payment = builder.build(List.of(toStranger(30_000)), RATE, FEWEST);
        assertThat(payment.transaction().outputs()).containsExactly(toStranger(30_000));
        assertThat(payment.fee()).isEqualTo(Sat.of(600));
    }

    @Test
    void manyAmountsNeverPayLessThanTheRateNorMuchMoreThanItAndDust() throws Exception {
        chain.mine(chain.pay(ours, 40_000, 30_000, 20_000));
        for (long amount = 300; amount < 89_000; amount += 61) {
            UnsignedPayment payment = builder.build(List.of(toStranger(amount)), RATE, FEWEST);
            Sat fee = RATE.feeFor(PaymentBuilder.signedWeight(payment.transaction()));
            assertThat(payment.fee().value()).isBetween(fee.value(), fee.value() + 330 + 86);
        }
    }

    @Test
    void oneCanAskForMoreCoinsForAllOrForTheseOnes() throws Exception {
        chain.mine(chain.pay(ours, 10_000, 50_000, 20_000));
        List<TxOut> payments = List.of(toStranger(1_000));
        assertThat(builder.build(payments, RATE, new CoinSelection.AtLeast(2)).utxos()).hasSize(2);
        assertThat(builder.build(payments, RATE, new CoinSelection.All()).utxos()).hasSize(3);
        OutPoint smallest = utxos.spendable().getLast().outPoint();
        UnsignedPayment named =
                builder.build(payments, RATE, new CoinSelection.Named(List.of(smallest)));
        assertThat(named.utxos()).extracting(Utxo::outPoint).containsExactly(smallest);
    }

    @Test
    void coinsThatAreOnTheirWayElsewhereAreLeftOut() throws Exception {
        chain.mine(chain.pay(ours, 50_000, 20_000));
        OutPoint largest = utxos.spendable().getFirst().outPoint();
        PaymentBuilder careful = new PaymentBuilder(group.wallet, utxos, largest::equals);
        List<TxOut> payments = List.of(toStranger(1_000));
        assertThat(careful.build(payments, RATE, FEWEST).utxos())
                .extracting(Utxo::value)
                .containsExactly(Sat.of(20_000));
        assertThat(careful.build(payments, RATE, new CoinSelection.Named(List.of(largest))).utxos())
                .hasSize(1);
    }

    @Test
    void coinsThatCannotBeSpentAreRefusedByName() {
        chain.mineTo(ours);
        OutPoint immature = utxos.unspent().getFirst().outPoint();
        OutPoint unknown = new OutPoint(Txid.ZERO, 3);
        for (List<OutPoint> named :
                List.of(List.of(immature), List.of(unknown), List.of(immature, immature))) {
            refused(Code.COIN_NOT_SPENDABLE, toStranger(1_000), new CoinSelection.Named(named));
        }
        chain.mine(chain.pay(ours, 10_000));
        OutPoint good = utxos.spendable().getFirst().outPoint();
        refused(
                Code.COIN_NOT_SPENDABLE,
                toStranger(1_000),
                new CoinSelection.Named(List.of(good, good)));
    }

    @Test
    void whatCannotBePaidSaysWhy() {
        chain.mine(chain.pay(ours, 10_000));
        refused(Code.INSUFFICIENT_FUNDS, toStranger(10_000), FEWEST);
        refused(Code.INSUFFICIENT_FUNDS, toStranger(Sat.MAX_VALUE), FEWEST);
        refused(Code.INSUFFICIENT_FUNDS, toStranger(1_000), new CoinSelection.AtLeast(2));
        refused(Code.INSUFFICIENT_FUNDS, toStranger(1_000), new CoinSelection.Named(List.of()));
        refused(Code.DUST, toStranger(293), FEWEST);
        refused(Code.NOTHING_TO_PAY, List.of(), RATE, FEWEST);
        refused(Code.FEE_RATE_TOO_LOW, List.of(toStranger(1_000)), new FeeRate(999), FEWEST);
        refused(
                Code.INSUFFICIENT_FUNDS,
                Collections.nCopies(10_000, toStranger(Sat.MAX_VALUE)),
                RATE,
                FEWEST);
    }

    @Test
    void moreInputsThanASessionTakesAreRefused() {
        long[] amounts = new long[PaymentBuilder.MAX_INPUTS + 1];
        Arrays.fill(amounts, 1_000);
        chain.mine(chain.pay(ours, amounts));
        refused(Code.TOO_MANY_INPUTS, toStranger(1_000), new CoinSelection.All());
        refused(
                Code.TOO_MANY_INPUTS,
                toStranger(1_000),
                new CoinSelection.AtLeast(PaymentBuilder.MAX_INPUTS + 1));
        refused(Code.TOO_MANY_INPUTS, toStranger(100_500), FEWEST);
    }

    @Test
    void whatNodesWouldNotRelayIsRefused() {
        chain.mine(chain.pay(ours, Sat.MAX_VALUE / 2));
        List<TxOut> many = new ArrayList<>(Collections.nCopies(4_000, toStranger(1_000)));
        refused(Code.TOO_LARGE, many, RATE, FEWEST);
    }

    private void refused(Code code, TxOut payment, CoinSelection choice) {
        refused(code, List.of(payment), RATE, choice);
    }

    private void refused(Code code, List<TxOut> payments, FeeRate rate, CoinSelection choice) {
        assertThatExceptionOfType(PaymentException.class)
                .isThrownBy(() -> builder.build(payments, rate, choice))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void dustIsWhatBitcoinCoreSaysItIs() {
        assertDust(330, "5120" + "00".repeat(32));
        assertDust(294, "0014" + "00".repeat(20));
        assertDust(330, "0020" + "00".repeat(32));
        assertDust(546, "76a914" + "00".repeat(20) + "88ac");
        assertDust(540, "a914" + "00".repeat(20) + "87");
        assertDust(0, "6a0100");
    }

    private static void assertDust(long least, String script) {
        TxOut output = new TxOut(Sat.of(least), Script.fromHex(script));
        assertThat(Dust.threshold(output)).isEqualTo(Sat.of(least));
        assertThat(Dust.isDust(output)).isFalse();
        if (least > 0) {
            assertThat(Dust.isDust(new TxOut(Sat.of(least - 1), output.scriptPubKey()))).isTrue();
        }
    }
}
