package org.tutti.signing.blame;

/// A step of the evidence check failed.
final class NotProvenException extends Exception {
    private static final long serialVersionUID = 1;

    NotProvenException(String reason) {
        super(reason, null, false, false);
    }
}
