package org.tutti.libp2p.peerscore;

import java.io.IOException;
import java.util.List;

/// Where a host keeps what is held against peers from one run to the next. Called by one thread at
/// a time, a platform thread for `save`; both methods may wait for a disk.
public interface PeerScoreStorage {
    /// What was saved last, in any order; empty if nothing was, or if it is damaged, which an
    /// implementation says in the log.
    ///
    /// @throws IOException if it cannot be read: the host goes on without it, and saves nothing
    List<StoredPeerScore> load() throws IOException;

    /// Keeps these in place of what was kept. After a crash at any point `load` gives the old ones
    /// or these.
    ///
    /// @param scores at most [PeerScores#MAX_PEERS]
    void save(List<StoredPeerScore> scores) throws IOException;
}
