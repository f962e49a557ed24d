package org.tutti.lightclient.sync;

import org.tutti.lightclient.headers.HeaderChain;

import java.time.Duration;
import java.time.Instant;

/// Where the blocks begin that a light client fetches: no coin that anybody asks for is older.
public sealed interface Birthday {
    /// Taken off a time: clocks of people and of miners differ, and a day begins earlier elsewhere.
    Duration MARGIN = Duration.ofDays(1);

    /// At this block; genesis is never fetched.
    ///
    /// @param value at least 0
    record AtHeight(int value) implements Birthday {
        public AtHeight {
            if (value < 0) {
                throw new IllegalArgumentException("no height is " + value);
            }
        }

        @Override
        public String toString() {
            return Integer.toString(value);
        }
    }

    /// At the first block of the best chain whose median time is at most [#MARGIN] before this
    /// time; nowhere while there is none, or the chain has less than the network's minimum of work.
    record AtTime(Instant value) implements Birthday {
        @Override
        public String toString() {
            return value.toString();
        }
    }

    /// At the first block after genesis.
    static Birthday atStart() {
        return new AtHeight(1);
    }

    /// Nowhere: headers alone.
    static Birthday never() {
        return new AtHeight(Integer.MAX_VALUE);
    }

    /// The height of the first block that is fetched, in the chain as it is now.
    ///
    /// @return at least 1; [Integer#MAX_VALUE] if no block of the best chain is late enough
    default int in(HeaderChain chain) {
        return switch (this) {
            case AtHeight(int height) -> Math.max(1, height);
            case AtTime(Instant time) -> first(chain, time.minus(MARGIN).getEpochSecond());
        };
    }

    /// A header's time only has to exceed the median of the eleven before it, so times may go back
    /// from one to the next; medians never do (Bitcoin Core, `GetMedianTimePast`).
    private static int first(HeaderChain chain, long time) {
        // Whoever made a chain of little work chose its times, and what is skipped is not fetched.
        if (!chain.hasEnoughWork() || chain.medianTime(chain.tip()) < time) {
            return Integer.MAX_VALUE;
        }
        int low = Math.max(1, chain.startHeight());
        int high = Math.max(low, chain.tip().height());
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (chain.medianTime(chain.at(middle)) >= time) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
