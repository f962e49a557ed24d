package org.tutti.musig.musig;

/// The caller asked to sign what must not be signed: a mistake on this side, not a peer's.
public final class SigningRefusedException extends IllegalStateException {
    /// Why.
    public enum Code {
        /// The public key is not among the keys that the aggregate was made of.
        KEY_NOT_IN_GROUP,
        /// The nonce was made for another key, or a public key does not belong to the secret one.
        NONCE_FOR_ANOTHER_KEY
    }

    private final Code code;

    SigningRefusedException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /// Why.
    public Code code() {
        return code;
    }
}
