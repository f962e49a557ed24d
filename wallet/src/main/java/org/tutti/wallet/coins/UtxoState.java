package org.tutti.wallet.coins;

import org.tutti.bitcoin.hash.Txid;

/// What the chain says of a coin of ours.
public sealed interface UtxoState {
    Utxo utxo();

    /// Nobody has spent it.
    record Unspent(Utxo utxo) implements UtxoState {}

    /// A transaction in a verified block spends it.
    ///
    /// @param by the transaction
    /// @param height of its block
    record Spent(Utxo utxo, Txid by, int height) implements UtxoState {}
}
