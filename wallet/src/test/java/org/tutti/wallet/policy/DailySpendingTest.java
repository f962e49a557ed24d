package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SigningRequest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// Many small payments are bounded as one large one is.
class DailySpendingTest extends ApprovalFixture {
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir Path folder;

    private Path file() {
        return folder.resolve("approved");
    }

    private DailySpending limit(long sat) throws IOException {
        return DailySpending.open(file(), Sat.of(sat), () -> now);
    }

    private PaymentApproval alice(DailySpending spending) {
        return approval(new Allowlist.Any(), spending);
    }

    private Transaction pay(int utxo, long amount) {
        return org.tutti.wallet.FakeChain.spend(
                ourCoins.subList(utxo, utxo + 1), to(FRIEND, amount), to(ours, 99_000 - amount));
    }

    @Test
    void whatSeveralPaymentsTakeFromTheGroupIsBoundedFeesIncluded() throws Exception {
        // Each takes its amount and a fee of 1000 sat.
        try (DailySpending spending = limit(60_000)) {
            PaymentApproval alice = alice(spending);
            approved(alice, pay(0, 40_000));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(1, 18_001)));
            approved(alice, pay(1, 18_000));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(2, 1_000)));
            now = NOW.plus(DAY).minusMillis(1);
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(2, 1_000)));
            now = NOW.plus(DAY);
            SigningRequest tomorrow = request(pay(2, 40_000));
            assertThat(decide(alice, tomorrow)).isInstanceOf(Decision.Approved.class);
        }
    }

    @Test
    void theSameTransactionCountsOnceHoweverOftenItIsAskedFor() throws Exception {
        try (DailySpending spending = limit(41_000)) {
            PaymentApproval alice = alice(spending);
            for (int i = 0; i < 3; i++) {
                approved(alice, pay(0, 40_000));
            }
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(1, 1_000)));
        }
    }

    @Test
    void whatWasApprovedBeforeACrashCounts() throws Exception {
        // Never closed: kill -9 closes nothing either.
        approved(alice(limit(60_000)), pay(0, 40_000));
        try (DailySpending spending = limit(60_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(1, 20_000)));
            approved(alice(spending), pay(0, 40_000));
        }
    }

    @Test
    void aRefusalUsesNothingUpAndBindsNoCoin() throws Exception {
        try (DailySpending spending = limit(30_000)) {
            PaymentApproval alice = alice(spending);
            refused(RefusalCode.AMOUNT_ABOVE_LIMIT, ask(alice, pay(0, 50_001)));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(0, 29_001)));
            approved(alice, pay(0, 29_000));
        }
    }

    @Test
    void aTornEndIsCutOffAndDamageIsNot() throws Exception {
        approved(alice(limit(60_000)), pay(0, 40_000));
        Files.write(file(), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        limit(60_000).close();
        assertThat(Files.size(file())).isEqualTo(52);
        byte[] bytes = Files.readAllBytes(file());
        bytes[20] ^= 1;
        Files.write(file(), bytes);
        assertThatThrownBy(() -> limit(60_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void whatNoLongerCountsIsForgottenOnDiskToo() throws Exception {
        approved(alice(limit(60_000)), pay(0, 40_000));
        now = NOW.plus(DAY);
        limit(60_000).close();
        assertThat(Files.size(file())).isZero();
    }

    @Test
    void moreApprovalsThanTheBoundAreRefused() throws Exception {
        SpendingFile unused = SpendingFile.open(file(), a -> true, new java.util.ArrayList<>());
        try (DailySpending small =
                new DailySpending(Sat.of(60_000), () -> now, unused, List.of(), 1)) {
            small.count(Txid.hashOf(new byte[] {1}), Sat.of(1));
            assertThatThrownBy(() -> small.count(Txid.hashOf(new byte[] {2}), Sat.of(1)))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(RefusalCode.TOO_MANY_SESSIONS));
        }
    }

    @Test
    void whenTheDiskFailsNothingMoreIsApproved() throws Exception {
        DailySpending spending = limit(60_000);
        spending.close();
        PaymentApproval alice = alice(spending);
        refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(0, 1_000)));
        refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(0, 1_000)));
    }

    private Decision ask(PaymentApproval alice, Transaction payment) {
        return decide(alice, request(payment));
    }

    private void approved(PaymentApproval alice, Transaction payment) {
        assertThat(ask(alice, payment)).isInstanceOf(Decision.Approved.class);
    }
}
