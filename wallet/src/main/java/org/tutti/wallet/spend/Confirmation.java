package org.tutti.wallet.spend;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;

/// That a transaction is in a block of the best chain.
///
/// @param header of the block
/// @param height of the block
/// @param proof that leads from the transaction to the header's Merkle root, checked
public record Confirmation(Txid txid, BlockHeader header, int height, MerkleProof proof) {
    /// The block's name.
    public BlockHash blockHash() {
        return header.hash();
    }

    /// How deep it is: 1 in the last block.
    public int depth(int tipHeight) {
        return tipHeight - height + 1;
    }
}
