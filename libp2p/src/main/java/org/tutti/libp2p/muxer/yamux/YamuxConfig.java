package org.tutti.libp2p.muxer.yamux;

import java.time.Duration;

/// Every bound and deadline of a yamux connection.
///
/// @param maxStreams open streams in both directions together; one more from the remote is reset.
///   rust-libp2p allows 512
/// @param ackBacklog streams opened by one side and not yet acknowledged
///   (yamux/README.md#ack-backlog--backpressure: "SHOULD at most allow an ACK backlog of 256
///   streams"): ours wait, the remote's are reset
/// @param maxFrame the most payload that we put into a data frame, in bytes; rust-libp2p ends a
///   connection over 1 MiB. What we accept is bounded by the window alone
/// @param maxWindow the most that one stream's receive window grows to, in bytes
/// @param windowBudget the most by which all windows of the connection together exceed their
///   initial size
/// @param keepAlive silence of the remote after which we ping
/// @param pingTimeout how long the remote may take to answer
/// @param writeTimeout how long the connection underneath may refuse to take what we write
/// @param lingerTimeout how long a stream that we are done with waits for the remote's end
/// @param pingBurst unsolicited pings that the remote may send at once
/// @param pingsPerSecond how fast it earns new ones
/// @param controlBacklog bytes of control frames that may wait for the connection to take them
public record YamuxConfig(
        int maxStreams,
        int ackBacklog,
        int maxFrame,
        int maxWindow,
        long windowBudget,
        Duration keepAlive,
        Duration pingTimeout,
        Duration writeTimeout,
        Duration lingerTimeout,
        int pingBurst,
        int pingsPerSecond,
        int controlBacklog) {
    /// What every stream starts with in both directions: 256 KiB.
    public static final int INITIAL_WINDOW = 262_144;

    /// What a host uses.
    public static YamuxConfig defaults() {
        return new YamuxConfig(
                512,
                256,
                64_499,
                16 << 20,
                64L << 20,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                128,
                32,
                65_536);
    }

    public YamuxConfig {
        if (maxStreams < 1 || ackBacklog < 1 || maxFrame < 1 || maxWindow < INITIAL_WINDOW) {
            throw new IllegalArgumentException("yamux bounds must be positive");
        }
    }
}
