package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.network.RetargetRule;
import org.tutti.bitcoin.network.SoftForks;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Set;

/// What a header must be to follow another: Bitcoin Core's `ContextualCheckBlockHeader` and
/// `GetNextWorkRequired`, with the network's deviations as data. No clock, no chain: the state of
/// the branch comes in.
final class HeaderRules {
    /// Blocks between two retargets: two weeks of ten minutes each.
    static final int PERIOD = 2016;

    /// How far a header's time may be ahead of ours (Bitcoin Core's `MAX_FUTURE_BLOCK_TIME`).
    static final Duration MAX_FUTURE = Duration.ofHours(2);

    /// How far the first block of a period may be before the last of the one before (Bitcoin Core's
    /// `MAX_TIMEWARP`, BIP94).
    static final long MAX_TIME_WARP_SECONDS = 600;

    private static final long TARGET_SPACING_SECONDS = 600;
    private static final long TARGET_TIMESPAN_SECONDS = PERIOD * TARGET_SPACING_SECONDS;
    private static final BigInteger MASK_256 =
            BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);

    private final long limitBits;
    private final BigInteger limit;
    private final boolean neverRetargets;
    private final boolean minimumAfter20Minutes;
    private final boolean firstBlockOfPeriod;
    private final boolean noTimeWarp;
    private final SoftForks softForks;

    HeaderRules(Network network) {
        Set<RetargetRule> rules = network.difficulty().rules();
        limitBits = network.difficulty().limitBits();
        limit = network.difficulty().limit();
        neverRetargets = rules.contains(RetargetRule.NEVER);
        minimumAfter20Minutes = rules.contains(RetargetRule.MINIMUM_AFTER_20_MINUTES);
        firstBlockOfPeriod = rules.contains(RetargetRule.FIRST_BLOCK_OF_PERIOD);
        noTimeWarp = rules.contains(RetargetRule.NO_TIME_WARP);
        softForks = network.softForks();
    }

    long limitBits() {
        return limitBits;
    }

    boolean isMinimumAfter20Minutes() {
        return minimumAfter20Minutes;
    }

    /// The first rule that a header breaks beside its bits and its proof of work, or nothing.
    ///
    /// @param parent the state after the header below it
    /// @param version signed
    /// @param nowSeconds our time since 1970
    @Nullable Rule broken(BranchState parent, int version, long time, long nowSeconds) {
        if (!parent.isAboveMedian(time)) {
            return Rule.TIME_TOO_OLD;
        }
        // BIP94: "The time of the first block of a difficulty period must not be lower than the
        // time
        // of the last block of the one before minus 600 seconds".
        if (noTimeWarp
                && (parent.height + 1) % PERIOD == 0
                && time < parent.time - MAX_TIME_WARP_SECONDS) {
            return Rule.TIME_WARP;
        }
        if (time > nowSeconds + MAX_FUTURE.toSeconds()) {
            return Rule.TIME_TOO_NEW;
        }
        return isVersionAllowed(version, parent.height + 1) ? null : Rule.OLD_VERSION;
    }

    /// Bitcoin Core, `ContextualCheckBlockHeader`: from each of these soft forks on blocks of the
    /// version before it are refused (BIP34, BIP66, BIP65).
    private boolean isVersionAllowed(int version, int height) {
        return (height < softForks.bip34() || version >= 2)
                && (height < softForks.bip66() || version >= 3)
                && (height < softForks.bip65() || version >= 4);
    }

    /// The bits that a header with this time must have (Bitcoin Core, `GetNextWorkRequired`).
    long expectedBits(BranchState parent, long time) {
        if ((parent.height + 1) % PERIOD == 0) {
            return neverRetargets ? parent.bits : retarget(parent);
        }
        if (!minimumAfter20Minutes) {
            return parent.bits;
        }
        return time > parent.time + 2 * TARGET_SPACING_SECONDS ? limitBits : parent.baseBits;
    }

    private long retarget(BranchState last) {
        // BIP94: "the base difficulty value is taken from the first block of the previous
        // difficulty
        // period", so that a last block of the easiest target does not reset it.
        long base = firstBlockOfPeriod ? last.periodBits : last.bits;
        return retarget(base, last.time - last.periodTime);
    }

    /// The bits of the next period (Bitcoin Core, `CalculateNextWorkRequired`).
    ///
    /// @param bits of the period that ends
    /// @param timespanSeconds from its first block to its last: 2,015 intervals, not 2,016
    long retarget(long bits, long timespanSeconds) {
        long timespan =
                Math.clamp(
                        timespanSeconds, TARGET_TIMESPAN_SECONDS / 4, TARGET_TIMESPAN_SECONDS * 4);
        BigInteger target =
                ProofOfWork.target(bits)
                        .orElseThrow()
                        .multiply(BigInteger.valueOf(timespan))
                        // Core's numbers have 256 bits. No network's limit is so high that this
                        // matters; a custom one's could be.
                        .and(MASK_256)
                        .divide(BigInteger.valueOf(TARGET_TIMESPAN_SECONDS));
        return ProofOfWork.compact(target.min(limit));
    }

    /// Whether a header above genesis can be where its anchor says.
    boolean canStart(ChainStart start) {
        ChainStart.Anchor anchor = start.anchor();
        long bits = start.first().bits();
        if (!isVersionAllowed(start.first().version(), anchor.height())) {
            return false;
        }
        if (anchor.height() % PERIOD == 0) {
            return bits == anchor.bits() && start.first().time() == anchor.time();
        }
        return bits == anchor.bits() || (minimumAfter20Minutes && bits == limitBits);
    }
}
