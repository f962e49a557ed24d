package org.tutti.wallet.policy;

/// A request breaks a rule. Ends in a refusal that the requester sees; never leaves this package as
/// an exception.
final class RefusedException extends Exception {
    private final RefusalCode code;

    RefusedException(RefusalCode code, String reason) {
        super(reason);
        this.code = code;
    }

    RefusalCode code() {
        return code;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
