package org.tutti.signing.service;

/// This node can no longer sign, for a reason that its operator has to deal with.
public final class SigningStoppedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    public SigningStoppedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /// For programs, such as `JOURNAL_WENT_BACK`.
    public String code() {
        return code;
    }
}
