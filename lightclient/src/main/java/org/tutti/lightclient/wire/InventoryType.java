package org.tutti.lightclient.wire;

/// The kinds of [InventoryItem] on the wire (Bitcoin Core `src/protocol.h`).
final class InventoryType {
    /// A transaction by its txid.
    static final int TX = 1;

    /// A block without witnesses (in `inv`: simply a block).
    static final int BLOCK = 2;

    /// A transaction by its wtxid (BIP339).
    static final int WTX = 5;

    /// Set in `getdata` to ask for the witnesses too (BIP144).
    static final int WITNESS = 1 << 30;

    private InventoryType() {}
}
