package org.tutti.lightclient.wire;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Hash256;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;

/// One thing that a peer has, wants or lacks: 4 bytes that say of which kind, and 32 bytes of hash.
public sealed interface InventoryItem {
    /// A transaction by its txid.
    ///
    /// @param witness in `getdata`: whether the witnesses are wanted too (BIP144)
    record Transaction(Txid txid, boolean witness) implements InventoryItem {}

    /// A transaction by its wtxid (BIP339).
    record TransactionByWtxid(Wtxid wtxid) implements InventoryItem {}

    /// A block.
    ///
    /// @param witness in `getdata`: whether the witnesses are wanted too (BIP144)
    record Block(BlockHash hash, boolean witness) implements InventoryItem {}

    /// A kind that this client does not know.
    ///
    /// @param type 32 bits, unsigned
    /// @param hash 32 bytes
    record Unknown(int type, Bytes hash) implements InventoryItem {
        public Unknown {
            hash.requireLength(Hash256.LENGTH, "hash");
        }
    }

    /// Reads 36 bytes.
    static InventoryItem read(WireReader in) throws DecodeException {
        int type = in.i32();
        return switch (type) {
            case InventoryType.TX -> new Transaction(Txid.read(in), false);
            case InventoryType.TX | InventoryType.WITNESS -> new Transaction(Txid.read(in), true);
            case InventoryType.WTX -> new TransactionByWtxid(Wtxid.read(in));
            case InventoryType.BLOCK -> new Block(BlockHash.read(in), false);
            case InventoryType.BLOCK | InventoryType.WITNESS -> new Block(BlockHash.read(in), true);
            default -> new Unknown(type, in.bytes(Hash256.LENGTH));
        };
    }

    /// Writes 36 bytes.
    default void write(WireWriter out) {
        switch (this) {
            case Transaction(Txid txid, boolean witness) -> {
                out.i32(InventoryType.TX | (witness ? InventoryType.WITNESS : 0));
                txid.write(out);
            }
            case TransactionByWtxid(Wtxid wtxid) -> {
                out.i32(InventoryType.WTX);
                wtxid.write(out);
            }
            case Block(BlockHash hash, boolean witness) -> {
                out.i32(InventoryType.BLOCK | (witness ? InventoryType.WITNESS : 0));
                hash.write(out);
            }
            case Unknown(int type, Bytes hash) -> out.i32(type).bytes(hash);
        }
    }
}
