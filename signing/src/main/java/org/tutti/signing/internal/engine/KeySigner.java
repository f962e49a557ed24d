package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.SigningSession;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.signing.internal.wire.KeyAttestation;

import java.security.SecureRandom;

/// A signer with its key in this process. Does not close the key: its creator does.
public final class KeySigner implements Signer {
    private final SecretKey key;
    private final SecureRandom random;
    private final Bytes attestation;

    /// @param peer the identity that the key attests
    public KeySigner(SecretKey key, PeerId peer, SecureRandom random) {
        this.key = key;
        this.random = random;
        byte[] aux = new byte[32];
        random.nextBytes(aux);
        byte[] message = KeyAttestation.message(peer, key.publicKey()).toArray();
        this.attestation = Schnorr.sign(key, message, aux).bytes();
    }

    @Override
    public PublicKey publicKey() {
        return key.publicKey();
    }

    @Override
    public Bytes attestation() {
        return attestation;
    }

    @Override
    public NoncePair generate(KeyAggContext keys, Bytes message, Bytes extra) {
        return NonceGenerator.generate(key, key.publicKey(), keys, message, extra, random);
    }

    @Override
    public PartialSignature sign(SigningSession session, NoncePair nonce) {
        return session.sign(nonce.secret(), key);
    }

    @Override
    public String toString() {
        return "signer with key " + key.publicKey();
    }
}
