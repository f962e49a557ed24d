package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiformats.HashFunction;

import java.nio.ByteBuffer;

/// A place in the key space: the SHA-256 of a key's bytes, as four big-endian words (kad-dht,
/// Distance: "In all cases, the distance between two keys is XOR(sha256(key1), sha256(key2))").
///
/// Words, because thousands of them are compared in a look-up and kept in a simulation.
public record Key(long a, long b, long c, long d) {
    /// How many bits a key has, and so the most buckets.
    public static final int BITS = 256;

    /// Where the bytes of a key lie.
    public static Key of(Bytes key) {
        return ofDigest(HashFunction.SHA2_256.digest(key.toArray()));
    }

    /// Where a peer lies: its raw id is its key.
    public static Key of(PeerId peer) {
        return of(peer.multihash());
    }

    /// @param digest 32 bytes
    public static Key ofDigest(Bytes digest) {
        ByteBuffer words = ByteBuffer.wrap(digest.requireLength(32, "digest").toArray());
        return new Key(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    /// Which of two keys is nearer to this one: negative if `left` is.
    public int compareDistance(Key left, Key right) {
        int order = Long.compareUnsigned(a ^ left.a, a ^ right.a);
        if (order == 0) {
            order = Long.compareUnsigned(b ^ left.b, b ^ right.b);
        }
        if (order == 0) {
            order = Long.compareUnsigned(c ^ left.c, c ^ right.c);
        }
        return order != 0 ? order : Long.compareUnsigned(d ^ left.d, d ^ right.d);
    }

    /// How many leading bits both have in common, 0 to 256.
    public int commonPrefix(Key other) {
        long[] differences = {a ^ other.a, b ^ other.b, c ^ other.c, d ^ other.d};
        int bits = 0;
        for (long difference : differences) {
            if (difference != 0) {
                return bits + Long.numberOfLeadingZeros(difference);
            }
            bits += Long.SIZE;
        }
        return bits;
    }
}
