package org.tutti.libp2p.identity;

/// Bytes that are not a key, or not one that we accept.
public final class KeyFormatException extends Exception {
    /// What is wrong with the key.
    public enum Code {
        /// The protobuf message is not the one deterministic encoding.
        ENCODING,
        /// A key type or curve that is not ours to check.
        UNSUPPORTED,
        /// Too long, too short, or an RSA modulus outside 2048–8192 bits.
        SIZE,
        /// The right shape, but no key: off the curve, out of range, halves that do not match.
        INVALID
    }

    private final Code code;

    public KeyFormatException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
