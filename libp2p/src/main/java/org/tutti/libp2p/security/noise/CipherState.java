package org.tutti.libp2p.security.noise;

import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.ChannelException.Code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A key and its next nonce (Noise section 5.1), over one reused JDK cipher. Not thread-safe.
///
/// The arrays are heap arrays on purpose: the JDK's ChaCha20-Poly1305 copies direct buffers twice.
final class CipherState {
    /// Bytes that encryption adds.
    static final int TAG_LENGTH = 16;

    /// Noise section 5.1: "The maximum n value (2^64-1) is reserved".
    private static final long RESERVED_NONCE = -1L;

    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Cipher cipher;
    private final byte[] iv = new byte[12];
    private SecretKeySpec key;
    private long nonce;

    /// @param key 32 bytes, copied
    CipherState(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no ChaCha20-Poly1305", e);
        }
    }

    /// Starts again with another key: InitializeKey.
    void rekey(byte[] newKey) {
        key = new SecretKeySpec(newKey, "ChaCha20");
        nonce = 0;
    }

    /// SetNonce, unsigned: what a test needs to come near the end.
    void setNonce(long next) {
        nonce = next;
    }

    /// EncryptWithAd: ciphertext and tag, `length + 16` bytes, to `target[targetOffset, …)`. Source
    /// and target may be the same range.
    void encrypt(
            byte[] ad, byte[] source, int sourceOffset, int length, byte[] target, int targetOffset)
            throws ChannelException {
        try {
            begin(Cipher.ENCRYPT_MODE, ad);
            cipher.doFinal(source, sourceOffset, length, target, targetOffset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Encrypts `first` and `second` as one message without joining them before.
    void encrypt(
            byte[] first,
            int firstOffset,
            int firstLength,
            byte[] second,
            int secondOffset,
            int secondLength,
            byte[] target,
            int targetOffset)
            throws ChannelException {
        try {
            begin(Cipher.ENCRYPT_MODE, EMPTY);
            cipher.update(first, firstOffset, firstLength, target, targetOffset);
            cipher.doFinal(second, secondOffset, secondLength, target, targetOffset + firstLength);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static final byte[] EMPTY = new byte[0];

    /// DecryptWithAd: `length - 16` bytes to `target[targetOffset, …)`. Source and target may be
    /// the same range. Nothing is written unless the tag is right.
    ///
    /// @param length of ciphertext and tag
    void decrypt(
            byte[] ad, byte[] source, int sourceOffset, int length, byte[] target, int targetOffset)
            throws ChannelException {
        try {
            begin(Cipher.DECRYPT_MODE, ad);
            cipher.doFinal(source, sourceOffset, length, target, targetOffset);
        } catch (AEADBadTagException e) {
            throw new ChannelException(Code.BAD_CIPHERTEXT, "a message does not decrypt");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void begin(int mode, byte[] ad) throws GeneralSecurityException, ChannelException {
        if (nonce == RESERVED_NONCE) {
            // noise/README.md#encryption-and-io: "they MUST terminate the connection".
            throw new ChannelException(Code.NONCES_EXHAUSTED, "no nonce is left");
        }
        // Noise section 12.3: "32 bits of zeros followed by little-endian encoding of n".
        LITTLE_ENDIAN.set(iv, 4, nonce++);
        cipher.init(mode, key, new IvParameterSpec(iv));
        if (ad.length > 0) {
            cipher.updateAAD(ad);
        }
    }

    @Override
    public String toString() {
        return "cipher state, nonce " + Long.toUnsignedString(nonce);
    }

    /// Overwrites a secret that was copied out of here or is not needed any more.
    static void wipe(byte[] secret) {
        Arrays.fill(secret, (byte) 0);
    }
}
