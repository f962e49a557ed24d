package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.internal.curve25519.CurveEngine;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/// A 32-byte seed and the public key made of it (peer-ids.md#ed25519).
final class Ed25519PrivateKey implements PrivateKey {
    private static final int SEED = 32;

    private final byte[] seed;
    private final Ed25519PublicKey publicKey;
    private final CurveEngine.Signer signer;

    private Ed25519PrivateKey(byte[] seed) throws KeyFormatException {
        this.seed = seed;
        this.publicKey = Ed25519PublicKey.parse(Bytes.wrap(CurveEngine.ed25519PublicKey(seed)));
        try {
            this.signer = Curve25519.engine().signer(seed);
        } catch (InvalidKeyException e) {
            throw new KeyFormatException(Code.INVALID, "not an Ed25519 key");
        }
    }

    static Ed25519PrivateKey generate(SecureRandom random) {
        byte[] seed = new byte[SEED];
        random.nextBytes(seed);
        try {
            return new Ed25519PrivateKey(seed);
        } catch (KeyFormatException e) {
            throw new IllegalStateException("a derived public key must parse", e);
        }
    }

    /// Reads `seed ‖ public key`, and the older `seed ‖ public key ‖ public key`.
    static Ed25519PrivateKey parse(byte[] data) throws KeyFormatException {
        if (data.length != 64 && data.length != 96) {
            throw new KeyFormatException(
                    Code.SIZE, "Ed25519 private key of " + data.length + " bytes, not 64");
        }
        Ed25519PrivateKey key = new Ed25519PrivateKey(Arrays.copyOf(data, SEED));
        // peer-ids.md: "compare the two public key strings … If they do not match, reject".
        for (int at = SEED; at < data.length; at += 32) {
            byte[] claimed = Arrays.copyOfRange(data, at, at + 32);
            if (!MessageDigest.isEqual(claimed, key.publicKey.raw().toArray())) {
                throw new KeyFormatException(
                        Code.INVALID, "Ed25519 private key does not belong to its public key");
            }
        }
        return key;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] message) {
        return signer.sign(message);
    }

    @Override
    public byte[] toProtobuf() {
        byte[] data = Arrays.copyOf(seed, SEED + Ed25519PublicKey.LENGTH);
        publicKey.raw().copyTo(data, SEED);
        byte[] out = KeyProtobuf.encode(KeyType.ED25519, data);
        Arrays.fill(data, (byte) 0);
        return out;
    }

    @Override
    public String toString() {
        return "private key of " + publicKey.peerId();
    }
}
