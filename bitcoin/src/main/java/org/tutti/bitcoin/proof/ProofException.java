package org.tutti.bitcoin.proof;

/// What somebody gave as a proof proves nothing, whatever the chain says. Always the giver's fault.
public final class ProofException extends Exception {
    private final ProofFault fault;

    public ProofException(ProofFault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public ProofFault fault() {
        return fault;
    }
}
