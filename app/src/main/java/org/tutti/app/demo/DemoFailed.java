package org.tutti.app.demo;

/// The demo failed: a code for programs, a reason for people.
public final class DemoFailed extends Exception {
    private final String code;
    private final String reason;
    private final boolean environment;

    public DemoFailed(String code, String reason) {
        this(code, reason, /* environment= */ false);
    }

    private DemoFailed(String code, String reason, boolean environment) {
        super(reason);
        this.code = code;
        this.reason = reason;
        this.environment = environment;
    }

    /// The environment does not allow it, if `environment`: no space for temporary files, say.
    static DemoFailed because(boolean environment, String code, String reason) {
        return new DemoFailed(code, reason, environment);
    }

    public String code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /// Whether the surroundings are to blame.
    public boolean environment() {
        return environment;
    }
}
