package org.tutti.libp2p.kad.record;

import java.io.IOException;

/// Keeps the last sequence of an author's records over restarts.
public interface SequenceStorage {
    /// The sequence saved last; 0 if there is none, or it was lost.
    long load() throws IOException;

    /// On disk when this returns.
    void save(long sequence) throws IOException;

    /// Forgets with the process: the time alone keeps the order.
    static SequenceStorage none() {
        return new SequenceStorage() {
            @Override
            public long load() {
                return 0;
            }

            @Override
            public void save(long sequence) {
                // Nothing to keep it in.
            }
        };
    }
}
