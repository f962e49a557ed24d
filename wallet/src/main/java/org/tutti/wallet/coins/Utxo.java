package org.tutti.wallet.coins;

import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.util.List;

/// An output of ours, as it stood in a block that this node verified.
///
/// @param height of the block
/// @param coinbase whether it pays a miner: then it takes [#COINBASE_MATURITY] blocks until it may
///   be spent
/// @param path how the key of its output is derived from the aggregate key ([GroupWallet#path])
public record Utxo(
        OutPoint outPoint, TxOut output, int height, boolean coinbase, List<Integer> path) {
    /// How many blocks deep a coinbase must be (Bitcoin Core `COINBASE_MATURITY`).
    public static final int COINBASE_MATURITY = 100;

    public Utxo {
        path = List.copyOf(path);
    }

    /// At the only address of a wallet.
    public Utxo(OutPoint outPoint, TxOut output, int height, boolean coinbase) {
        this(outPoint, output, height, coinbase, List.of());
    }

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
