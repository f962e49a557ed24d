package org.tutti.libp2p.security.noise;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.security.HandshakeException;

import java.util.concurrent.locks.ReentrantLock;

/// Signatures over Noise keys that were found good. A host uses one Noise key for all its
/// connections, so a peer that comes back shows the same three values, and their signature need not
/// be computed again: a tenth of what a connection costs. What it proves is the same: that the
/// holder of the Noise key in *this* handshake is the one that the identity key has signed.
///
/// Bounded: the one that was not used for longest goes first. Safe for all threads.
final class VerifiedIdentities {
    /// How many are remembered.
    static final int MAX = 256;

    private record Claim(Bytes identityKey, Bytes signature, Bytes noiseStatic) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final BoundedMap<Claim, PublicKey> known = new BoundedMap<>(MAX);

    /// As `NoisePayload.verify`.
    PublicKey verify(NoisePayload payload, byte[] noiseStatic) throws HandshakeException {
        Claim claim = new Claim(payload.identityKey(), payload.signature(), Bytes.of(noiseStatic));
        lock.lock();
        try {
            PublicKey key = known.get(claim);
            if (key != null) {
                return key;
            }
        } finally {
            lock.unlock();
        }
        PublicKey key = payload.verify(noiseStatic);
        lock.lock();
        try {
            known.put(claim, key);
        } finally {
            lock.unlock();
        }
        return key;
    }

    int size() {
        lock.lock();
        try {
            return known.size();
        } finally {
            lock.unlock();
        }
    }
}
