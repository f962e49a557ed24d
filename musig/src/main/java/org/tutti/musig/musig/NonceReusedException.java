package org.tutti.musig.musig;

/// A secret nonce was to be used a second time, or after it was wiped. Signing twice with one nonce
/// gives the secret key away, so nothing was signed.
public final class NonceReusedException extends IllegalStateException {
    NonceReusedException() {
        super("the secret nonce was already used or wiped; nothing was signed");
    }
}
