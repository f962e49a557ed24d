package org.tutti.libp2p.transport;

import java.io.IOException;

/// Bytes both ways: what raw connections, secure connections and muxed streams have in common, so
/// that protocol negotiation and framing are written once.
///
/// At most one thread reads and at most one thread writes at a time. How long a read may wait is
/// set on the concrete stream.
public interface ByteStream {
    /// Reads at least one byte, waiting for it if need be, and at most `length` into
    /// `target[offset, …)`.
    ///
    /// @return how many bytes were read, -1 when the other side has ended its direction
    /// @throws IOException if the stream was reset, closed, or the read deadline has passed
    int read(byte[] target, int offset, int length) throws IOException;

    /// Writes all of `source[offset, offset + length)`, waiting where flow control says so.
    ///
    /// @throws IOException if the stream was reset or closed
    void write(byte[] source, int offset, int length) throws IOException;
}
