package org.tutti.libp2p.internal.curve25519;

import org.bouncycastle.math.ec.rfc7748.X25519;
import org.tutti.base.Bytes;

import java.security.InvalidKeyException;
import java.util.Arrays;

/// A Diffie-Hellman key pair of RFC 7748. `toString` shows the public half only.
public final class X25519KeyPair {
    /// Bytes of either half.
    public static final int LENGTH = 32;

    private final byte[] privateKey;
    private final Bytes publicKey;

    X25519KeyPair(byte[] privateKey, Bytes publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /// The pair of this private key, as test vectors need it.
    ///
    /// @param privateKey 32 bytes, not necessarily clamped; copied
    public static X25519KeyPair of(byte[] privateKey) {
        if (privateKey.length != LENGTH) {
            throw new IllegalArgumentException(
                    "X25519 private key of " + privateKey.length + " bytes, not " + LENGTH);
        }
        byte[] publicKey = new byte[LENGTH];
        X25519.scalarMultBase(privateKey, 0, publicKey, 0);
        return new X25519KeyPair(privateKey.clone(), Bytes.wrap(publicKey));
    }

    /// 32 bytes, secret; a fresh copy that the caller wipes.
    public byte[] privateKey() {
        return privateKey.clone();
    }

    /// 32 bytes.
    public Bytes publicKey() {
        return publicKey;
    }

    /// The secret that this pair shares with the owner of `remotePublicKey`: 32 bytes.
    ///
    /// @throws InvalidKeyException if the remote key is not 32 bytes or of small order, so that the
    ///   result would be all zeros
    public byte[] agree(byte[] remotePublicKey) throws InvalidKeyException {
        return Curve25519.agree(privateKey, remotePublicKey);
    }

    /// Overwrites the private half. The pair is of no use afterwards.
    public void wipe() {
        Arrays.fill(privateKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "X25519 key pair of " + publicKey;
    }
}
