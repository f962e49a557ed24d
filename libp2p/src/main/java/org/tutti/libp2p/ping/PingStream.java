package org.tutti.libp2p.ping;

import java.io.IOException;
import java.time.Duration;

/// An open stream to ping on, one ping at a time. For one thread.
public interface PingStream extends AutoCloseable {
    /// Sends 32 random bytes and waits for them to come back.
    ///
    /// @return the round-trip time
    /// @throws PingException if something else comes back; the stream is reset then
    /// @throws java.net.SocketTimeoutException if nothing does in time; the stream is reset then
    Duration ping() throws IOException;

    /// Ends the stream. Never throws; idempotent.
    @Override
    void close();
}
