package org.tutti.wallet.request;

import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.wallet.coins.UtxoState;

import java.util.Optional;

/// What a node's own chain says where a request is judged. Asked from many threads; returns at
/// once.
public interface RequestChain {
    /// The height of the last block, or -1 while there is none.
    int tipHeight();

    /// What the chain shows of a coin; nothing where it was never looked for. A request is signed
    /// without: but a coin that is known here is not spent twice, nor for another amount.
    Optional<UtxoState> find(OutPoint coin);
}
