package org.tutti.wallet.spend;

/// A payment that cannot be built or completed. The message is a sentence for the person who asked.
public final class PaymentException extends Exception {
    /// Why it cannot be done.
    public enum Code {
        /// No payment at all.
        NOTHING_TO_PAY,
        /// The spendable coins do not cover amount and fee.
        INSUFFICIENT_FUNDS,
        /// An output too small to be worth spending, which nodes do not relay.
        DUST,
        /// A coin that was asked for is not ours, is spent, or is immature.
        COIN_NOT_SPENDABLE,
        /// More inputs than one signing session takes.
        TOO_MANY_INPUTS,
        /// Heavier than nodes relay.
        TOO_LARGE,
        /// Below what nodes relay.
        FEE_RATE_TOO_LOW,
        /// Not one signature for each input.
        WRONG_SIGNATURE_COUNT,
        /// The interpreter refuses an input.
        SCRIPT_FAILS
    }

    private final Code code;

    public PaymentException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
