package org.tutti.regtest;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;

/// What happens in the fixture, for an owner that prints or waits. Called on the thread where it
/// happens, one call at a time, outside all locks but the one that keeps the calls in order.
public interface RegtestEvents {
    /// @param userAgent what the client calls itself
    default void clientConnected(String remote, String userAgent) {}

    default void clientLost(String remote, String reason) {}

    /// The memory pool took a transaction.
    default void accepted(Txid txid) {}

    default void refused(Txid txid, Refusal refusal) {}

    /// @param height of the last of `count` new blocks
    default void mined(int count, int height, BlockHash tip) {}

    /// @param depth how many blocks were left behind
    default void reorganised(int depth, int height, BlockHash tip) {}
}
