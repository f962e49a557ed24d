package org.tutti.signing.request;

import org.tutti.base.Bytes;

/// One message of a session and the key that it is signed under.
///
/// @param hash 32 bytes, for a payment the BIP341 signature hash of one input
public record MessageToSign(Bytes hash, KeyTweak tweak) {
    public MessageToSign {
        hash.requireLength(32, "message");
    }
}
