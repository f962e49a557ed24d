package org.tutti.libp2p.muxer.yamux;

import java.time.Duration;

/// Every bound and deadline of a yamux connection. The default values are what a host uses.
public final class YamuxConfig {
    /// What every stream starts with in both directions: 256 KiB.
    public static final int INITIAL_WINDOW = 262_144;

    /// What the limits are called that reset streams: those of this class, and two of the protocol.
    static final String MAX_STREAMS = "yamux.maxStreams";

    static final String ACK_BACKLOG = "yamux.ackBacklog";
    static final String LINGER_TIMEOUT = "yamux.lingerTimeout";
    static final String RECEIVE_WINDOW = "yamux.receiveWindow";
    static final String DATA_AFTER_END = "yamux.dataAfterEnd";

    private final int maxStreams;
    private final int ackBacklog;
    private final int maxFrame;
    private final int maxWindow;
    private final long windowBudget;
    private final Duration writeTimeout;
    private final Duration lingerTimeout;
    private final int uselessFrameBurst;
    private final int uselessFramesPerSecond;
    private final int controlBacklog;
    private final Duration memoryTimeout;

    private YamuxConfig(Builder builder) {
        maxStreams = builder.maxStreams;
        ackBacklog = builder.ackBacklog;
        maxFrame = builder.maxFrame;
        maxWindow = builder.maxWindow;
        windowBudget = builder.windowBudget;
        writeTimeout = builder.writeTimeout;
        lingerTimeout = builder.lingerTimeout;
        uselessFrameBurst = builder.uselessFrameBurst;
        uselessFramesPerSecond = builder.uselessFramesPerSecond;
        controlBacklog = builder.controlBacklog;
        memoryTimeout = builder.memoryTimeout;
        if (maxStreams < 1 || ackBacklog < 1 || maxFrame < 1 || maxWindow < INITIAL_WINDOW) {
            throw new IllegalArgumentException("yamux bounds must be positive");
        }
    }

    /// The default values.
    public static YamuxConfig defaults() {
        return builder().build();
    }

    /// Begins with the default values: set those that should differ.
    public static Builder builder() {
        return new Builder();
    }

    /// Open streams in both directions together; one more from the remote is reset. rust-libp2p
    /// allows 512.
    public int maxStreams() {
        return maxStreams;
    }

    /// Streams opened by one side and not yet acknowledged
    /// (yamux/README.md#ack-backlog--backpressure: "SHOULD at most allow an ACK backlog of 256
    /// streams"): ours wait, the remote's are reset.
    public int ackBacklog() {
        return ackBacklog;
    }

    /// The most payload that we put into a data frame, in bytes; rust-libp2p ends a connection over
    /// 1 MiB. What we accept is bounded by the window alone.
    public int maxFrame() {
        return maxFrame;
    }

    /// The most that one stream's receive window grows to, in bytes.
    public int maxWindow() {
        return maxWindow;
    }

    /// The most by which all windows of the connection together exceed their initial size, in
    /// bytes.
    public long windowBudget() {
        return windowBudget;
    }

    /// How long the connection underneath may refuse to take what we write.
    public Duration writeTimeout() {
        return writeTimeout;
    }

    /// How long a stream that we are done with waits for the remote's end.
    public Duration lingerTimeout() {
        return lingerTimeout;
    }

    /// Frames that bring the application nothing which the remote may send at once: streams opened
    /// and reset, data for ended streams, empty data, window updates that nobody waits for. A ping
    /// counts as four.
    public int uselessFrameBurst() {
        return uselessFrameBurst;
    }

    /// How many more of them the remote may send each second.
    public int uselessFramesPerSecond() {
        return uselessFramesPerSecond;
    }

    /// Bytes of control frames that may wait for the connection to take them.
    public int controlBacklog() {
        return controlBacklog;
    }

    /// How long a connection for whose bytes there is no memory waits for its application to read,
    /// before it resets the stream that holds most.
    public Duration memoryTimeout() {
        return memoryTimeout;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private int maxStreams = 512;
        private int ackBacklog = 256;
        private int maxFrame = 64_499;
        private int maxWindow = 16 << 20;
        private long windowBudget = 64L << 20;
        private Duration writeTimeout = Duration.ofSeconds(30);
        private Duration lingerTimeout = Duration.ofSeconds(60);
        private int uselessFrameBurst = 1_024;
        private int uselessFramesPerSecond = 128;
        private int controlBacklog = 65_536;
        private Duration memoryTimeout = Duration.ofSeconds(1);

        private Builder() {}

        /// Sets [YamuxConfig#maxStreams()].
        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        /// Sets [YamuxConfig#ackBacklog()].
        public Builder ackBacklog(int value) {
            ackBacklog = value;
            return this;
        }

        /// Sets [YamuxConfig#maxFrame()].
        public Builder maxFrame(int value) {
            maxFrame = value;
            return this;
        }

        /// Sets [YamuxConfig#maxWindow()].
        public Builder maxWindow(int value) {
            maxWindow = value;
            return this;
        }

        /// Sets [YamuxConfig#windowBudget()].
        public Builder windowBudget(long value) {
            windowBudget = value;
            return this;
        }

        /// Sets [YamuxConfig#writeTimeout()].
        public Builder writeTimeout(Duration value) {
            writeTimeout = value;
            return this;
        }

        /// Sets [YamuxConfig#lingerTimeout()].
        public Builder lingerTimeout(Duration value) {
            lingerTimeout = value;
            return this;
        }

        /// Sets [YamuxConfig#uselessFrameBurst()].
        public Builder uselessFrameBurst(int value) {
            uselessFrameBurst = value;
            return this;
        }

        /// Sets [YamuxConfig#uselessFramesPerSecond()].
        public Builder uselessFramesPerSecond(int value) {
            uselessFramesPerSecond = value;
            return this;
        }

        /// Sets [YamuxConfig#controlBacklog()].
        public Builder controlBacklog(int value) {
            controlBacklog = value;
            return this;
        }

        /// Sets [YamuxConfig#memoryTimeout()].
        public Builder memoryTimeout(Duration value) {
            memoryTimeout = value;
            return this;
        }

        /// @throws IllegalArgumentException naming the value that is out of bounds
        public YamuxConfig build() {
            return new YamuxConfig(this);
        }
    }
}
