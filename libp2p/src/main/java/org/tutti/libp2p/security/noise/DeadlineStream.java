package org.tutti.libp2p.security.noise;

import org.tutti.libp2p.transport.ByteStream;
import org.tutti.libp2p.transport.RawConnection;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// A connection whose reads together end by one deadline, until it is released: a remote that sends
/// one byte at a time gains nothing.
final class DeadlineStream implements ByteStream {
    private final RawConnection connection;
    private final LongSupplier nanoClock;
    private final long deadline;
    private boolean released;

    DeadlineStream(RawConnection connection, LongSupplier nanoClock, long deadline) {
        this.connection = connection;
        this.nanoClock = nanoClock;
        this.deadline = deadline;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!released) {
            long left = deadline - nanoClock.getAsLong();
            if (left <= 0) {
                throw new SocketTimeoutException("deadline has passed");
            }
            connection.setReadTimeout(Duration.ofNanos(left));
        }
        return connection.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        connection.write(source, offset, length);
    }

    /// From now on reads wait for ever.
    void release() throws IOException {
        released = true;
        connection.setReadTimeout(Duration.ZERO);
    }
}
