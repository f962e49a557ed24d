package org.tutti.musig.keys;

import org.bouncycastle.crypto.digests.RIPEMD160Digest;

/// RIPEMD-160, 20 bytes. It is BouncyCastle's: the JDK has none.
public final class Ripemd160 {
    /// Bytes of the hash.
    public static final int BYTES = 20;

    private Ripemd160() {}

    /// The hash of `data`, in a fresh array.
    public static byte[] of(byte[] data) {
        RIPEMD160Digest digest = new RIPEMD160Digest();
        digest.update(data, 0, data.length);
        byte[] out = new byte[BYTES];
        digest.doFinal(out, 0);
        return out;
    }
}
