package org.tutti.lightclient.proof;

/// What our own configuration demands of a proven transaction. A proof never says how deep it is.
///
/// @param minConfirmations at least 1: the block is in the best chain
/// @param needsMinimumWork whether the best chain must have the work that the network's had when
///   this was written ([hasEnoughWork][org.tutti.lightclient.headers.HeaderChain#hasEnoughWork]).
///   With less, a peer may be showing a chain that it made itself, however long: whoever pays, or
///   credits a deposit, needs it
public record ProofPolicy(int minConfirmations, boolean needsMinimumWork) {

    /// @throws IllegalArgumentException if `minConfirmations` is below 1
    public ProofPolicy {
        if (minConfirmations < 1) {
            throw new IllegalArgumentException(
                    "%d confirmations, at least 1".formatted(minConfirmations));
        }
    }

    /// So many confirmations, in a chain with the network's minimum of work.
    ///
    /// @throws IllegalArgumentException if `confirmations` is below 1
    public static ProofPolicy confirmations(int confirmations) {
        return new ProofPolicy(confirmations, true);
    }
}
