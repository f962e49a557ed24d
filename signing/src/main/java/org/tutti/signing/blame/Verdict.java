package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

/// Result of checking an evidence file.
public sealed interface Verdict {
    /// Proven: the holder of the identity, and of the signing key that attests it, made these
    /// messages; nobody else could have.
    ///
    /// @param session 32 bytes
    /// @param signer index in the request's keys
    /// @param signingKey 33 bytes
    /// @param what one sentence
    record Guilty(
            Bytes session,
            int signer,
            PeerId peerId,
            Bytes signingKey,
            Evidence.Kind kind,
            String what)
            implements Verdict {}

    /// Nothing is proven.
    record NotProven(String reason) implements Verdict {}
}
