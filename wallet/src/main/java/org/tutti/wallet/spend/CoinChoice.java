package org.tutti.wallet.spend;

import org.tutti.bitcoin.tx.OutPoint;

import java.util.List;

/// Which coins a payment spends.
public sealed interface CoinChoice {
    /// As few as cover amount and fee, the largest first.
    record Fewest() implements CoinChoice {}

    /// At least so many, the largest first.
    ///
    /// @param count at least 1
    record AtLeast(int count) implements CoinChoice {
        public AtLeast {
            if (count < 1) {
                throw new IllegalArgumentException("at least " + count + " coins");
            }
        }
    }

    /// Everything that may be spent.
    record All() implements CoinChoice {}

    /// Exactly these.
    record Named(List<OutPoint> outPoints) implements CoinChoice {
        public Named {
            outPoints = List.copyOf(outPoints);
        }
    }
}
