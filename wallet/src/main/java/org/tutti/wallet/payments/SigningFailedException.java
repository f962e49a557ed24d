package org.tutti.wallet.payments;

/// The group did not sign a payment: a code for programs, a reason for people.
public final class SigningFailedException extends Exception {
    private final String code;
    private final String reason;

    /// @param code of the signer who refused, of the session's end, or of [PaymentRequester]
    public SigningFailedException(String code, String reason) {
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
