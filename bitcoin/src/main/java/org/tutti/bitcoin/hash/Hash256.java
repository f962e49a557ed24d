package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HexFormat;

/// 32 bytes that name something: what the kinds of hashes share.
///
/// The kinds are types of their own, so that a block's hash is never looked up among transactions;
/// two hashes are equal when they are of one kind and have the same bytes. A hash is kept as the
/// 256-bit little-endian number that Bitcoin reads it as (proof of work compares that number with a
/// target), in four words: one object, no array. A chain of headers holds very many of them.
public abstract sealed class Hash256 permits Txid, Wtxid, BlockHash, MerkleNode {
    /// Bytes in a hash.
    public static final int LENGTH = 32;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Bytes 0 to 7, the lowest of the number.
    private final long word0;

    private final long word1;
    private final long word2;

    /// Bytes 24 to 31, the highest of the number.
    private final long word3;

    /// @param bytes 32 bytes in the order in which they are hashed and sent
    /// @throws IllegalArgumentException if there are not 32 bytes
    Hash256(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException(
                    "hash must have " + LENGTH + " bytes, not " + bytes.length);
        }
        word0 = (long) LONG.get(bytes, 0);
        word1 = (long) LONG.get(bytes, 8);
        word2 = (long) LONG.get(bytes, 16);
        word3 = (long) LONG.get(bytes, 24);
    }

    /// The next 32 bytes.
    Hash256(WireReader in) throws DecodeException {
        word0 = in.i64();
        word1 = in.i64();
        word2 = in.i64();
        word3 = in.i64();
    }

    /// The same bytes as another kind of hash has.
    Hash256(Hash256 other) {
        word0 = other.word0;
        word1 = other.word1;
        word2 = other.word2;
        word3 = other.word3;
    }

    /// The bytes in sending order for 64 hex digits in the order in which people write them.
    ///
    /// @throws IllegalArgumentException if it is not an even number of hex digits
    static byte[] fromDisplayOrder(String hex) {
        return Bytes.fromHex(hex).reversed().toArray();
    }

    /// The 32 bytes in the order in which they are hashed and sent.
    public final Bytes bytes() {
        return Bytes.wrap(toArray());
    }

    /// The 32 bytes in the order in which they are hashed and sent, in a fresh array.
    public final byte[] toArray() {
        byte[] bytes = new byte[LENGTH];
        copyTo(bytes, 0);
        return bytes;
    }

    /// Copies the 32 bytes to `target` from `offset` on.
    final void copyTo(byte[] target, int offset) {
        LONG.set(target, offset, word0);
        LONG.set(target, offset + 8, word1);
        LONG.set(target, offset + 16, word2);
        LONG.set(target, offset + 24, word3);
    }

    public final void write(WireWriter out) {
        out.i64(word0).i64(word1).i64(word2).i64(word3);
    }

    /// The number that the bytes are, read as little-endian.
    public final BigInteger toNumber() {
        return new BigInteger(1, bytes().reversed().toArray());
    }

    /// Whether the bytes are the same, whatever the two hashes name.
    public final boolean hasSameBytesAs(Hash256 other) {
        return word0 == other.word0
                && word1 == other.word1
                && word2 == other.word2
                && word3 == other.word3;
    }

    /// Unsigned lexicographic order of the bytes as sent.
    static int compareBytes(Hash256 a, Hash256 b) {
        int order = compareWords(a.word0, b.word0);
        if (order == 0) {
            order = compareWords(a.word1, b.word1);
        }
        if (order == 0) {
            order = compareWords(a.word2, b.word2);
        }
        return order == 0 ? compareWords(a.word3, b.word3) : order;
    }

    private static int compareWords(long a, long b) {
        return Long.compareUnsigned(Long.reverseBytes(a), Long.reverseBytes(b));
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof Hash256 hash
                && getClass() == hash.getClass()
                && hasSameBytesAs(hash);
    }

    @Override
    public final int hashCode() {
        // The highest words of a block's hash are mostly zero.
        return Long.hashCode(word0 ^ word1 ^ word2 ^ word3);
    }

    /// 64 hex digits, the last byte first: as explorers and `bitcoin-cli` print it.
    @Override
    public final String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(word3)
                + hex.toHexDigits(word2)
                + hex.toHexDigits(word1)
                + hex.toHexDigits(word0);
    }
}
