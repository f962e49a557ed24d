package org.tutti.wallet.payments;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.wallet.coins.ChainTime;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.WalletEvent;
import org.tutti.wallet.spend.WalletListener;

import java.time.Instant;
import java.util.function.Consumer;

/// Leads the light client's blocks, and what became of broadcasts, to coins and payments.
///
/// Runs on the light client's listener thread, one call at a time.
public final class PaymentChainListener implements ChainListener {
    private final ChainTime time;
    private final WalletListener wallet;
    private final PaymentProcessor payments;
    private final Consumer<UtxoEvent> coinListener;
    private Instant tipTime = Instant.MIN;

    /// @param time told the time of each block
    /// @param coinListener told which coins came, went, or came back
    public PaymentChainListener(
            UtxoStore coins,
            ChainTime time,
            ConfirmationTracker tracker,
            PaymentProcessor payments,
            Consumer<UtxoEvent> coinListener) {
        Consumer<WalletEvent> changes = this::changed;
        this.wallet = new WalletListener(coins, tracker, changes);
        this.time = time;
        this.payments = payments;
        this.coinListener = coinListener;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        time.connect(header);
        tipTime = Instant.ofEpochSecond(header.time());
        wallet.blockConnected(height, header, block);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        time.disconnect();
        wallet.blockDisconnected(height, header);
    }

    @Override
    public void tip(int height, BlockHash hash) {
        payments.lookAtChain(tipTime);
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        payments.broadcasted(event);
    }

    private void changed(WalletEvent event) {
        switch (event) {
            case WalletEvent.UtxoChanged(UtxoEvent coin) -> coinListener.accept(coin);
            case WalletEvent.Confirmed(var confirmation) -> payments.confirmed(confirmation);
            case WalletEvent.Unconfirmed(var confirmation) -> payments.unconfirmed(confirmation);
        }
    }
}
