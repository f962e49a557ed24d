package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.sync.LightClient;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/// Hands transactions to the light client, which is started after the payments that use it.
/// Threads: any.
final class Broadcaster implements Predicate<PendingTransaction> {
    private final AtomicReference<@Nullable LightClient> client = new AtomicReference<>();

    void use(LightClient started) {
        client.set(started);
    }

    /// False if the light client is not there yet, or has too much to do.
    @Override
    public boolean test(PendingTransaction pending) {
        LightClient started = client.get();
        return started != null && started.broadcast(pending);
    }
}
