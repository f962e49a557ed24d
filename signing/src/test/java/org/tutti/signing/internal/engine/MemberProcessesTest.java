package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.engine.MemberProcesses.Finding;

import java.time.Duration;
import java.time.Instant;

class MemberProcessesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Bytes OLD = Bytes.fromHex("01");
    private static final Bytes NEW = Bytes.fromHex("02");

    private final MemberProcesses processes = MemberProcesses.ofOther();
    private Instant now = START;
    private int answers;

    /// @param number of the challenge
    /// @param made challenges so far
    private Finding answered(MemberProcesses of, Bytes boot, long number, long made) {
        return of.answered(boot, number, made, now, envelope(++answers));
    }

    private static Bytes envelope(int number) {
        return Bytes.fromHex("e%03x".formatted(number));
    }

    private Finding answered(Bytes boot, long number, long made) {
        return answered(processes, boot, number, made);
    }

    @Test
    void processThatAnswersFirstIsTheOneThatIsThere() {
        assertThat(processes.present()).isEmpty();
        assertThat(processes.challengedAt(OLD)).isEmpty();
        assertThat(answered(OLD, 1, 1)).isEqualTo(Finding.NEW_PROCESS);
        now = now.plusSeconds(1);
        assertThat(answered(OLD, 2, 2)).isEqualTo(Finding.NOTHING);
        assertThat(processes.present()).containsExactly(OLD);
        assertThat(processes.challengedAt(OLD)).as("not yet").contains(Instant.MAX);
        assertThat(processes.challengedAt(NEW)).isEmpty();
        assertThat(processes.answers()).as("the last of it").containsExactly(envelope(2));
    }

    @Test
    void oneThatIsStartedAgainTakesThePlaceOfTheEarlierOne() {
        answered(OLD, 1, 1);
        now = now.plusSeconds(1);
        assertThat(answered(NEW, 2, 2)).isEqualTo(Finding.NEW_PROCESS);
        assertThat(processes.present()).containsExactly(NEW);
        assertThat(processes.challengedAt(NEW)).as("not yet").contains(Instant.MAX);
        assertThat(processes.challengedAt(OLD)).isEmpty();
        assertThat(processes.copied()).isFalse();
    }

    @Test
    void processHasBeenChallengedOnceAllWereSinceItIsKnown() {
        answered(OLD, 1, 1);
        processes.challenged(START.plusSeconds(1));
        processes.challenged(START.plusSeconds(2));
        assertThat(processes.challengedAt(OLD)).contains(START.plusSeconds(1));
        answered(NEW, 2, 2);
        assertThat(processes.challengedAt(NEW)).contains(Instant.MAX);
        processes.challenged(START.plusSeconds(3));
        assertThat(processes.challengedAt(NEW)).contains(START.plusSeconds(3));
    }

    @Test
    void olderOneThatAnswersAChallengeMadeAfterTheNewerHadAnsweredIsACopy() {
        answered(OLD, 1, 1);
        answered(NEW, 2, 5);
        assertThat(answered(OLD, 5, 6)).as("made before").isEqualTo(Finding.NOTHING);
        assertThat(processes.copied()).isFalse();
        assertThat(answered(NEW, 6, 6)).as("the newer one").isEqualTo(Finding.NOTHING);
        assertThat(answered(OLD, 6, 6)).isEqualTo(Finding.COPY);
        assertThat(processes.copied()).isTrue();
        assertThat(processes.present()).containsExactly(OLD, NEW);
        assertThat(processes.challengedAt(NEW)).isEmpty();
        assertThat(processes.answers()).containsExactly(envelope(5), envelope(4));
    }

    @Test
    void oneOfTwoThatHasNotAnsweredForSomeTimeIsGone() {
        answered(OLD, 1, 1);
        answered(NEW, 2, 2);
        assertThat(processes.forgetGone(now.plus(Duration.ofDays(1))))
                .as("while there is one, nothing is forgotten")
                .isFalse();
        answered(OLD, 3, 3);
        now = now.plusSeconds(5);
        answered(NEW, 4, 4);
        Instant gone = START.plus(MemberProcesses.GONE_AFTER);
        assertThat(processes.forgetGone(gone.minusNanos(1))).isFalse();
        assertThat(processes.copied()).isTrue();
        assertThat(processes.forgetGone(gone)).isTrue();
        assertThat(processes.copied()).isFalse();
        assertThat(processes.present()).containsExactly(NEW);
        assertThat(processes.forgetGone(gone)).isFalse();
        assertThat(processes.challengedAt(NEW)).contains(Instant.MAX);
    }

    @Test
    void bothMayBeGone() {
        answered(OLD, 1, 1);
        answered(NEW, 2, 2);
        answered(OLD, 3, 3);
        assertThat(processes.forgetGone(now.plus(MemberProcesses.GONE_AFTER))).isTrue();
        assertThat(processes.present()).isEmpty();
    }

    @Test
    void numberOfProcessesIsBoundedAndTheOldestIsForgotten() {
        for (int i = 1; i <= MemberProcesses.MAX_KEPT; i++) {
            answered(Bytes.fromHex("0%d".formatted(i)), i, i);
        }
        assertThat(processes.answers()).hasSize(MemberProcesses.MAX_KEPT);
        answered(Bytes.fromHex("09"), 9, 9);
        assertThat(processes.answers())
                .hasSize(MemberProcesses.MAX_KEPT)
                .doesNotContain(envelope(1));
        assertThat(answered(Bytes.fromHex("01"), 10, 10)).isEqualTo(Finding.NEW_PROCESS);
    }

    @Test
    void anyOtherWithThisNodesIdentityIsACopyUntilItIsGone() {
        MemberProcesses own = MemberProcesses.ofSelf(NEW);
        assertThat(own.present()).containsExactly(NEW);
        assertThat(own.copied()).isFalse();
        assertThat(answered(own, OLD, 1, 1)).isEqualTo(Finding.COPY);
        assertThat(own.copied()).isTrue();
        assertThat(own.present()).containsExactly(NEW);
        assertThat(own.forgetGone(now.plus(MemberProcesses.GONE_AFTER).minusNanos(1))).isFalse();
        assertThat(own.copied()).isTrue();
        assertThat(own.forgetGone(now.plus(MemberProcesses.GONE_AFTER))).isTrue();
        assertThat(own.copied()).isFalse();
        assertThat(own.present()).containsExactly(NEW);
    }
}
