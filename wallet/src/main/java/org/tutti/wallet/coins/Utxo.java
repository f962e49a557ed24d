package org.tutti.wallet.coins;

import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

/// An output of ours, as it stood in a block that this node verified.
///
/// @param height of the block
/// @param coinbase whether it pays a miner: then it takes [#COINBASE_MATURITY] blocks until it may
///   be spent
public record Utxo(OutPoint outPoint, TxOut output, int height, boolean coinbase) {
    /// How many blocks deep a coinbase must be (Bitcoin Core `COINBASE_MATURITY`).
    public static final int COINBASE_MATURITY = 100;

    public Sat value() {
        return output.value();
    }

    /// Whether the next block may spend it.
    ///
    /// @param tipHeight height of the last block
    public boolean isMature(int tipHeight) {
        return !coinbase || tipHeight + 1 - height >= COINBASE_MATURITY;
    }
}
