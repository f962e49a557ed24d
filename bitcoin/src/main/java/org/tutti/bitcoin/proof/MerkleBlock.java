package org.tutti.bitcoin.proof;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Hash256;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;

import java.util.ArrayList;
import java.util.List;

/// A header with a partial Merkle tree (BIP37 `merkleblock`; also what Bitcoin Core's
/// `gettxoutproof` returns).
///
/// @param transactionCount how many transactions the block has, as the sender claims
/// @param hashes nodes in the order in which a depth-first walk meets them
/// @param flags one bit for each node of that walk, lowest bit of each byte first
public record MerkleBlock(
        BlockHeader header, int transactionCount, List<MerkleNode> hashes, Bytes flags) {
    /// The most transactions that a block can hold: its weight over that of the smallest
    /// transaction, 60 bytes.
    public static final int MAX_TRANSACTIONS = 4_000_000 / (60 * 4);

    public MerkleBlock {
        hashes = List.copyOf(hashes);
    }

    /// A transaction that the sender says is in the block.
    public record Match(int index, Txid txid) {}

    /// Reads exactly one message and nothing after it.
    public static MerkleBlock parse(Bytes bytes) throws DecodeException {
        WireReader in = new WireReader(bytes);
        MerkleBlock block = read(in);
        in.requireEnd();
        return block;
    }

    public static MerkleBlock read(WireReader in) throws DecodeException {
        BlockHeader header = BlockHeader.read(in);
        long transactionCount = in.u32();
        if (transactionCount < 1 || transactionCount > MAX_TRANSACTIONS) {
            throw new DecodeException(
                    DecodeException.Code.TOO_LARGE,
                    transactionCount + " transactions, 1 to " + MAX_TRANSACTIONS + " can be");
        }
        int count = in.count(Hash256.LENGTH, "hashes");
        if (count > transactionCount) {
            throw bad("more hashes than transactions");
        }
        List<MerkleNode> hashes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            hashes.add(MerkleNode.read(in));
        }
        Bytes flags = in.varBytes("flags");
        return new MerkleBlock(header, (int) transactionCount, hashes, flags);
    }

    public Bytes serialize() {
        WireWriter out = new WireWriter();
        header.write(out);
        out.u32(transactionCount).compactSize(hashes.size());
        hashes.forEach(hash -> hash.write(out));
        return out.varBytes(flags).toBytes();
    }

    /// Walks the tree and answers what it proves, after it led to the header's root.
    ///
    /// The ids may still be inner nodes that pose as transactions: see
    /// [MerkleProof#FORBIDDEN_LENGTH].
    public List<Match> matches() throws DecodeException {
        Walk walk = new Walk();
        MerkleNode root = walk.node(MerkleTree.depth(transactionCount), 0);
        // BIP37: "all bits … and all hashes must have been consumed"; the rest of the last byte is
        // padding.
        if ((walk.usedBits + 7) / 8 != flags.length() || walk.usedHashes != hashes.size()) {
            throw bad("flags or hashes that the walk does not need");
        }
        if (!root.equals(header.merkleRoot())) {
            throw bad("the partial tree leads to another root than the header's");
        }
        return List.copyOf(walk.matches);
    }

    private static DecodeException bad(String message) {
        return new DecodeException(DecodeException.Code.BAD_VALUE, message);
    }

    /// One depth-first walk; recursion is at most [MerkleTree#depth] of [#MAX_TRANSACTIONS] deep.
    private final class Walk {
        private final List<Match> matches = new ArrayList<>();
        private int usedBits;
        private int usedHashes;

        private MerkleNode node(int height, int position) throws DecodeException {
            boolean onTheWay = nextBit();
            if (height == 0 || !onTheWay) {
                MerkleNode hash = nextHash();
                if (height == 0 && onTheWay) {
                    matches.add(new Match(position, Txid.of(hash.bytes())));
                }
                return hash;
            }
            MerkleNode left = node(height - 1, position * 2);
            if (position * 2 + 1 >= widthAt(height - 1)) {
                return MerkleNode.parent(left, left);
            }
            MerkleNode right = node(height - 1, position * 2 + 1);
            // CVE-2012-2459: two equal nodes where the row does not end.
            if (left.equals(right)) {
                throw bad("two equal siblings");
            }
            return MerkleNode.parent(left, right);
        }

        private int widthAt(int height) {
            return (transactionCount + (1 << height) - 1) >> height;
        }

        private boolean nextBit() throws DecodeException {
            if (usedBits >= flags.length() * 8) {
                throw bad("fewer flags than the walk needs");
            }
            boolean bit = (flags.get(usedBits / 8) >>> (usedBits % 8) & 1) != 0;
            usedBits++;
            return bit;
        }

        private MerkleNode nextHash() throws DecodeException {
            if (usedHashes >= hashes.size()) {
                throw bad("fewer hashes than the walk needs");
            }
            return hashes.get(usedHashes++);
        }
    }
}
