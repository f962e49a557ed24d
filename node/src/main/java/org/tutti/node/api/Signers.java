package org.tutti.node.api;

import java.util.List;

/// Signers that were found.
///
/// @param end `complete` if everybody was asked, `results` if as many were found as were wanted,
///   `time` if the time was over
/// @param hidden whether a listing in the DHT ended at a bound or had failures: there may be more
public record Signers(List<SignerInfo> signers, String end, boolean hidden) {
    public Signers {
        signers = List.copyOf(signers);
    }
}
