package org.tutti.musig.musig;

/// Partial signatures that do not make the group's signature. Says what is known of the reason;
/// there is no signature.
public final class AggregationException extends IllegalArgumentException {
    /// What is wrong.
    public enum Code {
        /// Not one partial signature for each key, or not one public nonce for each key.
        WRONG_COUNT,
        /// The public nonces do not add up to the aggregate nonce of the session: one is missing,
        /// or is another than the one that was signed with.
        NONCES_DIFFER,
        /// The same partial signature stands at two places.
        REPEATED,
        /// A partial signature does not verify: of another message, tweak, nonce or key.
        INVALID_PARTIAL,
        /// The sum is not a signature, and which part of it is wrong cannot be told without the
        /// signers' public nonces.
        INVALID_SUM
    }

    private final Code code;
    private final int signer;

    AggregationException(Code code, int signer, String message) {
        super(message);
        this.code = code;
        this.signer = signer;
    }

    AggregationException(Code code, String message) {
        this(code, -1, message);
    }

    /// What is wrong.
    public Code code() {
        return code;
    }

    /// The signer at fault, as a place among the group's keys from 0; -1 if it is not known.
    public int signer() {
        return signer;
    }
}
