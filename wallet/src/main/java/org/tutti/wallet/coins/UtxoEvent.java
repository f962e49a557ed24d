package org.tutti.wallet.coins;

import org.tutti.bitcoin.hash.Txid;

/// What a block, or its loss in a reorganisation, did to our coins.
public sealed interface UtxoEvent {
    Utxo utxo();

    /// A block pays us.
    record Received(Utxo utxo) implements UtxoEvent {}

    /// A block spends a coin of ours.
    record Spent(Utxo utxo, Txid by, int height) implements UtxoEvent {}

    /// The block that paid us left the chain, and the coin with it.
    record Lost(Utxo utxo) implements UtxoEvent {}

    /// The block that spent the coin left the chain: it is ours again.
    record Restored(Utxo utxo) implements UtxoEvent {}
}
