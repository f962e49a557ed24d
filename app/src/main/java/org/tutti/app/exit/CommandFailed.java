package org.tutti.app.exit;

/// A command failed, for a reason that a person can read: `tutti: <message>`, no stack trace.
public final class CommandFailed extends RuntimeException {
    private final String code;
    private final int exitCode;

    /// @param code upper-case word for programs, such as `PORT_IN_USE`
    /// @param exitCode one of [ExitCodes]
    /// @param message one line for people
    public CommandFailed(String code, int exitCode, String message) {
        super(message);
        this.code = code;
        this.exitCode = exitCode;
    }

    /// The same, keeping what caused it for `--debug`.
    public CommandFailed(String code, int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.exitCode = exitCode;
    }

    public String code() {
        return code;
    }

    public int exitCode() {
        return exitCode;
    }

    /// Never null, unlike the one of Throwable.
    public String reason() {
        String message = getMessage();
        return message == null ? code : message;
    }
}
