package org.tutti.libp2p.internal.files;

/// What is in a file is not what we write.
public final class DamagedException extends Exception {
    /// @param message what follows the file's name in the log, such as `is cut short`
    public DamagedException(String message) {
        super(message);
    }
}
