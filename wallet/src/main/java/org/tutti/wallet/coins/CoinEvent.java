package org.tutti.wallet.coins;

import org.tutti.bitcoin.tx.Hash256;

/// What a block, or its loss in a reorganisation, did to our coins.
public sealed interface CoinEvent {
    Coin coin();

    /// A block pays us.
    record Received(Coin coin) implements CoinEvent {}

    /// A block spends a coin of ours.
    record Spent(Coin coin, Hash256 by, int height) implements CoinEvent {}

    /// The block that paid us is gone, and the coin with it.
    record Lost(Coin coin) implements CoinEvent {}

    /// The block that spent the coin is gone: it is ours again.
    record Restored(Coin coin) implements CoinEvent {}
}
