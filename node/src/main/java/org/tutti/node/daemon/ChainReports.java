package org.tutti.node.daemon;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastResult;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.ConfirmationTracker;
import org.tutti.wallet.spend.WalletEvent;
import org.tutti.wallet.spend.WalletListener;

import java.util.function.Consumer;

/// Leads the light client's blocks into the wallet, and reports what comes of it.
///
/// Runs on the light client's listener thread, one call at a time; `tip` is read by the control
/// socket's threads.
final class ChainReports implements ChainListener {
    /// The chain's end.
    record Tip(int height, String hash) {}

    private final WalletListener wallet;
    private final Payments payments;
    private final EventSink events;
    private final Consumer<Throwable> onDefect;

    /// Written by the light client's thread alone, read by others.
    private volatile Tip tip = new Tip(-1, "");

    /// @param onDefect what to do when the chain is followed no longer
    ChainReports(
            UtxoStore coins,
            ConfirmationTracker tracker,
            Payments payments,
            EventSink events,
            Consumer<Throwable> onDefect) {
        Consumer<WalletEvent> changes = this::changed;
        this.wallet = new WalletListener(coins, tracker, changes);
        this.payments = payments;
        this.events = events;
        this.onDefect = onDefect;
    }

    Tip tip() {
        return tip;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        wallet.blockConnected(height, header, block);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        wallet.blockDisconnected(height, header);
    }

    @Override
    public void tip(int height, BlockHash hash) {
        Tip next = new Tip(height, hash.toString());
        if (!next.equals(tip)) {
            tip = next;
            payments.checkWhatCanBe();
            events.emit(new NodeEvent.Tip(height, next.hash()));
        }
    }

    @Override
    public void peerConnected(String peer, String userAgent) {
        events.emit(new NodeEvent.BitcoinPeerConnected(peer, userAgent));
    }

    @Override
    public void peerLost(String peer, DisconnectReason fault) {
        events.emit(new NodeEvent.BitcoinPeerLost(peer, fault.toString()));
    }

    @Override
    public void broadcast(BroadcastResult result) {
        String txid = result.txid().toString();
        switch (result) {
            case BroadcastResult.Accepted accepted ->
                    events.emit(new NodeEvent.Broadcast(txid, accepted.peer()));
            case BroadcastResult.Refused refused ->
                    events.emit(
                            new NodeEvent.BroadcastRefused(
                                    txid, refused.peer() + ": " + refused.reason()));
            case BroadcastResult.GivenUp _ ->
                    events.emit(
                            new NodeEvent.BroadcastRefused(
                                    txid, "announced in vain for a long time"));
            case BroadcastResult.Mined _ -> {
                // The wallet reports the confirmation, with its Merkle branch.
            }
        }
    }

    @Override
    public void failed(Throwable defect) {
        onDefect.accept(defect);
    }

    private void changed(WalletEvent event) {
        switch (event) {
            case WalletEvent.UtxoChanged(UtxoEvent coin) -> coinChanged(coin);
            case WalletEvent.Confirmed(var confirmation) -> payments.confirmed(confirmation);
            case WalletEvent.Unconfirmed(var confirmation) -> payments.unconfirmed(confirmation);
        }
    }

    private void coinChanged(UtxoEvent event) {
        Utxo coin = event.utxo();
        String txid = coin.outPoint().txid().toString();
        long vout = coin.outPoint().vout();
        events.emit(
                switch (event) {
                    case UtxoEvent.Received _ ->
                            new NodeEvent.Coin(
                                    txid,
                                    vout,
                                    coin.value().value(),
                                    coin.height(),
                                    coin.coinbase());
                    case UtxoEvent.Spent _ -> new NodeEvent.CoinChanged(txid, vout, "spent");
                    case UtxoEvent.Lost _ -> new NodeEvent.CoinChanged(txid, vout, "lost");
                    case UtxoEvent.Restored _ -> new NodeEvent.CoinChanged(txid, vout, "restored");
                });
    }
}
