package org.tutti.libp2p.kad.record;

import java.io.IOException;
import java.util.List;

/// Where a reader keeps the sequences that it was shown, from one run to the next: whoever owns all
/// replicas of a key cannot show it an older record than it saw before. Called by one platform
/// thread at a time; both methods may wait for a disk.
public interface SeenSequenceStorage {
    /// What is kept at most; those with the latest `until` stay.
    int MAX_KEYS = 65_536;

    /// What was saved last, in any order; empty if nothing was, or if it is damaged, which an
    /// implementation says in the log.
    ///
    /// @throws IOException if it cannot be read: the node goes on without it, and saves nothing
    List<SeenSequence> load() throws IOException;

    /// Keeps these in place of what was kept. After a crash at any point `load` gives the old ones
    /// or these.
    ///
    /// @param seen at most [#MAX_KEYS]
    void save(List<SeenSequence> seen) throws IOException;
}
