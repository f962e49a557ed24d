package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.connection.DisconnectReason;

/// What the light client tells its owner: one call at a time, in the order of events, on a thread
/// of the client. A slow listener slows the client down; at most a bounded number of events wait
/// for it.
///
/// Blocks come without gaps: each connected block is the child of the one connected before it, or
/// of what the disconnections in between left as the last one. A chain is left only when blocks of
/// more work have been fetched and checked (but for very deep ones, see
/// [BlockSync#MAX_BRANCH_BLOCKS]).
public interface ChainListener {
    /// A checked block at or above the birthday is now the end of our chain.
    default void blockConnected(int height, BlockHeader header, Block block) {}

    /// The block that was the end of our chain is no longer in it.
    default void blockDisconnected(int height, BlockHeader header) {}

    /// Headers have joined the best chain: those of a range of heights, many at once while it
    /// catches up. They are kept. Their blocks may come later, or never.
    ///
    /// @param from the lowest of them
    /// @param to the highest of them, the chain's end now
    /// @param tip the hash of the highest
    default void headersConnected(int from, int to, BlockHash tip) {}

    /// Headers have left the best chain; others join it next.
    ///
    /// @param from the highest of them
    /// @param to the lowest of them
    default void headersDisconnected(int from, int to) {}

    /// All events up to this block have been told, and no further block is at hand.
    default void tip(int height, BlockHash hash) {}

    /// A peer has finished its handshake.
    ///
    /// @param peer as configured
    /// @param userAgent what it calls itself
    default void peerConnected(String peer, String userAgent) {}

    /// A connection has ended, or could not be made.
    default void peerLost(String peer, DisconnectReason reason) {}

    /// What became known of a transaction given to [LightClient#broadcast].
    default void broadcast(BroadcastEvent event) {}

    /// How far the client is, and what holds it back: once a second at most while it catches up,
    /// and whenever what holds it back changes. [LightClient#status] tells it at any time.
    default void status(SyncStatus status) {}

    /// The client met a defect, of its own or of this listener's, and follows the chain no longer.
    /// The last call, on whichever thread met it.
    default void failed(Throwable defect) {}
}
