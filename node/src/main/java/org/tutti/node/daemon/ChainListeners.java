package org.tutti.node.daemon;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.sync.ChainListener;

import java.util.List;

/// Tells several what the light client tells one, one after the other.
///
/// Not final: a part may leave some of it out.
class ChainListeners implements ChainListener {
    private final List<ChainListener> listeners;

    /// @param listeners in this order
    ChainListeners(List<ChainListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        listeners.forEach(listener -> listener.blockConnected(height, header, block));
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        listeners.forEach(listener -> listener.blockDisconnected(height, header));
    }

    @Override
    public void headersConnected(int from, int to, BlockHash tip) {
        listeners.forEach(listener -> listener.headersConnected(from, to, tip));
    }

    @Override
    public void headersDisconnected(int from, int to) {
        listeners.forEach(listener -> listener.headersDisconnected(from, to));
    }

    @Override
    public void tip(int height, BlockHash hash) {
        listeners.forEach(listener -> listener.tip(height, hash));
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        listeners.forEach(listener -> listener.broadcast(event));
    }
}
