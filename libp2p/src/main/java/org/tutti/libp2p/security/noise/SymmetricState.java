package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.security.ChannelException;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Chaining key and handshake hash (Noise section 5.2). Pure; not thread-safe.
final class SymmetricState {
    private static final int HASH_LENGTH = 32;

    private final MessageDigest sha256;
    private final Mac hmac;
    private byte[] chainingKey;
    private byte[] hash;
    private @Nullable CipherState cipher;

    SymmetricState(String protocolName) {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
            hmac = Mac.getInstance("HmacSHA256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
        byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
        hash =
                name.length <= HASH_LENGTH
                        ? java.util.Arrays.copyOf(name, HASH_LENGTH)
                        : sha256.digest(name);
        chainingKey = hash.clone();
    }

    void mixHash(byte[] data, int offset, int length) {
        sha256.update(hash);
        sha256.update(data, offset, length);
        hash = sha256.digest();
    }

    void mixKey(byte[] inputKeyMaterial) {
        byte[][] keys = hkdf(inputKeyMaterial);
        CipherState.wipe(chainingKey);
        chainingKey = keys[0];
        if (cipher == null) {
            cipher = new CipherState(keys[1]);
        } else {
            cipher.rekey(keys[1]);
        }
        CipherState.wipe(keys[1]);
    }

    /// EncryptAndHash: appends to `target[offset, …)`; in the clear while there is no key.
    ///
    /// @return how many bytes were written
    int encryptAndHash(byte[] plaintext, byte[] target, int offset) throws ChannelException {
        int length = sealedLength(plaintext.length);
        if (cipher == null) {
            System.arraycopy(plaintext, 0, target, offset, plaintext.length);
        } else {
            cipher.encrypt(hash, plaintext, 0, plaintext.length, target, offset);
        }
        mixHash(target, offset, length);
        return length;
    }

    byte[] decryptAndHash(byte[] source, int offset, int length) throws ChannelException {
        byte[] plaintext = new byte[length - sealedLength(0)];
        if (cipher == null) {
            System.arraycopy(source, offset, plaintext, 0, length);
        } else {
            cipher.decrypt(hash, source, offset, length, plaintext, 0);
        }
        mixHash(source, offset, length);
        return plaintext;
    }

    /// What a plaintext of this length takes on the wire at this point of the handshake.
    int sealedLength(int plaintextLength) {
        return cipher == null ? plaintextLength : plaintextLength + CipherState.TAG_LENGTH;
    }

    Bytes handshakeHash() {
        return Bytes.of(hash);
    }

    /// Split: the initiator's sending key first, the responder's second. This state is spent then.
    CipherState[] split() {
        byte[][] keys = hkdf(CipherState.EMPTY);
        CipherState[] pair = {new CipherState(keys[0]), new CipherState(keys[1])};
        CipherState.wipe(keys[0]);
        CipherState.wipe(keys[1]);
        CipherState.wipe(chainingKey);
        return pair;
    }

    /// HKDF with two outputs (Noise section 4.3).
    private byte[][] hkdf(byte[] inputKeyMaterial) {
        byte[] temporary = hmac(chainingKey, inputKeyMaterial, (byte) 0, false);
        byte[] first = hmac(temporary, CipherState.EMPTY, (byte) 1, true);
        byte[] second = hmac(temporary, first, (byte) 2, true);
        CipherState.wipe(temporary);
        return new byte[][] {first, second};
    }

    private byte[] hmac(byte[] key, byte[] data, byte counter, boolean withCounter) {
        try {
            hmac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        hmac.update(data);
        if (withCounter) {
            hmac.update(counter);
        }
        return hmac.doFinal();
    }
}
