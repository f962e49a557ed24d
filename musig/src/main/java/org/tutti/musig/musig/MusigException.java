package org.tutti.musig.musig;

/// A signer sent an invalid contribution (BIP327). Has its kind and, for a contribution in a list,
/// the signer.
public final class MusigException extends Exception {
    /// Which contribution.
    public enum Contribution {
        /// A public nonce, 66 bytes.
        PUBLIC_NONCE,
        /// An aggregate nonce, 66 bytes, from an aggregator.
        AGGREGATE_NONCE,
        /// A partial signature, 32 bytes.
        PARTIAL_SIGNATURE
    }

    /// What is wrong with it.
    public enum Code {
        /// Not the length of its kind.
        WRONG_LENGTH,
        /// Not two points, or not a number below n.
        MALFORMED,
        /// A partial signature that does not verify.
        INVALID,
        /// Another one than the same signer sent before.
        CONFLICTING
    }

    private final Contribution contribution;
    private final Code code;
    private final int signer;

    MusigException(Contribution contribution, Code code, String message) {
        this(contribution, code, -1, message);
    }

    private MusigException(Contribution contribution, Code code, int signer, String message) {
        super(message);
        this.contribution = contribution;
        this.code = code;
        this.signer = signer;
    }

    /// The same failure, blamed on the signer at `index` of a list.
    MusigException by(int index) {
        return new MusigException(
                contribution, code, index, "signer " + index + ": " + getMessage());
    }

    /// The kind of the invalid contribution.
    public Contribution contribution() {
        return contribution;
    }

    /// What is wrong with it.
    public Code code() {
        return code;
    }

    /// The signer's place in the list that held the contribution, from 0; -1 if it was alone.
    public int signer() {
        return signer;
    }
}
