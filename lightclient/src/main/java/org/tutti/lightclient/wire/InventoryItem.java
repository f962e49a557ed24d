package org.tutti.lightclient.wire;

import org.tutti.bitcoin.hash.Hash256;

/// One thing that a peer has, wants or lacks.
///
/// @param type 32 bits, unsigned: one of the constants here, or a kind that we do not know
/// @param hash txid, wtxid or block hash, as the type says
public record InventoryItem(int type, Hash256 hash) {
    /// A transaction by its txid.
    public static final int TX = 1;

    /// A block without witnesses (in `inv`: simply a block).
    public static final int BLOCK = 2;

    /// A transaction by its wtxid (BIP339).
    public static final int WTX = 5;

    /// Set in `getdata` to ask for the witnesses too (BIP144).
    public static final int WITNESS_FLAG = 1 << 30;

    public static final int WITNESS_TX = TX | WITNESS_FLAG;
    public static final int WITNESS_BLOCK = BLOCK | WITNESS_FLAG;

    /// A transaction, with or without witnesses, named by txid.
    public boolean isTransaction() {
        return type == TX || type == WITNESS_TX;
    }

    /// A block, with or without witnesses.
    public boolean isBlock() {
        return type == BLOCK || type == WITNESS_BLOCK;
    }
}
