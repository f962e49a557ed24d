package org.tutti.libp2p.kad;

import java.io.IOException;
import java.util.List;

/// Where a node keeps whom it knew from one run to the next. Called by one platform thread at a
/// time; both methods may wait for a disk.
public interface RoutingTableStorage {
    /// Peers that are kept at most.
    int MAX_PEERS = 1_000;

    /// What was saved last, in any order; empty if nothing was, or if it is damaged, which an
    /// implementation says in the log.
    ///
    /// @throws IOException if it cannot be read: the node goes on without it, and saves nothing
    List<KadPeer> load() throws IOException;

    /// Keeps these in place of what was kept. After a crash at any point `load` gives the old ones
    /// or these.
    ///
    /// @param peers at most `MAX_PEERS`
    void save(List<KadPeer> peers) throws IOException;
}
