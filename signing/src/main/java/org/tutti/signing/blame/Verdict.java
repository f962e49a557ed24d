package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

/// What an evidence file proves.
public sealed interface Verdict {
    /// The holder of the identity and of the signing key that vouches for it did it: nobody else
    /// could have made these messages.
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

    /// Nothing is proven against anybody.
    record NotProven(String reason) implements Verdict {}
}
