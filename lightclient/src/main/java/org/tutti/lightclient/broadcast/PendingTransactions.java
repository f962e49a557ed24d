package org.tutti.lightclient.broadcast;

import org.tutti.lightclient.internal.broadcast.TransactionBroadcaster;

import java.io.IOException;
import java.util.List;

/// Where the transactions that wait for a block outlive a restart. For users without a store of
/// their own: whoever has one, as a wallet does, hands them over again at each start.
///
/// Called by one thread at a time.
public interface PendingTransactions {
    /// Those that were saved last, oldest first.
    List<PendingTransaction> load() throws IOException;

    /// Replaces all; returns when that survives a crash. At most
    /// [TransactionBroadcaster#MAX_TRANSACTIONS].
    void save(List<PendingTransaction> pending) throws IOException;
}
