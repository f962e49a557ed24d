package org.tutti.libp2p.security;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.io.RawConnection;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;

/// No security at all, so that a test sees what is sent.
public final class Plain implements SecureConnection {
    private final RawConnection raw;
    private final PublicKey key = Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey();

    public Plain(RawConnection raw) {
        this.raw = raw;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return raw.read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        raw.write(source, offset, length);
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        raw.setReadTimeout(timeout);
    }

    @Override
    public PublicKey remoteKey() {
        return key;
    }

    @Override
    public PeerId remotePeer() {
        return key.peerId();
    }

    @Override
    public Optional<String> inlinedMuxer() {
        return Optional.empty();
    }

    @Override
    public RawConnection raw() {
        return raw;
    }

    @Override
    public void close() {
        raw.close();
    }
}
