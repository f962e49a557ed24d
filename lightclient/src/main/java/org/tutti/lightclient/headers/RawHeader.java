package org.tutti.lightclient.headers;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.codec.DecodeException;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The fields of a header where they lie among its 80 bytes, and its hash.
///
/// Not thread-safe: the digest is reused.
final class RawHeader {
    static final int VERSION = 0;
    static final int PREVIOUS = 4;
    static final int TIME = 68;
    static final int BITS = 72;

    /// Words of eight bytes in a hash.
    static final int HASH_WORDS = 4;

    private static final int HASH_BYTES = 32;
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest sha256;
    private final byte[] digest = new byte[HASH_BYTES];

    RawHeader() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            // Every Java platform must have it (java.security.MessageDigest).
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    static int i32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long u32(byte[] bytes, int at) {
        return Integer.toUnsignedLong(i32(bytes, at));
    }

    static long i64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    /// Whether the 32 bytes from `at` on are this hash.
    static boolean isHash(byte[] bytes, int at, long[] words, int firstWord) {
        for (int word = 0; word < HASH_WORDS; word++) {
            if (i64(bytes, at + 8 * word) != words[firstWord + word]) {
                return false;
            }
        }
        return true;
    }

    /// The hash of the header that begins at `at`, as four little-endian words: the 256-bit number
    /// that is compared with the target, its lowest word first.
    void hash(byte[] bytes, int at, long[] words, int firstWord) {
        try {
            sha256.update(bytes, at, BlockHeader.LENGTH);
            sha256.digest(digest, 0, HASH_BYTES);
            sha256.update(digest);
            sha256.digest(digest, 0, HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 does not fit into 32 bytes", e);
        }
        for (int word = 0; word < HASH_WORDS; word++) {
            words[firstWord + word] = i64(digest, 8 * word);
        }
    }

    static BlockHeader parse(Bytes bytes) {
        try {
            return BlockHeader.parse(bytes);
        } catch (DecodeException e) {
            throw new IllegalStateException("any 80 bytes are a header", e);
        }
    }
}
