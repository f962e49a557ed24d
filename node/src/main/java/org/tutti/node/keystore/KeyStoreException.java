package org.tutti.node.keystore;

/// The key files are missing, readable by others, or not keys; the message names the file and never
/// its content.
public final class KeyStoreException extends Exception {
    public KeyStoreException(String message) {
        super(message);
    }

    public KeyStoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /// Never null, unlike the message of a Throwable.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
