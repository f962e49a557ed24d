package org.tutti.signing.request;

import org.tutti.base.Bytes;

/// Name of a session: BIP340 tagged hash `tutti/session-id` of the request's payload as it was
/// signed.
///
/// @param bytes 32 bytes
public record SessionId(Bytes bytes) {
    public SessionId {
        bytes.requireLength(32, "session id");
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
