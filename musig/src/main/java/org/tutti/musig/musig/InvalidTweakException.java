package org.tutti.musig.musig;

/// A tweak that is not below n, or that turns the aggregate key into infinity (BIP327 ApplyTweak).
public final class InvalidTweakException extends IllegalArgumentException {
    InvalidTweakException() {
        super("a tweak is below n and does not lead to infinity");
    }
}
