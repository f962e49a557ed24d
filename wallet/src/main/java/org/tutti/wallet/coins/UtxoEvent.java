package org.tutti.wallet.coins;

import org.tutti.bitcoin.hash.Txid;

/// What a block, or its loss in a reorganisation, did to our coins.
public sealed interface UtxoEvent {
    Utxo coin();

    /// A block pays us.
    record Received(Utxo coin) implements UtxoEvent {}

    /// A block spends a coin of ours.
    record Spent(Utxo coin, Txid by, int height) implements UtxoEvent {}

    /// The block that paid us is gone, and the coin with it.
    record Lost(Utxo coin) implements UtxoEvent {}

    /// The block that spent the coin is gone: it is ours again.
    record Restored(Utxo coin) implements UtxoEvent {}
}
