package org.tutti.libp2p.identity;

/// A signed envelope that is malformed or not signed as it claims.
public final class EnvelopeException extends Exception {
    /// What is wrong with the envelope.
    public enum Code {
        /// Not an envelope, or over the size limit.
        MALFORMED,
        /// The key inside is not one that we accept.
        KEY,
        /// The signature does not fit key, domain, type and payload.
        SIGNATURE,
        /// The payload type is not the expected one.
        PAYLOAD_TYPE,
        /// The payload is signed, but not what its type says.
        PAYLOAD
    }

    private final Code code;

    public EnvelopeException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
