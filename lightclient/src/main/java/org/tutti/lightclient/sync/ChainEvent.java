package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.HeaderEntry;

import java.util.List;

/// One call of a [ChainListener], on its way to it.
sealed interface ChainEvent {
    /// @param txids of the block, computed once
    record Connected(HeaderEntry entry, Block block, List<Txid> txids) implements ChainEvent {}

    record Disconnected(HeaderEntry entry) implements ChainEvent {}

    record HeadersConnected(HeaderEntry fork, HeaderEntry tip) implements ChainEvent {}

    record HeadersDisconnected(HeaderEntry tip, HeaderEntry fork) implements ChainEvent {}

    record Tip(HeaderEntry entry) implements ChainEvent {}

    record PeerConnected(String peer, String userAgent) implements ChainEvent {}

    record PeerLost(String peer, DisconnectReason reason) implements ChainEvent {}

    record Broadcast(BroadcastEvent event) implements ChainEvent {}

    record Status(SyncStatus status) implements ChainEvent {}

    default void tell(ChainListener listener) {
        switch (this) {
            case Connected(HeaderEntry entry, Block block, List<Txid> _) ->
                    listener.blockConnected(entry.height(), entry.header(), block);
            case Disconnected(HeaderEntry entry) ->
                    listener.blockDisconnected(entry.height(), entry.header());
            case HeadersConnected(HeaderEntry fork, HeaderEntry tip) ->
                    listener.headersConnected(fork.height() + 1, tip.height(), tip.hash());
            case HeadersDisconnected(HeaderEntry tip, HeaderEntry fork) ->
                    listener.headersDisconnected(tip.height(), fork.height() + 1);
            case Tip(HeaderEntry entry) -> listener.tip(entry.height(), entry.hash());
            case PeerConnected(String peer, String agent) -> listener.peerConnected(peer, agent);
            case PeerLost(String peer, DisconnectReason reason) -> listener.peerLost(peer, reason);
            case Broadcast(BroadcastEvent event) -> listener.broadcast(event);
            case Status(SyncStatus status) -> listener.status(status);
        }
    }
}
