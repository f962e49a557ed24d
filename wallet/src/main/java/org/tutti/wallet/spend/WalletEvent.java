package org.tutti.wallet.spend;

import org.tutti.wallet.coins.UtxoEvent;

/// What the chain did that concerns the wallet.
public sealed interface WalletEvent {
    /// A coin came, went, or came back.
    record UtxoChanged(UtxoEvent event) implements WalletEvent {}

    /// A followed transaction is in a block, its Merkle branch checked.
    record Confirmed(Confirmation confirmation) implements WalletEvent {}

    /// The block with a followed transaction left the chain.
    record Unconfirmed(Confirmation confirmation) implements WalletEvent {}
}
