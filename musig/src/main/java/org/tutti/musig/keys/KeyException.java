package org.tutti.musig.keys;

/// Bytes or text that are not a valid key. Has the reason and, for a key in a list, which.
public final class KeyException extends Exception {
    /// What is wrong.
    public enum Code {
        /// Not the length of its kind.
        WRONG_LENGTH,
        /// Not a point on the curve, or with an unknown prefix.
        NOT_ON_CURVE,
        /// A secret key that is not in 1…n-1.
        SECRET_OUT_OF_RANGE,
        /// Text that is not base58, or has a wrong checksum.
        BAD_BASE58,
        /// An extended key whose fields contradict each other or BIP32.
        BAD_EXTENDED_KEY,
        /// An invalid derivation path, or one that a public key cannot derive.
        BAD_PATH
    }

    private final Code code;
    private final int index;

    KeyException(Code code, String message) {
        this(code, -1, message);
    }

    private KeyException(Code code, int index, String message) {
        super(message);
        this.code = code;
        this.index = index;
    }

    /// The same failure, blamed on the element `index` of a list.
    KeyException at(int index) {
        return new KeyException(code, index, "key " + index + ": " + getMessage());
    }

    /// What is wrong.
    public Code code() {
        return code;
    }

    /// The place of the bad key in the list that held it, counted from 0; -1 if it was alone.
    public int index() {
        return index;
    }
}
