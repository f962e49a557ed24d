package org.tutti.wallet.policy;

/// A request breaks a rule. Ends in a refusal that the requester sees: no policy throws it.
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalCode code;

    /// @param reason one sentence for people; it is sent to the requester
    public RefusedException(RefusalCode code, String reason) {
        super(reason);
        this.code = code;
    }

    public RefusalCode code() {
        return code;
    }

    /// One sentence for people.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
