package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.file.Path;
import java.util.Set;

/// Configuration of an engine.
///
/// @param terms what all members must agree on besides keys, network and epoch; opaque
/// @param evidenceFolder where the driver saves evidence; the engine only names files in it
/// @param savedEvidence names of the files that are there, those of other groups among them
/// @param verification of what others have signed
/// @param overRelay whether messages may come over another member's stream, who can repeat and
///   withhold them
public record EngineConfig(
        SignerGroup group,
        EnvelopeSigner envelopeSigner,
        Signer signer,
        SessionTimeouts timeouts,
        SigningLimits limits,
        Bytes terms,
        Path evidenceFolder,
        Set<String> savedEvidence,
        Verification verification,
        boolean overRelay) {
    /// @throws IllegalArgumentException if this node's signing key is not the one in the group
    public EngineConfig {
        savedEvidence = Set.copyOf(savedEvidence);
        if (!envelopeSigner.self().signingKey().equals(signer.publicKey())) {
            throw new IllegalArgumentException(
                    "the signing key is not that of " + envelopeSigner.self());
        }
    }

    /// Whose messages come over their authors' streams.
    public EngineConfig(
            SignerGroup group,
            EnvelopeSigner envelopeSigner,
            Signer signer,
            SessionTimeouts timeouts,
            SigningLimits limits,
            Bytes terms,
            Path evidenceFolder,
            Set<String> savedEvidence,
            Verification verification) {
        this(
                group,
                envelopeSigner,
                signer,
                timeouts,
                limits,
                terms,
                evidenceFolder,
                savedEvidence,
                verification,
                false);
    }

    /// As this one, with another way for its messages.
    public EngineConfig withRelay(boolean value) {
        return new EngineConfig(
                group,
                envelopeSigner,
                signer,
                timeouts,
                limits,
                terms,
                evidenceFolder,
                savedEvidence,
                verification,
                value);
    }

    /// With a verification that computes each time.
    public EngineConfig(
            SignerGroup group,
            EnvelopeSigner envelopeSigner,
            Signer signer,
            SessionTimeouts timeouts,
            SigningLimits limits,
            Bytes terms,
            Path evidenceFolder,
            Set<String> savedEvidence) {
        this(
                group,
                envelopeSigner,
                signer,
                timeouts,
                limits,
                terms,
                evidenceFolder,
                savedEvidence,
                Verification.of(group, limits));
    }
}
