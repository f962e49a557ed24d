package org.tutti.testkit.net;

import java.time.Duration;

/// How a simulated network behaves.
///
/// @param medianDelay of one way between two nodes; the delay of a pair is drawn once, log-normal
/// @param sigma of the logarithm of the delay
/// @param lossRate how many messages are lost and sent again, as TCP does: 0 to 1
/// @param breakRate how many messages break their connection: 0 to 1
/// @param dialTimeout after how long a dial that nobody answers has failed
/// @param livenessTimeout after how long a connection to somebody who vanished is lost
/// @param maxConnections of one node; beyond it the one used least recently is closed
public record NetworkSettings(
        Duration medianDelay,
        double sigma,
        double lossRate,
        double breakRate,
        Duration dialTimeout,
        Duration livenessTimeout,
        int maxConnections) {
    public NetworkSettings {
        if (!(sigma >= 0)) {
            throw new IllegalArgumentException("sigma of " + sigma);
        }
        requireRate(lossRate);
        requireRate(breakRate);
        if (maxConnections < 1) {
            throw new IllegalArgumentException(maxConnections + " connections");
        }
    }

    private static void requireRate(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("a rate of " + rate);
        }
    }

    /// Peers all over the Internet: median 60 ms, sigma 0.7; one message in 200 is sent again, one
    /// in 20,000 breaks its connection; dials fail after 5 s, vanished peers after 30 s.
    public static NetworkSettings internet() {
        return new NetworkSettings(
                Duration.ofMillis(60),
                0.7,
                0.005,
                0.000_05,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Integer.MAX_VALUE);
    }

    /// The same with another bound on connections.
    public NetworkSettings withMaxConnections(int max) {
        return new NetworkSettings(
                medianDelay, sigma, lossRate, breakRate, dialTimeout, livenessTimeout, max);
    }

    /// The same without losses and broken connections.
    public NetworkSettings withoutLoss() {
        return new NetworkSettings(
                medianDelay, sigma, 0, 0, dialTimeout, livenessTimeout, maxConnections);
    }

    /// The same with other rates of loss.
    public NetworkSettings withLoss(double loss, double breaks) {
        return new NetworkSettings(
                medianDelay, sigma, loss, breaks, dialTimeout, livenessTimeout, maxConnections);
    }
}
