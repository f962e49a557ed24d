package org.tutti.coordinator.session;

import org.tutti.coordinator.group.SignerGroup;
import org.tutti.coordinator.wire.CoordinatorLimits;
import org.tutti.coordinator.wire.Sealer;

import java.nio.file.Path;

/// What an engine is made of.
///
/// @param evidenceFolder where the driver saves evidence; the engine only names files in it
public record EngineConfig(
        SignerGroup group,
        Sealer sealer,
        Signer signer,
        SessionTimeouts timeouts,
        CoordinatorLimits limits,
        Path evidenceFolder) {
    /// @throws IllegalArgumentException if this node's signing key is not the one that the group
    ///   has for it
    public EngineConfig {
        if (!sealer.self().signingKey().equals(signer.publicKey())) {
            throw new IllegalArgumentException("the signing key is not that of " + sealer.self());
        }
    }
}
