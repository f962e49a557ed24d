package org.tutti.lightclient.headers;

import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;

import java.math.BigInteger;

/// A header with its place in the tree.
///
/// @param hash its block hash, computed once
/// @param height blocks between it and genesis
/// @param chainWork expected hashes for it and everything below it
public record HeaderEntry(BlockHeader header, BlockHash hash, int height, BigInteger chainWork) {

    /// Hash alone: the rest follows from it.
    @Override
    public boolean equals(Object other) {
        return other instanceof HeaderEntry entry && hash.equals(entry.hash);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return height + ":" + hash;
    }
}
