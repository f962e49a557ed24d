package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.StreamMuxer;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.time.Deadlines;

import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/// `/yamux/1.0.0`. Safe for all threads; all that changes is the queue of `ticks`.
public final class YamuxMuxer implements StreamMuxer {
    /// The protocol id.
    public static final String PROTOCOL_ID = "/yamux/1.0.0";

    private final YamuxConfig config;
    private final ThreadFactory threads;
    private final LongSupplier nanoClock;

    /// When the timekeepers of all connections look next.
    private final Deadlines ticks;

    /// With the default bounds, on virtual threads.
    public YamuxMuxer() {
        this(YamuxConfig.defaults());
    }

    /// With these bounds, on virtual threads.
    public YamuxMuxer(YamuxConfig config) {
        this(config, Thread.ofVirtual().name("yamux").factory(), System::nanoTime);
    }

    /// @param threads for the reader and the timekeeper of each connection, and one that sleeps
    ///   until a timekeeper is due
    /// @param nanoClock monotonic, in nanoseconds
    public YamuxMuxer(YamuxConfig config, ThreadFactory threads, LongSupplier nanoClock) {
        this.config = config;
        this.threads = threads;
        this.nanoClock = nanoClock;
        this.ticks =
                new Deadlines(
                        new SleepingTimer(threads, nanoClock),
                        YamuxConnection.tickInterval(config));
    }

    @Override
    public String protocolId() {
        return PROTOCOL_ID;
    }

    @Override
    public MuxedConnection open(SecureConnection connection, boolean initiator) {
        return open(connection, initiator, MemoryScope.unlimited());
    }

    @Override
    public MuxedConnection open(
            SecureConnection connection, boolean initiator, MemoryScope memory) {
        return YamuxConnection.start(
                connection, initiator, config, memory, threads, nanoClock, ticks);
    }
}
