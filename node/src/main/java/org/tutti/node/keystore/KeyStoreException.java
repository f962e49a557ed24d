package org.tutti.node.keystore;

/// The key files are missing, readable by others, not keys, or of another network; the message
/// names the file and never its secret.
public final class KeyStoreException extends Exception {
    /// What is wrong, for programs.
    public enum Code {
        /// A file is missing, cannot be used, or is not a key.
        KEYSTORE,
        /// The signing key was made for another network than the one that is asked for.
        KEY_OF_ANOTHER_NETWORK,
        /// The signing key's file does not say which network it was made for.
        KEY_WITHOUT_NETWORK
    }

    private final Code code;

    public KeyStoreException(String message) {
        this(Code.KEYSTORE, message);
    }

    public KeyStoreException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public KeyStoreException(String message, Throwable cause) {
        super(message, cause);
        this.code = Code.KEYSTORE;
    }

    public Code code() {
        return code;
    }

    /// Never null, unlike the message of a Throwable.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
