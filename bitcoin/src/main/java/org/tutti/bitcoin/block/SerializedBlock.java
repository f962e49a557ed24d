package org.tutti.bitcoin.block;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.units.Weight;

/// A block as it was sent, gone through once: what it takes in memory is what it took on the wire.
///
/// It has the shape of a block; [#decode] still refuses amounts that cannot exist. While a block
/// waits for its turn it waits like this: as objects it may take ten times as much, and that only
/// after [#isTooHeavy] was asked.
///
/// @param bytes of the whole block
/// @param header its first 80 bytes
/// @param weight of the whole block
public record SerializedBlock(Bytes bytes, BlockHeader header, Weight weight) {
    private static final int LEAST_TRANSACTION_BYTES = 4 + 1 + 41 + 1 + 4;
    private static final int OUT_POINT_BYTES = 36;
    private static final int LEAST_INPUT_BYTES = OUT_POINT_BYTES + 1 + 4;
    private static final int LEAST_OUTPUT_BYTES = 8 + 1;

    /// The block of a message or a file. The array is taken over.
    public static SerializedBlock wrap(byte[] block) throws DecodeException {
        if (block.length > Block.MAX_BYTES) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    "block of " + block.length + " bytes, at most " + Block.MAX_BYTES);
        }
        WireReader in = new WireReader(block);
        BlockHeader header = BlockHeader.read(in);
        int count = in.count(LEAST_TRANSACTION_BYTES, "transactions");
        long witnessBytes = 0;
        for (int i = 0; i < count; i++) {
            witnessBytes += skipTransaction(in);
        }
        in.requireEnd();
        long base = block.length - witnessBytes;
        return new SerializedBlock(Bytes.wrap(block), header, new Weight(3 * base + block.length));
    }

    /// The bytes of a block that we have.
    public static SerializedBlock of(Block block) {
        return new SerializedBlock(block.serialize(), block.header(), block.weight());
    }

    /// Leaves out a transaction.
    ///
    /// @return how many of its bytes count once, not four times (BIP141): marker, flag, witnesses
    private static long skipTransaction(WireReader in) throws DecodeException {
        in.i32();
        boolean segwit = in.peekU8() == 0;
        if (segwit) {
            in.u8();
            int flag = in.u8();
            if (flag != 1) {
                throw new DecodeException(
                        DecodeException.Code.BAD_VALUE, "no inputs, or segwit flag " + flag);
            }
        }
        int inputs = in.count(LEAST_INPUT_BYTES, "inputs");
        for (int i = 0; i < inputs; i++) {
            in.skip(OUT_POINT_BYTES);
            in.skip(in.count(1, "bytes of scriptSig"));
            in.i32();
        }
        int outputs = in.count(LEAST_OUTPUT_BYTES, "outputs");
        for (int i = 0; i < outputs; i++) {
            in.i64();
            in.skip(in.count(1, "bytes of scriptPubKey"));
        }
        long witnessBytes = segwit ? 2 + skipWitnesses(in, inputs) : 0;
        in.i32();
        return witnessBytes;
    }

    private static int skipWitnesses(WireReader in, int inputs) throws DecodeException {
        int from = in.position();
        for (int i = 0; i < inputs; i++) {
            int items = in.count(1, "witness items");
            for (int item = 0; item < items; item++) {
                in.skip(in.count(1, "bytes of a witness item"));
            }
        }
        return in.position() - from;
    }

    public BlockHash hash() {
        return header.hash();
    }

    /// Bytes on the wire, and in memory.
    public int length() {
        return bytes.length();
    }

    /// Whether no block may be like this, so that it need not be read.
    public boolean isTooHeavy() {
        return weight.isMoreThan(Weight.MAX_BLOCK);
    }

    /// The block as objects.
    public Block decode() throws DecodeException {
        return Block.parse(bytes);
    }
}
