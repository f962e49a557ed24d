package org.tutti.musig;

/// The environment failed us: the native library cannot be used on this machine, or it answered
/// what it never may.
public final class NativeLibraryException extends RuntimeException {
    /// What is wrong.
    public enum Code {
        /// No libsecp256k1 for this operating system and processor, or it could not be unpacked.
        NOT_AVAILABLE,
        /// The library lacks a function that we need: another version than ours.
        SYMBOL_MISSING,
        /// The library loaded but gave a wrong answer to a known question.
        SELF_TEST_FAILED,
        /// A call on arguments that we had checked failed.
        CALL_FAILED
    }

    private final Code code;

    /// The failure `code`, described by `message`.
    public NativeLibraryException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /// The same, keeping what caused it.
    public NativeLibraryException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// Which failure.
    public Code code() {
        return code;
    }
}
