package org.tutti.libp2p.io;

import java.io.IOException;
import java.time.Duration;

/// Bytes both ways: what raw connections, secure connections and muxed streams have in common, so
/// that protocol negotiation and framing are written once.
///
/// At most one thread reads and at most one thread writes at a time.
public interface ByteStream {
    /// Reads at least one byte, waiting for it if need be, and at most `length` into
    /// `target[offset, …)`.
    ///
    /// @return how many bytes were read, -1 when the other side has ended its direction
    /// @throws java.net.SocketTimeoutException if nothing arrived within the read timeout
    /// @throws IOException if the stream was reset or closed
    int read(byte[] target, int offset, int length) throws IOException;

    /// Writes all of `source[offset, offset + length)`, waiting where flow control says so.
    ///
    /// @throws IOException if the stream was reset or closed
    void write(byte[] source, int offset, int length) throws IOException;

    /// Limits how long each read may wait; from any thread.
    ///
    /// The limit counts for each call of `read` that begins from now on, and begins anew with each.
    /// A read that is waiting already keeps the limit that it began with. A read that finds bytes,
    /// or the end, does not wait, however short the limit is. When the time is over the read throws
    /// `java.net.SocketTimeoutException`; nothing is lost by that, and one may read on. Writes are
    /// not limited. On a stream that is closed this does nothing.
    ///
    /// @param timeout zero to wait for ever, which is the start value; may be rounded up to the
    ///   next millisecond
    /// @throws IllegalArgumentException if it is negative
    void setReadTimeout(Duration timeout);
}
