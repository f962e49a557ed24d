package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.Group;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A request with several rates for one payment: signed only where all are versions of it.
class FeeLadderTest extends ApprovalFixture {
    @TempDir Path folder;

    /// 40,000 for a friend, and this much for the miner.
    private Transaction rung(long fee) {
        return spend(to(FRIEND, 40_000), to(ours, 60_000 - fee));
    }

    private SigningRequest ladder(Transaction... rungs) {
        return ladder(FeeLadder.encode(List.of(rungs)), rungs);
    }

    private SigningRequest ladder(Bytes context, Transaction... rungs) {
        List<MessageToSign> messages = new ArrayList<>();
        for (Transaction rung : rungs) {
            messages.addAll(request(rung).messages());
        }
        return request(FeeLadder.PURPOSE, keys(), context, messages);
    }

    private void refusedLadder(RefusalCode code, Transaction... rungs) {
        refused(code, decide(alice, ladder(rungs)));
    }

    @Test
    void allRungsAreSignedAndTheirCoinsAreHeldOnce() {
        SigningRequest request = ladder(rung(200), rung(1_000), rung(2_000));
        Decision decision = decide(alice, request);
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Approved.class,
                        approved -> {
                            assertThat(approved.messages()).isEqualTo(request.messages());
                            assertThat(approved.messages()).doesNotHaveDuplicates().hasSize(3);
                            assertThat(approved.hold())
                                    .isEqualTo(PaymentHold.of(rung(200), ours::equals));
                        });
        assertThat(alice.holdOf(request)).isEqualTo(PaymentHold.of(rung(2_000), ours::equals));
        assertThat(FeeLadder.of(request, ours::equals))
                .containsExactly(rung(200), rung(1_000), rung(2_000));
        assertThat(decide(alice, ladder(rung(200), rung(201))))
                .isInstanceOf(Decision.Approved.class);
    }

    @Test
    void eachRungIsHeldAgainstThePolicy() {
        refusedLadder(RefusalCode.FEE_ABOVE_LIMIT, rung(200), rung(1_000), rung(2_001));
        refusedLadder(RefusalCode.FEE_BELOW_RELAY, rung(10), rung(1_000));
        refusedLadder(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                spend(to(Group.STRANGER, 40_000), to(ours, 59_000)),
                spend(to(Group.STRANGER, 40_000), to(ours, 58_000)));
        refusedLadder(
                RefusalCode.AMOUNT_ABOVE_LIMIT,
                spend(to(FRIEND, 50_001), to(ours, 49_000)),
                spend(to(FRIEND, 50_001), to(ours, 48_000)));
        refusedLadder(RefusalCode.DUST_OUTPUT, rung(200), rung(59_900));
    }

    @Test
    void ofTheDayTheDearestRungIsUsedUp() {
        try (DailySpending spending =
                TestSpending.open(
                        folder.resolve("approved"),
                        Sat.of(83_000),
                        () -> new ClockReading(now, 0, now))) {
            PaymentApproval limited = approval(new Allowlist.Only(Set.of(FRIEND)), spending);
            assertThat(decide(limited, ladder(rung(200), rung(2_000))))
                    .isInstanceOf(Decision.Approved.class);
            assertThat(spending.left()).contains(Sat.of(41_000));
            // 40,200 would still fit, 41,001 does not.
            refused(
                    RefusalCode.AMOUNT_ABOVE_DAY_LIMIT,
                    decide(limited, ladder(rung(200), rung(1_001))));
        }
    }

    @Test
    void rungsThatPayOthersOrOtherwiseAreNotVersionsOfOnePayment() {
        List<TxOut[]> others =
                List.of(
                        new TxOut[] {to(FRIEND_TOO, 40_000), to(ours, 59_000)},
                        new TxOut[] {to(FRIEND, 39_999), to(ours, 59_000)},
                        new TxOut[] {to(FRIEND, 40_000), to(FRIEND_TOO, 5_000), to(ours, 54_000)},
                        new TxOut[] {to(ours, 99_000)});
        for (TxOut[] other : others) {
            refusedLadder(RefusalCode.MALFORMED_TRANSACTION, rung(200), spend(other));
        }
    }

    @Test
    void rungsWithoutTheCommonCoinsCouldBothBeMined() {
        TxOut[] outputs = {to(FRIEND, 40_000), to(ours, 59_000)};
        refusedLadder(
                RefusalCode.MALFORMED_TRANSACTION,
                rung(200),
                FakeChain.spend(ourCoins.subList(1, 2), outputs));
        // One in common would do, and is not asked for by any honest node.
        refusedLadder(
                RefusalCode.MALFORMED_TRANSACTION,
                rung(200),
                FakeChain.spend(ourCoins.subList(0, 2), outputs));
    }

    @Test
    void fourRungsOneOrNoneAndThoseThatDoNotRiseAreRefused() {
        refusedLadder(
                RefusalCode.MALFORMED_TRANSACTION, rung(200), rung(400), rung(600), rung(800));
        refusedLadder(RefusalCode.MALFORMED_TRANSACTION, rung(200));
        refusedLadder(RefusalCode.MALFORMED_TRANSACTION);
        refusedLadder(RefusalCode.MALFORMED_TRANSACTION, rung(400), rung(400));
        refusedLadder(RefusalCode.MALFORMED_TRANSACTION, rung(400), rung(300));
    }

    @Test
    void messagesOfOtherRungsAreRefused() {
        Bytes context = FeeLadder.encode(List.of(rung(200), rung(400)));
        refused(RefusalCode.SIGHASH_MISMATCH, decide(alice, ladder(context, rung(200))));
        refused(RefusalCode.SIGHASH_MISMATCH, decide(alice, ladder(context, rung(400), rung(200))));
        refused(
                RefusalCode.SIGHASH_MISMATCH,
                decide(alice, ladder(context, rung(200), rung(400), rung(600))));
        // A ladder under the name of a payment, and the other way round.
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                decide(alice, request(context, ladder(rung(200), rung(400)).messages())));
        refused(
                RefusalCode.MALFORMED_TRANSACTION,
                decide(alice, ladder(rung(200).serializeWithoutWitness(), rung(200))));
    }

    /// Every beginning, and every byte changed: an answer, never an exception.
    @Test
    void aContextThatIsCutOffOrDamagedIsRefused() {
        SigningRequest good = ladder(rung(200), rung(400));
        byte[] bytes = good.context().toArray();
        for (int length = 0; length < bytes.length; length++) {
            Bytes cut = Bytes.wrap(Arrays.copyOf(bytes, length));
            assertThat(decide(alice, request(FeeLadder.PURPOSE, keys(), cut, good.messages())))
                    .isInstanceOf(Decision.Refused.class);
        }
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) 0x80;
            SigningRequest request =
                    request(FeeLadder.PURPOSE, keys(), Bytes.wrap(damaged), good.messages());
            assertThat(decide(alice, request)).isInstanceOf(Decision.Refused.class);
            Hold hold = alice.holdOf(request);
            assertThat(hold).isNotNull();
        }
    }
}
