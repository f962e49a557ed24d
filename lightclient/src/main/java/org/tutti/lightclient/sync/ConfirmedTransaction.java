package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;

/// A transaction in a block that we checked, with the branch from it to the header's Merkle root.
///
/// @param blockHash of `header`
/// @param height of the block
/// @param proof checked against `header.merkleRoot()`
/// @param confirmations tip height − height + 1, so at least 1
public record ConfirmedTransaction(
        Txid txid,
        BlockHeader header,
        BlockHash blockHash,
        int height,
        MerkleProof proof,
        int confirmations) {}
