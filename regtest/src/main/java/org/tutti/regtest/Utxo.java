package org.tutti.regtest;

import org.tutti.bitcoin.tx.TxOut;

/// An unspent output.
///
/// @param height of the block that made it; [#UNCONFIRMED] for one in the memory pool
/// @param coinbase whether a miner's reward, which matures in 100 blocks
record Utxo(TxOut output, int height, boolean coinbase) {
    static final int UNCONFIRMED = Integer.MAX_VALUE;

    /// Blocks on top of a reward's own before it may be spent (`COINBASE_MATURITY`).
    static final int COINBASE_MATURITY = 100;

    boolean isMatureAt(int spendHeight) {
        return !coinbase || spendHeight - height >= COINBASE_MATURITY;
    }
}
