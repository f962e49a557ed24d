package org.tutti.wallet.spend;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;

import java.util.List;
import java.util.function.Consumer;

/// Passes the light client's checked blocks to the coins and the followed transactions, and tells
/// what changed. A transaction that spends a coin of the group's is followed from there on.
///
/// The tracker is bounded: after a confirmation its owner should make it forget the transaction.
///
/// Runs on the light client's listener thread, one call at a time; the events are told on it too,
/// after the stores have changed and outside their locks.
public final class WalletListener implements ChainListener {
    private final UtxoStore utxos;
    private final ConfirmationTracker confirmations;
    private final Consumer<WalletEvent> events;

    public WalletListener(
            UtxoStore utxos, ConfirmationTracker confirmations, Consumer<WalletEvent> events) {
        this.utxos = utxos;
        this.confirmations = confirmations;
        this.events = events;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        List<UtxoEvent> changes = utxos.connect(height, block);
        changes.forEach(this::follow);
        changes.forEach(event -> events.accept(new WalletEvent.UtxoChanged(event)));
        confirmations
                .connect(height, block)
                .forEach(confirmation -> events.accept(new WalletEvent.Confirmed(confirmation)));
    }

    /// What spends a coin of the group's is a payment of the group's: after a restart only the
    /// chain tells.
    private void follow(UtxoEvent event) {
        if (event instanceof UtxoEvent.Spent spent) {
            confirmations.track(spent.by());
        }
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        utxos.disconnect(height, header.previous())
                .forEach(event -> events.accept(new WalletEvent.UtxoChanged(event)));
        confirmations
                .disconnect(height)
                .forEach(gone -> events.accept(new WalletEvent.Unconfirmed(gone)));
    }
}
