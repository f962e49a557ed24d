package org.tutti.lightclient.headers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.network.Difficulty;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.network.SoftForks;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.util.Set;

/// Rules one by one, at their edges; docs/chain-rules.md names these tests.
class HeaderRulesTest {
    private static final long NOW = 1_800_000_000L;
    private static final long START = 1_700_000_000L;
    private static final long EASIEST = 0x1d00ffffL;
    private static final long HARD = 0x1b00ffffL;
    private static final long FORTNIGHT = 14L * 24 * 3_600;

    private static BranchState state(HeaderRules rules, int height, long time, long bits) {
        BranchState state = new BranchState(rules.limitBits());
        state.height = height - 1;
        state.periodTime = time;
        state.periodBits = bits;
        state.baseBits = bits;
        state.push(time, bits);
        return state;
    }

    /// Up to the last block of a period that began with `first`.
    private static BranchState lastOfPeriod(
            HeaderRules rules, long firstBits, long lastBits, long timespan) {
        BranchState state = state(rules, HeaderRules.PERIOD, START, firstBits);
        for (int i = 1; i < HeaderRules.PERIOD - 1; i++) {
            state.push(START + i, firstBits);
        }
        state.push(START + timespan, lastBits);
        assertThat((state.height + 1) % HeaderRules.PERIOD).isZero();
        return state;
    }

    @Test
    void aRetargetIsClampedToAFourthAndToFourTimes() {
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        long quarter = rules.retarget(HARD, FORTNIGHT / 4);
        assertThat(ProofOfWork.target(quarter).orElseThrow())
                .isEqualTo(ProofOfWork.target(0x1a3fffc0L).orElseThrow());
        assertThat(rules.retarget(HARD, FORTNIGHT / 4 - 1)).isEqualTo(quarter);
        assertThat(rules.retarget(HARD, -FORTNIGHT)).as("times may go back").isEqualTo(quarter);
        assertThat(rules.retarget(HARD, FORTNIGHT / 4 + 700)).isNotEqualTo(quarter);
        long fourTimes = rules.retarget(HARD, FORTNIGHT * 4);
        assertThat(rules.retarget(HARD, FORTNIGHT * 4 + 1)).isEqualTo(fourTimes);
        assertThat(rules.retarget(HARD, FORTNIGHT)).isEqualTo(HARD);
        assertThat(rules.retarget(EASIEST, FORTNIGHT * 2)).as("the limit").isEqualTo(EASIEST);
    }

    /// Numbers of 256 bits wrap around in Core; signet's limit is the highest that does not reach
    /// it.
    @Test
    void aRetargetOverflowsAsCoresDoes() {
        HeaderRules signet = new HeaderRules(Network.SIGNET);
        assertThat(signet.retarget(0x1e0377aeL, FORTNIGHT * 4)).isEqualTo(0x1e0377aeL);
        Network wide =
                Network.MAINNET.toBuilder()
                        .difficulty(new Difficulty(0x207fffffL, Set.of(), BigInteger.ZERO))
                        .build();
        BigInteger wrapped =
                ProofOfWork.target(0x207fffffL)
                        .orElseThrow()
                        .multiply(BigInteger.valueOf(FORTNIGHT))
                        .mod(BigInteger.ONE.shiftLeft(256))
                        .divide(BigInteger.valueOf(FORTNIGHT));
        assertThat(new HeaderRules(wide).retarget(0x207fffffL, FORTNIGHT))
                .isEqualTo(ProofOfWork.compact(wrapped));
    }

    @Test
    void bitsThatAreNegativeZeroOrTooLargeAreNoTarget() {
        assertThat(CompactTarget.of(0x1d80ffffL)).as("negative").isNull();
        assertThat(CompactTarget.of(0x1d000000L)).as("zero").isNull();
        assertThat(CompactTarget.of(0x2300ffffL)).as("above 256 bits").isNull();
        assertThat(CompactTarget.of(0x03000001L)).as("more work than there can be").isNull();
        assertThat(CompactTarget.of(EASIEST)).isNotNull();
    }

    @Test
    void onMainnetTheTargetChangesAtAPeriodAlone() {
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        BranchState inPeriod = state(rules, 100, START, HARD);
        assertThat(rules.expectedBits(inPeriod, START + 100_000)).isEqualTo(HARD);
        BranchState last = lastOfPeriod(rules, HARD, HARD, FORTNIGHT / 2);
        assertThat(rules.expectedBits(last, START)).isEqualTo(rules.retarget(HARD, FORTNIGHT / 2));
    }

    @Test
    void onTestnet3ABlockTwentyMinutesLaterHasTheEasiestTargetAndTheNextGoesBack() {
        HeaderRules rules = new HeaderRules(Network.TESTNET3);
        BranchState state = state(rules, 100, START, HARD);
        assertThat(rules.expectedBits(state, START + 1_200)).isEqualTo(HARD);
        assertThat(rules.expectedBits(state, START + 1_201)).isEqualTo(EASIEST);
        state.push(START + 1_201, EASIEST);
        assertThat(rules.expectedBits(state, START + 1_202)).isEqualTo(HARD);
        state.push(START + 3_000, EASIEST);
        assertThat(rules.expectedBits(state, START + 3_001)).isEqualTo(HARD);
        // Testnet3 takes the last block's bits, testnet4 the first's (BIP94).
        BranchState last = lastOfPeriod(rules, HARD, EASIEST, FORTNIGHT);
        assertThat(rules.expectedBits(last, START + FORTNIGHT + 5_000)).isEqualTo(EASIEST);
        HeaderRules testnet4 = new HeaderRules(Network.TESTNET4);
        assertThat(testnet4.expectedBits(last, START + FORTNIGHT + 5_000)).isEqualTo(HARD);
    }

    @Test
    void aPeriodThatBeganWithTheEasiestTargetGoesBackToIt() {
        HeaderRules rules = new HeaderRules(Network.TESTNET3);
        BranchState state = state(rules, HeaderRules.PERIOD, START, EASIEST);
        state.push(START + 1, EASIEST);
        assertThat(rules.expectedBits(state, START + 2)).isEqualTo(EASIEST);
    }

    @Test
    void onTestnet4TheFirstBlockOfAPeriodIsAtMostTenMinutesBeforeTheLast() {
        HeaderRules testnet4 = new HeaderRules(Network.TESTNET4);
        HeaderRules testnet3 = new HeaderRules(Network.TESTNET3);
        BranchState last = lastOfPeriod(testnet4, HARD, HARD, FORTNIGHT);
        long edge = START + FORTNIGHT - 600;
        assertThat(testnet4.broken(last, 4, edge, NOW)).isNull();
        assertThat(testnet4.broken(last, 4, edge - 1, NOW)).isEqualTo(Rule.TIME_WARP);
        assertThat(testnet3.broken(last, 4, edge - 1, NOW)).isNull();
        last.push(edge, HARD);
        assertThat(testnet4.broken(last, 4, edge - 5_000, NOW))
                .as("only the first block of a period")
                .isNull();
    }

    @Test
    void versionsEndAtTheHeightsOfTheirSoftForks() {
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        SoftForks forks = Network.MAINNET.softForks();
        int[] heights = {forks.bip34(), forks.bip66(), forks.bip65()};
        for (int i = 0; i < heights.length; i++) {
            BranchState before = state(rules, heights[i] - 2, START, HARD);
            BranchState at = state(rules, heights[i] - 1, START, HARD);
            assertThat(rules.broken(before, i + 1, START + 1, NOW)).isNull();
            assertThat(rules.broken(at, i + 1, START + 1, NOW)).isEqualTo(Rule.OLD_VERSION);
            assertThat(rules.broken(at, i + 2, START + 1, NOW)).isNull();
            assertThat(rules.broken(at, -1, START + 1, NOW)).isEqualTo(Rule.OLD_VERSION);
        }
        BranchState early = state(rules, 5, START, HARD);
        assertThat(rules.broken(early, -1, START + 1, NOW)).isNull();
    }

    @Test
    void aTimeIsAboveTheMedianAndAtMostTwoHoursAhead() {
        HeaderRules rules = new HeaderRules(Network.MAINNET);
        BranchState state = state(rules, 100, START, HARD);
        for (int i = 1; i <= 10; i++) {
            state.push(START + 100L * i, HARD);
        }
        assertThat(state.medianTime()).isEqualTo(START + 500);
        assertThat(rules.broken(state, 4, START + 500, NOW)).isEqualTo(Rule.TIME_TOO_OLD);
        assertThat(rules.broken(state, 4, START + 501, NOW)).isNull();
        assertThat(rules.broken(state, 4, NOW + 7_200, NOW)).isNull();
        assertThat(rules.broken(state, 4, NOW + 7_201, NOW)).isEqualTo(Rule.TIME_TOO_NEW);
    }
}
