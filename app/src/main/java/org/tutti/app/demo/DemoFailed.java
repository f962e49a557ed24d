package org.tutti.app.demo;

/// The demo failed: a code for programs, a reason for people.
public final class DemoFailed extends Exception {
    private final String code;
    private final String reason;

    public DemoFailed(String code, String reason) {
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
