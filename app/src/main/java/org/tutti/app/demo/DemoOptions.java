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
        Scenario scenario,
        int signers,
        Optional<String> bitcoinPeer,
        Duration timeout,
        boolean keep) {
    /// What happens.
    public enum Scenario {
        /// A configured group makes a payment.
        PAYMENT,
        /// Signers without a group sign a request, although each of two is away for a while.
        OFFLINE,
        /// Signers advertise, and a node that starts later finds them and has three of them sign.
        DISCOVER,
        /// Nodes that know one server of a DHT find each other, become a group, and pay.
        STRANGERS
    }

    /// A payment.
    public DemoOptions(int signers, Optional<String> bitcoinPeer, Duration timeout, boolean keep) {
        this(Scenario.PAYMENT, signers, bitcoinPeer, timeout, keep);
    }

    public static final int MIN_SIGNERS = 2;

    /// The one who asks, the one who is away, and one who keeps the request.
    public static final int MIN_OFFLINE_SIGNERS = 3;

    /// Three that are found through the DHT, and two by gossip.
    public static final int MIN_DISCOVER_SIGNERS = 5;

    public static final int MAX_SIGNERS = 15;

    public DemoOptions {
        int least = least(scenario);
        if (signers < least || signers > MAX_SIGNERS) {
            throw new IllegalArgumentException(
                    "signers: " + least + " to " + MAX_SIGNERS + ", not " + signers);
        }
    }

    /// How many signers a scenario needs.
    public static int least(Scenario scenario) {
        return switch (scenario) {
            case PAYMENT, STRANGERS -> MIN_SIGNERS;
            case OFFLINE -> MIN_OFFLINE_SIGNERS;
            case DISCOVER -> MIN_DISCOVER_SIGNERS;
        };
    }
}
