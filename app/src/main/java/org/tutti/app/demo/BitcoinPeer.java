package org.tutti.app.demo;

import java.time.Duration;

/// The Bitcoin side of the demo: our fixture in a process of its own, or a node of the user's.
sealed interface BitcoinPeer permits OwnBitcoinPeer, UsersBitcoinPeer {
    /// `host:port` of its P2P port.
    String address();

    /// Where the demo's payment goes, and the blocks' rewards that are not the group's.
    default String destination() {
        return NOBODY;
    }

    /// Longest wait for what the Bitcoin peer has to do.
    Duration timeout();

    /// Makes sure that the group's address gets coins, and that they mature.
    void fund(String address) throws DemoFailed;

    /// Makes sure that the transaction, which the peer has been sent, gets into a block.
    void confirm(String txid) throws DemoFailed;

    /// The regtest P2TR address of BIP341's point H as the output key: it looks like any other and
    /// nobody knows its secret key.
    String NOBODY = "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    static BitcoinPeer start(DemoOptions options, Workspace workspace, Report report)
            throws DemoFailed {
        if (options.bitcoinPeer().isPresent()) {
            return new UsersBitcoinPeer(options.bitcoinPeer().get(), options.timeout(), report);
        }
        return OwnBitcoinPeer.start(workspace, report);
    }
}
