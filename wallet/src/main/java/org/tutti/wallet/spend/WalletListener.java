package org.tutti.wallet.spend;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.wallet.wallet.CoinStore;

import java.util.function.Consumer;

/// Leads the light client's checked blocks to the coins and the followed transactions, and tells
/// what changed.
///
/// Runs on the light client's listener thread, one call at a time; the events are told on it too,
/// after the stores have changed and outside their locks.
public final class WalletListener implements ChainListener {
    private final CoinStore coins;
    private final ConfirmationTracker confirmations;
    private final Consumer<WalletEvent> events;

    public WalletListener(
            CoinStore coins, ConfirmationTracker confirmations, Consumer<WalletEvent> events) {
        this.coins = coins;
        this.confirmations = confirmations;
        this.events = events;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        coins.connect(height, block)
                .forEach(event -> events.accept(new WalletEvent.CoinChanged(event)));
        confirmations
                .connect(height, block)
                .forEach(confirmation -> events.accept(new WalletEvent.Confirmed(confirmation)));
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        coins.disconnect(height, header.previous())
                .forEach(event -> events.accept(new WalletEvent.CoinChanged(event)));
        confirmations
                .disconnect(height)
                .forEach(gone -> events.accept(new WalletEvent.Unconfirmed(gone)));
    }
}
