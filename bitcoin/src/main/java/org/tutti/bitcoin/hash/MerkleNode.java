package org.tutti.bitcoin.hash;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;

/// A node of a block's Merkle tree: a leaf, which is the id of a transaction, or the double SHA-256
/// of the two nodes below it. The topmost is the root that a header names.
public final class MerkleNode extends Hash256 implements Comparable<MerkleNode> {
    /// 32 zero bytes: what no tree has.
    public static final MerkleNode ZERO = new MerkleNode(new byte[LENGTH]);

    private MerkleNode(byte[] bytes) {
        super(bytes);
    }

    private MerkleNode(WireReader in) throws DecodeException {
        super(in);
    }

    private MerkleNode(Hash256 leaf) {
        super(leaf);
    }

    /// @param bytes 32 bytes in the order in which they are hashed and sent
    /// @throws IllegalArgumentException if there are not 32 bytes
    public static MerkleNode of(Bytes bytes) {
        return new MerkleNode(bytes.toArray());
    }

    /// From 64 hex digits as explorers and `bitcoin-cli` print them, the last byte first.
    ///
    /// @throws IllegalArgumentException if it is not 64 hex digits
    public static MerkleNode fromDisplayHex(String hex) {
        return new MerkleNode(fromDisplayOrder(hex));
    }

    /// The double SHA-256 of the 64 bytes of two nodes.
    public static MerkleNode hashOf(byte[] nodes) {
        return new MerkleNode(Sha256.twice(nodes));
    }

    public static MerkleNode read(WireReader in) throws DecodeException {
        return new MerkleNode(in);
    }

    /// The leaf of a transaction in the tree over the txids of a block.
    public static MerkleNode leaf(Txid txid) {
        return new MerkleNode(txid);
    }

    /// The leaf of a transaction in the tree over the wtxids of a block (BIP141).
    public static MerkleNode leaf(Wtxid wtxid) {
        return new MerkleNode(wtxid);
    }

    /// The node above two others.
    public static MerkleNode parent(MerkleNode left, MerkleNode right) {
        byte[] both = new byte[2 * LENGTH];
        left.copyTo(both, 0);
        right.copyTo(both, LENGTH);
        return hashOf(both);
    }

    /// Order of the bytes as sent.
    @Override
    public int compareTo(MerkleNode other) {
        return compareBytes(this, other);
    }
}
