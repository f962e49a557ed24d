package org.tutti.app.demo;

import java.time.Duration;
import java.util.Optional;

/// The options of the demo.
///
/// @param signers how many nodes, [#MIN_SIGNERS] to [#MAX_SIGNERS]
/// @param bitcoinPeer `host:port` of a regtest node of the user's; our own is started if it is
///   absent
/// @param timeout longest wait for the user's node to pay, mine and confirm
/// @param keep leave the temporary folder behind
public record DemoOptions(
        int signers, Optional<String> bitcoinPeer, Duration timeout, boolean keep) {
    public static final int MIN_SIGNERS = 2;
    public static final int MAX_SIGNERS = 15;

    public DemoOptions {
        if (signers < MIN_SIGNERS || signers > MAX_SIGNERS) {
            throw new IllegalArgumentException(
                    "signers: " + MIN_SIGNERS + " to " + MAX_SIGNERS + ", not " + signers);
        }
    }
}
