package org.tutti.libp2p.muxer;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// A connection that carries many streams. Safe for all threads.
public interface MuxedConnection extends Closeable {
    /// Opens a stream to the remote without waiting for its consent; waits only while more streams
    /// than the muxer's bound are unacknowledged.
    ///
    /// @throws MuxerException if the connection is closed or full
    MuxedStream openStream() throws IOException;

    /// Waits for the next stream that the remote opens. While streams are not accepted, the muxer
    /// refuses those above its bound.
    ///
    /// @throws MuxerException once the connection is closed, with the reason
    MuxedStream acceptStream() throws IOException;

    /// Sends what a layer underneath still keeps back. Needed once, by a dialer who has nothing
    /// else to say (`SecurityProtocol.secureOutboundLazily`).
    void flush() throws IOException;

    /// How many streams are open in both directions together.
    int streamCount();

    /// Why the connection ended, empty while it is open.
    Optional<MuxerException> closeReason();

    /// Whether it has not ended yet.
    boolean isOpen();

    /// Sends the muxer's own ping, unless an earlier one is not answered yet. Does not wait: the
    /// answer shows in `bytesReceived` and `roundTripTime`. The muxer pings nobody by itself to see
    /// whether it lives; that is for whoever owns the connection.
    void ping();

    /// The latest measured round-trip time of the muxer's own ping, empty before the first.
    Optional<Duration> roundTripTime();

    /// How many bytes have come from the remote, the muxer's own included: changes with each sign
    /// of life.
    long bytesReceived();

    /// From now on tells the name of the limit for each stream of the remote that the muxer resets
    /// because of a bound of its own, those that it has reset so far first. The listener is called
    /// on the muxer's threads, under no lock, and returns at once.
    default void onStreamRefused(Consumer<String> listener) {
        // A muxer that has no bounds resets none.
    }

    /// Tells the remote where the muxer has a frame for it, closes every stream and the connection
    /// underneath. Idempotent, from any thread; does not wait for the remote.
    @Override
    void close();

    /// Ends the connection as `close` does, but because the remote gives no sign of life: nothing
    /// is said to it, and streams fail with `KEEP_ALIVE_TIMEOUT` and this reason.
    void abandon(String reason);
}
