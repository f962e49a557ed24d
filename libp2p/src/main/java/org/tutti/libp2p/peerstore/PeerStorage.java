package org.tutti.libp2p.peerstore;

import java.io.IOException;
import java.util.List;

/// Where a host keeps what it knows of peers from one run to the next. Called by one thread at a
/// time, a platform thread for `save`; both methods may wait for a disk.
public interface PeerStorage {
    /// What was saved last, the peer used least recently first; empty if nothing was, or if it is
    /// damaged, which an implementation says in the log.
    ///
    /// @throws IOException if it cannot be read: the host goes on without it, and saves nothing
    List<StoredPeer> load() throws IOException;

    /// Keeps these in place of what was kept. After a crash at any point `load` gives the old ones
    /// or these.
    ///
    /// @param peers the one used least recently first, bounded as the host's memory of peers is
    void save(List<StoredPeer> peers) throws IOException;
}
