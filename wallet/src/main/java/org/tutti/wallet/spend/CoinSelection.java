package org.tutti.wallet.spend;

import org.tutti.bitcoin.tx.OutPoint;

import java.util.List;

/// Which coins a payment spends.
public sealed interface CoinSelection {
    /// As few as cover amount and fee, the largest first.
    record Fewest() implements CoinSelection {}

    /// At least so many, the largest first.
    ///
    /// @param count at least 1
    record AtLeast(int count) implements CoinSelection {
        public AtLeast {
            if (count < 1) {
                throw new IllegalArgumentException("at least " + count + " coins");
            }
        }
    }

    /// Everything that may be spent.
    record All() implements CoinSelection {}

    /// Exactly these.
    record Named(List<OutPoint> outPoints) implements CoinSelection {
        public Named {
            outPoints = List.copyOf(outPoints);
        }
    }
}
