package org.tutti.libp2p.security;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.RawConnection;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/// An authenticated, encrypted connection.
///
/// One thread may read while another writes; two threads must not do the same.
public interface SecureConnection extends ByteStream, Closeable {
    /// The identity key that the remote proved to hold.
    PublicKey remoteKey();

    /// `PeerId.of(remoteKey())`.
    PeerId remotePeer();

    /// The stream muxer that both sides agreed on during the handshake, as its protocol id; empty
    /// if it has to be negotiated (libp2p/specs connections/inlined-muxer-negotiation.md).
    Optional<String> inlinedMuxer();

    /// The connection underneath, for its addresses.
    RawConnection raw();

    /// The connection's own buffers count here from now on. Called at most once, before anything is
    /// read or written that the upgrade did not; nothing changes where they are not counted.
    default void setMemory(MemoryScope memory) {}

    /// As `write`, but may keep the bytes back until `flush`, so that many small pieces travel
    /// together.
    default void append(byte[] source, int offset, int length) throws IOException {
        write(source, offset, length);
    }

    /// Sends what `append` kept back.
    default void flush() throws IOException {}

    /// Ends the connection in both directions. Idempotent, from any thread.
    @Override
    void close();
}
