package org.tutti.node.api;

/// What was asked of a node was not done: a code for programs and a reason for people.
public class ApiException extends Exception {
    /// The code for a payment of which nobody can say yet whether it will be made: it must not be
    /// asked for again without its key.
    public static final String UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";

    private final String code;
    private final String reason;

    /// @param code upper-case word, such as `BAD_REQUEST` or `INSUFFICIENT_FUNDS`
    /// @param reason one line
    public ApiException(String code, String reason) {
        super(reason);
        this.code = code;
        this.reason = reason;
    }

    public final String code() {
        return code;
    }

    public final String reason() {
        return reason;
    }
}
