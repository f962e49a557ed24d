package org.tutti.node.daemon;

/// A node does not start, or cannot go on. Says what went wrong; what follows from that, such as
/// the exit code of a process, is its caller's to decide.
public final class NodeException extends RuntimeException {
    /// Where the reason lies.
    public enum Kind {
        /// The configuration or the data folder is wrong.
        CONFIGURATION,
        /// The environment does not allow it: port in use, folder locked, disk full.
        ENVIRONMENT,
        /// A defect in Tutti.
        DEFECT
    }

    private final String code;
    private final Kind kind;

    /// @param code upper-case word for programs, such as `PORT_IN_USE`
    /// @param message one line for people
    public NodeException(String code, Kind kind, String message) {
        super(message);
        this.code = code;
        this.kind = kind;
    }

    /// The same, keeping what caused it.
    public NodeException(String code, Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.kind = kind;
    }

    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }

    /// Never null, unlike the message of Throwable.
    public String reason() {
        String message = getMessage();
        return message == null ? code : message;
    }
}
