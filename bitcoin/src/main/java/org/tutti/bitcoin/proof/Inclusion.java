package org.tutti.bitcoin.proof;

import org.tutti.bitcoin.hash.Txid;

/// What a proof shows of a block, before anybody asks whether that block counts.
public sealed interface Inclusion {

    /// The transaction is in the block.
    ///
    /// Its witness may be another: the tree is over the txids (BIP141).
    ///
    /// @param index its place, 0 for the coinbase
    /// @param depth rows of the block's tree above its leaves
    record Proven(Txid txid, int index, int depth) implements Inclusion {}

    /// The branch leads to the block's root, but nothing shows that it begins at a leaf. Whoever
    /// can mine a transaction of 64 bytes can make such a proof of one that does not exist
    /// (CVE-2017-12842).
    record LeafUnauthenticated(Txid txid) implements Inclusion {}

    /// The proof is false.
    ///
    /// @param message for people
    record Refused(ProofFault fault, String message) implements Inclusion {}
}
