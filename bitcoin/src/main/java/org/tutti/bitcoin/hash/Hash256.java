package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;

/// A double SHA-256: the name of a transaction, a block or a node of a Merkle tree.
///
/// @param bytes 32 bytes in the order in which they are hashed and sent; people write them
///   reversed, and so does [#toString()]
public record Hash256(Bytes bytes) implements Comparable<Hash256> {
    /// Bytes in a hash.
    public static final int LENGTH = 32;

    /// 32 zero bytes: the parent of a genesis block, the prevout of a coinbase.
    public static final Hash256 ZERO = new Hash256(Bytes.wrap(new byte[LENGTH]));

    /// @throws IllegalArgumentException if there are not 32 bytes
    public Hash256 {
        bytes.requireLength(LENGTH, "hash");
    }

    /// The double SHA-256 of the parts, one after the other.
    public static Hash256 of(byte[]... parts) {
        return new Hash256(Bytes.wrap(Sha256.twice(parts)));
    }

    /// From 64 hex digits as explorers and `bitcoin-cli` print them, the last byte first.
    ///
    /// @throws IllegalArgumentException if it is not 64 hex digits
    public static Hash256 fromDisplayHex(String hex) {
        return new Hash256(Bytes.fromHex(hex).reversed());
    }

    public static Hash256 read(WireReader in) throws DecodeException {
        return new Hash256(in.bytes(LENGTH));
    }

    /// Order of the bytes as sent.
    @Override
    public int compareTo(Hash256 other) {
        return bytes.compareTo(other.bytes);
    }

    /// 64 hex digits, the last byte first.
    @Override
    public String toString() {
        return bytes.reversed().toHex();
    }
}
