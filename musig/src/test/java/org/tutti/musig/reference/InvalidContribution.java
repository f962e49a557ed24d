package org.tutti.musig.reference;

/// BIP327's "invalid contribution" error: which signer (-1: the aggregator) sent what.
public final class InvalidContribution extends RuntimeException {
    private final int signer;
    private final String contribution;

    InvalidContribution(int signer, String contribution) {
        super("signer " + signer + ": " + contribution);
        this.signer = signer;
        this.contribution = contribution;
    }

    /// The signer's place; -1 for the aggregator.
    public int signer() {
        return signer;
    }

    /// `pubkey`, `pubnonce`, `aggnonce`, `aggothernonce` or `psig`.
    public String contribution() {
        return contribution;
    }
}
