package org.tutti.node.daemon;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;

import java.util.function.Consumer;

/// Passes on what the light client tells to coins and payments, and translates the rest, tip and
/// peers, into the node's events.
///
/// Runs on the light client's listener thread, one call at a time; `tip` is read by the control
/// socket's threads.
final class ChainReports implements ChainListener {
    /// The chain's end.
    record Tip(int height, String hash) {}

    private final ChainListener payments;
    private final EventSink events;
    private final Consumer<Throwable> onDefect;

    /// Written by the light client's thread alone, read by others.
    private volatile Tip tip = new Tip(-1, "");

    /// @param payments told first
    /// @param onDefect what to do when the chain is no longer followed
    ChainReports(ChainListener payments, EventSink events, Consumer<Throwable> onDefect) {
        this.payments = payments;
        this.events = events;
        this.onDefect = onDefect;
    }

    Tip tip() {
        return tip;
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        payments.blockConnected(height, header, block);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        payments.blockDisconnected(height, header);
    }

    @Override
    public void tip(int height, BlockHash hash) {
        Tip next = new Tip(height, hash.toString());
        if (!next.equals(tip)) {
            tip = next;
            payments.tip(height, hash);
            events.emit(new NodeEvent.Tip(height, next.hash()));
        }
    }

    @Override
    public void peerConnected(String peer, String userAgent) {
        events.emit(new NodeEvent.BitcoinPeerConnected(peer, userAgent));
    }

    @Override
    public void peerLost(String peer, DisconnectReason reason) {
        events.emit(new NodeEvent.BitcoinPeerLost(peer, reason.toString()));
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        payments.broadcast(event);
    }

    @Override
    public void failed(Throwable defect) {
        onDefect.accept(defect);
    }
}
