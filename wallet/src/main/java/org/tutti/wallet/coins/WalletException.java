package org.tutti.wallet.coins;

/// A set of keys that no wallet can be made of.
public final class WalletException extends Exception {
    /// What is wrong with the keys.
    public enum Code {
        /// Fewer than two: nobody to sign with.
        TOO_FEW_KEYS,
        /// One key twice (SIGNING-SAFETY 16).
        DUPLICATE_KEY,
        /// The keys add up to the point at infinity; that does not happen by chance.
        NO_AGGREGATE
    }

    private final Code code;

    public WalletException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
