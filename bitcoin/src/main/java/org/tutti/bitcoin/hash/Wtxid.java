package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;

/// The name of a transaction that covers its witnesses too (BIP141).
public final class Wtxid extends Hash256 implements Comparable<Wtxid> {
    /// 32 zero bytes: what stands for a coinbase in the witness commitment.
    public static final Wtxid ZERO = new Wtxid(new byte[LENGTH]);

    private Wtxid(byte[] bytes) {
        super(bytes);
    }

    private Wtxid(WireReader in) throws DecodeException {
        super(in);
    }

    /// @param bytes 32 bytes in the order in which they are hashed and sent
    /// @throws IllegalArgumentException if there are not 32 bytes
    public static Wtxid of(Bytes bytes) {
        return new Wtxid(bytes.toArray());
    }

    /// From 64 hex digits as explorers and `bitcoin-cli` print them, the last byte first.
    ///
    /// @throws IllegalArgumentException if it is not 64 hex digits
    public static Wtxid fromDisplayHex(String hex) {
        return new Wtxid(fromDisplayOrder(hex));
    }

    /// The double SHA-256 of a transaction's bytes with its witness.
    public static Wtxid hashOf(byte[] transaction) {
        return new Wtxid(Sha256.twice(transaction));
    }

    public static Wtxid read(WireReader in) throws DecodeException {
        return new Wtxid(in);
    }

    /// Order of the bytes as sent.
    @Override
    public int compareTo(Wtxid other) {
        return compareBytes(this, other);
    }
}
