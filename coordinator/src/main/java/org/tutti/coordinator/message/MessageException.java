package org.tutti.coordinator.message;

/// Something that is no message of this protocol, or must not be used.
public final class MessageException extends Exception {
    private static final long serialVersionUID = 1;

    /// What is wrong with it.
    public enum Code {
        /// Longer than a message of its kind may be.
        TOO_LARGE,
        /// It does not decode, or in another encoding than the one in use.
        MALFORMED,
        /// Of a version that this program does not know.
        WRONG_VERSION,
        /// Of another kind than its envelope says, or than was expected.
        WRONG_KIND,
        /// For another chain.
        WRONG_NETWORK,
        /// A field is beyond its limit.
        LIMIT,
        /// Two of the keys are one, perhaps with another parity.
        DUPLICATE_KEY,
        /// The keys are not in the order that the request names, or its author's is not among them.
        BAD_KEYS,
        /// It no longer counts.
        EXPIRED,
        /// It was made later than a clock may be wrong, or for too long.
        BAD_TIMES,
        /// Its author's identity did not sign it.
        BAD_IDENTITY,
        /// The signing key that it names did not sign it.
        BAD_SIGNATURE
    }

    private final Code code;

    public MessageException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /// Whether only somebody who breaks the protocol on purpose makes such a message: what is too
    /// old, or for others, an honest peer may pass on.
    public boolean isHostile() {
        return switch (code) {
            case WRONG_VERSION, WRONG_NETWORK, EXPIRED, BAD_TIMES -> false;
            case TOO_LARGE,
                    MALFORMED,
                    WRONG_KIND,
                    LIMIT,
                    DUPLICATE_KEY,
                    BAD_KEYS,
                    BAD_IDENTITY,
                    BAD_SIGNATURE ->
                    true;
        };
    }
}
