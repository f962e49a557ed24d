package org.tutti.node.control;

/// A control command was not carried out: a code for programs and a reason for people.
public final class ControlException extends Exception {
    private final String code;
    private final String reason;

    public ControlException(String code, String reason) {
        super(reason);
        this.code = code;
        this.reason = reason;
    }

    public String code() {
        return code;
    }

    public String reason() {
        return reason;
    }
}
