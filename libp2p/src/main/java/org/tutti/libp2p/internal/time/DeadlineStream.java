package org.tutti.libp2p.internal.time;

import org.tutti.libp2p.io.ByteStream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// A stream on which several reads together can be given one deadline, so that a remote that sends
/// one byte at a time gains nothing. Without a deadline it costs nothing.
///
/// All but `setReadTimeout` belong to the thread that reads.
public final class DeadlineStream implements ByteStream {
    private final ByteStream stream;
    private final LongSupplier nanoClock;
    private long deadline = Timeouts.FOREVER;
    private boolean first;

    // Volatile: set by any thread, seen by the next read.
    private volatile long readTimeout = Timeouts.FOREVER;

    /// @param stream with the read timeout with which streams begin
    /// @param nanoClock monotonic, in nanoseconds
    public DeadlineStream(ByteStream stream, LongSupplier nanoClock) {
        this.stream = stream;
        this.nanoClock = nanoClock;
    }

    /// From now on all reads together may wait this long, until `release`.
    ///
    /// @param nanos `FOREVER` for no deadline
    public void start(long nanos) {
        if (nanos != Timeouts.FOREVER) {
            deadline = nanoClock.getAsLong() + nanos;
            first = true;
        }
    }

    /// From now on each read may wait as long as `setReadTimeout` said.
    public void release() {
        if (deadline != Timeouts.FOREVER) {
            deadline = Timeouts.FOREVER;
            // Again if it was changed meanwhile, so that the later change is the one that stays.
            long restored;
            do {
                restored = readTimeout;
                stream.setReadTimeout(Timeouts.duration(restored));
            } while (restored != readTimeout);
        }
    }

    /// The first read after `start` is always tried, so that bytes that are here already are read
    /// however short the time is.
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (deadline != Timeouts.FOREVER) {
            long left = deadline - nanoClock.getAsLong();
            if (left <= 0 && !first) {
                throw new SocketTimeoutException("the deadline has passed");
            }
            first = false;
            stream.setReadTimeout(Duration.ofNanos(Math.max(1, Math.min(left, readTimeout))));
        }
        return stream.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        stream.write(source, offset, length);
    }

    /// Limits each read, whether there is a deadline for several or not.
    @Override
    public void setReadTimeout(Duration timeout) {
        readTimeout = Timeouts.nanos(timeout);
        stream.setReadTimeout(timeout);
    }
}
