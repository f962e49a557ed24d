package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;

/// The name of a transaction: the double SHA-256 of its form without witness, so that no signature
/// changes it.
public final class Txid extends Hash256 implements Comparable<Txid> {
    /// 32 zero bytes: the prevout of a coinbase.
    public static final Txid ZERO = new Txid(new byte[LENGTH]);

    private Txid(byte[] bytes) {
        super(bytes);
    }

    private Txid(WireReader in) throws DecodeException {
        super(in);
    }

    /// @param bytes 32 bytes in the order in which they are hashed and sent
    /// @throws IllegalArgumentException if there are not 32 bytes
    public static Txid of(Bytes bytes) {
        return new Txid(bytes.toArray());
    }

    /// From 64 hex digits as explorers and `bitcoin-cli` print them, the last byte first.
    ///
    /// @throws IllegalArgumentException if it is not 64 hex digits
    public static Txid fromDisplayHex(String hex) {
        return new Txid(fromDisplayOrder(hex));
    }

    /// The double SHA-256 of a transaction's bytes without witness.
    public static Txid hashOf(byte[] transaction) {
        return new Txid(Sha256.twice(transaction));
    }

    public static Txid read(WireReader in) throws DecodeException {
        return new Txid(in);
    }

    /// Order of the bytes as sent.
    @Override
    public int compareTo(Txid other) {
        return compareBytes(this, other);
    }
}
