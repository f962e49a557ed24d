package org.tutti.bitcoin.block;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;

import java.math.BigInteger;

/// The 80 bytes that a miner works on.
///
/// @param version signed 32 bits
/// @param previous hash of the parent's header
/// @param merkleRoot over the txids
/// @param time seconds since 1970, unsigned 32 bits
/// @param bits the target in compact form, unsigned 32 bits; see [ProofOfWork]
/// @param nonce unsigned 32 bits
public record BlockHeader(
        int version, BlockHash previous, MerkleNode merkleRoot, long time, long bits, long nonce) {
    /// Bytes of a header.
    public static final int LENGTH = 80;

    /// @throws IllegalArgumentException if a field does not fit 32 bits
    public BlockHeader {
        requireU32(time, "time");
        requireU32(bits, "bits");
        requireU32(nonce, "nonce");
    }

    private static void requireU32(long value, String what) {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException(what + " " + value + " does not fit 32 bits");
        }
    }

    /// Reads exactly 80 bytes.
    public static BlockHeader parse(Bytes bytes) throws DecodeException {
        WireReader in = new WireReader(bytes);
        BlockHeader header = read(in);
        in.requireEnd();
        return header;
    }

    public static BlockHeader read(WireReader in) throws DecodeException {
        return new BlockHeader(
                in.i32(), BlockHash.read(in), MerkleNode.read(in), in.u32(), in.u32(), in.u32());
    }

    public void write(WireWriter out) {
        out.i32(version);
        previous.write(out);
        merkleRoot.write(out);
        out.u32(time).u32(bits).u32(nonce);
    }

    public Bytes serialize() {
        WireWriter out = new WireWriter(LENGTH);
        write(out);
        return out.toBytes();
    }

    /// The block's name. Computed at each call.
    public BlockHash hash() {
        WireWriter out = new WireWriter(LENGTH);
        write(out);
        return BlockHash.hashOf(out.toArray());
    }

    /// How many hashes a block with these bits takes on average.
    public BigInteger work() {
        return ProofOfWork.work(bits);
    }

    public BlockHeader withNonce(long newNonce) {
        return new BlockHeader(version, previous, merkleRoot, time, bits, newNonce);
    }
}
