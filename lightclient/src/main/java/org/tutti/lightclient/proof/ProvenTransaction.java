package org.tutti.lightclient.proof;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.lightclient.headers.HeaderEntry;

/// A transaction that was proven to be in a block of the best chain, as the chain was then.
///
/// @param index its place in the block, 0 for the coinbase
/// @param confirmations tip height − height of the block + 1, so at least 1
public record ProvenTransaction(Txid txid, int index, HeaderEntry block, int confirmations) {

    /// Whether it made new coins, which may be spent after a hundred blocks alone.
    public boolean isCoinbase() {
        return index == 0;
    }
}
