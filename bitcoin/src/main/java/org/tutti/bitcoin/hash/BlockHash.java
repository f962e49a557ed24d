package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;

/// The name of a block: the double SHA-256 of its header.
public final class BlockHash extends Hash256 implements Comparable<BlockHash> {
    /// 32 zero bytes: the parent of a genesis block, and no stop in `getheaders`.
    public static final BlockHash ZERO = new BlockHash(new byte[LENGTH]);

    private BlockHash(byte[] bytes) {
        super(bytes);
    }

    private BlockHash(WireReader in) throws DecodeException {
        super(in);
    }

    /// @param bytes 32 bytes in the order in which they are hashed and sent
    /// @throws IllegalArgumentException if there are not 32 bytes
    public static BlockHash of(Bytes bytes) {
        return new BlockHash(bytes.toArray());
    }

    /// From 64 hex digits as explorers and `bitcoin-cli` print them, the last byte first.
    ///
    /// @throws IllegalArgumentException if it is not 64 hex digits
    public static BlockHash fromDisplayHex(String hex) {
        return new BlockHash(fromDisplayOrder(hex));
    }

    /// The double SHA-256 of the 80 bytes of a header.
    public static BlockHash hashOf(byte[] header) {
        return new BlockHash(Sha256.twice(header));
    }

    public static BlockHash read(WireReader in) throws DecodeException {
        return new BlockHash(in);
    }

    /// Order of the bytes as sent.
    @Override
    public int compareTo(BlockHash other) {
        return compareBytes(this, other);
    }
}
