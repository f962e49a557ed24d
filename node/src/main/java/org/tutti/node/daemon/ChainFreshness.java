package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.sync.LightClient;

import java.util.function.BooleanSupplier;

/// Whether payments can be judged by the chain now. Approvals are made before the light client that
/// knows.
final class ChainFreshness implements BooleanSupplier {
    private volatile @Nullable LightClient client;

    void use(LightClient value) {
        client = value;
    }

    @Override
    public boolean getAsBoolean() {
        LightClient known = client;
        return known != null && known.status().isFresh();
    }
}
