package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.schnorr.TaggedHash;

/// Name of a request: BIP340 tagged hash `tutti/request-id` of its body as it was signed, so that
/// it commits to every field.
///
/// @param bytes 32 bytes
public record RequestId(Bytes bytes) {
    public static final int BYTES = 32;

    public RequestId {
        bytes.requireLength(BYTES, "request id");
    }

    /// @param body as it was signed
    public static RequestId of(Bytes body) {
        return new RequestId(TaggedHash.of("tutti/request-id", body.toArray()));
    }

    /// The first eight hex digits, for people.
    public String brief() {
        return bytes.toHex().substring(0, 8);
    }

    @Override
    public String toString() {
        return bytes.toHex();
    }
}
