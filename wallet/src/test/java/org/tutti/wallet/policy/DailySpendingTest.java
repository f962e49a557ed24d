package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;

/// Many small payments are bounded as one large one is.
class DailySpendingTest extends ApprovalFixture {
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir Path folder;
    private long runningNanos = -5;
    private Instant chainTime = Instant.MIN;

    private Path file() {
        return folder.resolve("approved");
    }

    private DailySpending limit(long sat) throws IOException {
        return DailySpending.open(file(), Sat.of(sat), this::clocks);
    }

    /// With room for one approval.
    private DailySpending small() throws IOException {
        return DailySpending.open(file(), Sat.of(60_000), this::clocks, 1, SpendingFile.DISK);
    }

    private ClockReading clocks() {
        return new ClockReading(now, runningNanos, chainTime);
    }

    private void pass(Duration time) {
        now = now.plus(time);
        runningNanos += time.toNanos();
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
            assertThat(spending.left()).contains(Sat.of(19_000));
            approved(alice, pay(1, 18_000));
            assertThat(spending.left()).contains(Sat.ZERO);
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(2, 1_000)));
            pass(DAY.minusMillis(1));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(2, 1_000)));
            pass(Duration.ofMillis(1));
            assertThat(spending.left()).contains(Sat.of(60_000));
            SigningRequest tomorrow = request(pay(2, 40_000));
            assertThat(decide(alice, tomorrow)).isInstanceOf(Decision.Approved.class);
        }
    }

    @Test
    void anotherLimitCountsWhatWasApprovedBefore() throws Exception {
        try (DailySpending spending = limit(60_000)) {
            approved(alice(spending), pay(0, 40_000));
            spending.use(Sat.of(50_000));
            assertThat(spending.left()).contains(Sat.of(9_000));
            spending.use(Sat.of(30_000));
            assertThat(spending.left()).contains(Sat.of(0));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(1, 1_000)));
            spending.use(Sat.of(60_000));
            approved(alice(spending), pay(1, 1_000));
        }
        assertThatThrownBy(() -> DailySpending.unlimited().use(Sat.of(1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ofAVersionOnlyWhatItTakesBeyondTheOthersCounts() throws Exception {
        assertThat(DailySpending.unlimited().left()).isEmpty();
        try (DailySpending spending = limit(42_000)) {
            approved(alice(spending), pay(0, 40_000));
            PaymentApproval knowsTheFirst =
                    new PaymentApproval(
                            group.wallet,
                            utxos,
                            new SpendPolicy(Sat.of(50_000), Sat.of(5_000), new Allowlist.Any()),
                            spending,
                            () -> true,
                            (_, _) -> Sat.of(41_000),
                            Duration.ZERO);
            approved(knowsTheFirst, pay(1, 40_500));
            assertThat(spending.left()).contains(Sat.of(500));
            approved(knowsTheFirst, pay(2, 1_000));
            assertThat(spending.left()).contains(Sat.of(500));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(knowsTheFirst, pay(2, 40_501)));
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
    void aLimitThatWasUsedUpIsFreeAfterADayWhateverItIs() throws Exception {
        approved(alice(limit(60_000)), pay(0, 40_000));
        DailySpending.useUp(file(), Bytes.fromHex("a1".repeat(16)), now);
        DailySpending.useUp(file(), Bytes.fromHex("a2".repeat(16)), now);
        try (DailySpending spending = limit(2_000_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(1, 1_000)));
            approved(alice(spending), pay(0, 40_000));
            pass(DAY.minusMillis(1));
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(1, 1_000)));
            pass(Duration.ofMillis(1));
            assertThat(spending.left()).contains(Sat.of(2_000_000));
            SigningRequest tomorrow = request(pay(1, 1_000));
            assertThat(decide(alice(spending), tomorrow)).isInstanceOf(Decision.Approved.class);
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
        pass(DAY);
        chainTime = NOW.plus(DAY);
        try (DailySpending spending = limit(60_000)) {
            approved(alice(spending), pay(1, 40_000));
        }
        limit(60_000).close();
        assertThat(Files.size(file())).isEqualTo(52);
    }

    @Test
    void moreApprovalsThanTheBoundAreRefused() throws Exception {
        try (DailySpending small = small()) {
            SessionId session = request(pay(0, 1)).sessionId();
            small.count(session, Txid.hashOf(new byte[] {1}), Sat.of(1));
            assertThatThrownBy(() -> small.count(session, Txid.hashOf(new byte[] {2}), Sat.of(1)))
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

    /// What interrupts an approval that nobody waits for must not close the file of all others.
    @Test
    void anInterruptedApprovalStopsNoLaterOneAndCountsNothing() throws Exception {
        try (DailySpending spending = limit(41_000)) {
            PaymentApproval alice = alice(spending);
            SigningRequest request = request(pay(0, 40_000));
            FutureTask<Decision> interrupted =
                    new FutureTask<>(() -> {
                        Thread.currentThread().interrupt();
                        return alice.decide(request, bob);
                    });
            Thread.ofPlatform().start(interrupted).join();
            assertThatThrownBy(interrupted::get).hasCauseInstanceOf(InterruptedException.class);
            approved(alice, pay(1, 40_000));
        }
        try (DailySpending spending = limit(41_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(2, 1_000)));
        }
    }

    @Test
    void whatWasReleasedDoesNotCountAfterARestartEither() throws Exception {
        try (DailySpending spending = limit(41_000)) {
            PaymentApproval alice = alice(spending);
            for (int i = 0; i < 5; i++) {
                SigningRequest request = request(pay(i % 3, 40_000));
                assertThat(decide(alice, request)).isInstanceOf(Decision.Approved.class);
                refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay((i + 1) % 3, 1_000)));
                spending.released(request.sessionId());
            }
        }
        try (DailySpending spending = limit(41_000)) {
            // Another transaction: one that counts already would cost nothing more.
            approved(alice(spending), pay(1, 39_999));
        }
    }

    /// The session ends while the approval still reads the transaction.
    @Test
    void anApprovalThatComesAfterTheEndOfItsSessionDoesNotCount() throws Exception {
        try (DailySpending spending = limit(41_000)) {
            PaymentApproval alice = alice(spending);
            SigningRequest request = request(pay(0, 40_000));
            spending.released(request.sessionId());
            refused(RefusalCode.SESSION_OVER, decide(alice, request));
            approved(alice, pay(1, 40_000));
        }
    }

    @Test
    void whatACommittedSessionMayHaveSignedIsNotReleased() throws Exception {
        try (DailySpending spending = limit(41_000)) {
            PaymentApproval alice = alice(spending);
            SigningRequest request = request(pay(0, 40_000));
            assertThat(decide(alice, request)).isInstanceOf(Decision.Approved.class);
            spending.committed(request.sessionId(), pay(0, 40_000).txid());
            spending.released(request.sessionId());
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(1, 1_000)));
        }
    }

    @Test
    void aClockThatJumpsAheadAndBackDoesNotForgetTheDaysApprovals() throws Exception {
        try (DailySpending spending = limit(50_000)) {
            PaymentApproval alice = alice(spending);
            approved(alice, pay(0, 40_000));
            now = Instant.parse("2099-01-01T00:00:00Z");
            approved(alice, pay(1, 1_000));
            now = NOW.plusSeconds(60);
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(2, 40_000)));
        }
    }

    @Test
    void aStartWithAClockAheadDoesNotForgetTheDaysApprovals() throws Exception {
        try (DailySpending spending = limit(50_000)) {
            approved(alice(spending), pay(0, 40_000));
        }
        now = NOW.plus(Duration.ofHours(25));
        try (DailySpending spending = limit(50_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(2, 40_000)));
        }
        now = NOW.plusSeconds(60);
        try (DailySpending spending = limit(50_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(2, 40_000)));
        }
    }

    @Test
    void aClockInDoubtFreesNothingUntilAnOperatorSaysThatItIsRight() throws Exception {
        try (DailySpending spending = limit(50_000)) {
            PaymentApproval alice = alice(spending);
            approved(alice, pay(0, 40_000));
            spending.doubtClock();
            pass(DAY);
            chainTime = now;
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice, pay(1, 40_000)));
            spending.trustClock();
            approved(alice, pay(1, 40_000));
        }
    }

    /// Otherwise a clock that was wrong for a minute would take the limit away until 2099.
    @Test
    void whatAWrongClockApprovedInItsFutureCountsFromTheOperatorsWordOn() throws Exception {
        now = Instant.parse("2099-01-01T00:00:00Z");
        try (DailySpending spending = limit(50_000)) {
            approved(alice(spending), pay(0, 40_000));
            now = NOW;
            spending.doubtClock();
            spending.trustClock();
        }
        pass(DAY);
        chainTime = now;
        try (DailySpending spending = limit(50_000)) {
            approved(alice(spending), pay(1, 40_000));
        }
    }

    /// Saying that the clock is right writes the file anew.
    @Test
    void whatCountsIsStillOnDiskAfterTheOperatorsWord() throws Exception {
        try (DailySpending spending = limit(50_000)) {
            approved(alice(spending), pay(0, 40_000));
            spending.doubtClock();
            spending.trustClock();
        }
        try (DailySpending spending = limit(50_000)) {
            refused(RefusalCode.AMOUNT_ABOVE_DAY_LIMIT, ask(alice(spending), pay(1, 40_000)));
        }
    }

    @Test
    void theFileStaysShortHoweverOftenSomethingIsReleased() throws Exception {
        try (DailySpending spending = limit(50_000)) {
            for (int i = 0; i < 2_000; i++) {
                SessionId session = request(pay(0, 1)).sessionId();
                spending.count(session, Txid.hashOf(new byte[] {1}), Sat.of(1));
                spending.released(session);
            }
        }
        assertThat(Files.size(file())).isLessThan(52L * 1_100);
    }

    private Decision ask(PaymentApproval alice, Transaction payment) {
        return decide(alice, request(payment));
    }

    private void approved(PaymentApproval alice, Transaction payment) {
        assertThat(ask(alice, payment)).isInstanceOf(Decision.Approved.class);
    }
}
