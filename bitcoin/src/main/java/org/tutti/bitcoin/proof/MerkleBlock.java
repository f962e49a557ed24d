package org.tutti.bitcoin.proof;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.Hash256;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// A header with a partial Merkle tree (BIP37 `merkleblock`; also what Bitcoin Core's
/// `gettxoutproof` returns).
///
/// @param transactionCount how many transactions the block has, as the sender claims, 1 to
///   [#MAX_TRANSACTIONS]
/// @param hashes nodes in the order in which a depth-first walk meets them
/// @param flags one bit for each node of that walk, lowest bit of each byte first
public record MerkleBlock(
        BlockHeader header, int transactionCount, List<MerkleNode> hashes, Bytes flags) {
    /// The most transactions that a block can hold: its weight over that of the smallest
    /// transaction, 60 bytes.
    public static final int MAX_TRANSACTIONS = 4_000_000 / (60 * 4);

    /// @throws IllegalArgumentException if no block has so many transactions
    public MerkleBlock {
        if (transactionCount < 1 || transactionCount > MAX_TRANSACTIONS) {
            throw new IllegalArgumentException(count(transactionCount));
        }
        hashes = List.copyOf(hashes);
    }

    /// A transaction that the tree shows.
    ///
    /// @param index its place, if the number of transactions is as claimed
    public record Match(int index, Txid txid) {}

    /// Makes the partial tree that shows some of a block's transactions.
    ///
    /// @param txids of all transactions of the block in their order
    /// @param shown places of those to show; none is possible too
    /// @throws IllegalArgumentException if no block has so many transactions
    /// @throws IndexOutOfBoundsException if there is no such place
    public static MerkleBlock of(BlockHeader header, List<Txid> txids, Set<Integer> shown) {
        Builder builder = new Builder(txids, shown);
        builder.node(MerkleTree.depth(txids.size()), 0);
        return new MerkleBlock(header, txids.size(), builder.hashes, builder.packedFlags());
    }

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
            throw new DecodeException(DecodeException.Code.TOO_LARGE, count(transactionCount));
        }
        int count = in.count(Hash256.LENGTH, "hashes");
        if (count > transactionCount) {
            throw new DecodeException(
                    DecodeException.Code.BAD_VALUE, "more hashes than transactions");
        }
        List<MerkleNode> hashes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            hashes.add(MerkleNode.read(in));
        }
        Bytes flags = in.varBytes("flags");
        return new MerkleBlock(header, (int) transactionCount, hashes, flags);
    }

    private static String count(long transactions) {
        return "%d transactions, 1 to %d can be".formatted(transactions, MAX_TRANSACTIONS);
    }

    public Bytes serialize() {
        WireWriter out = new WireWriter();
        header.write(out);
        out.u32(transactionCount).compactSize(hashes.size());
        hashes.forEach(hash -> hash.write(out));
        return out.varBytes(flags).toBytes();
    }

    /// Walks the tree and answers what it shows, after it led to the header's root.
    ///
    /// The ids may still be inner nodes that pose as transactions: [InclusionProof] decides that.
    ///
    /// @throws ProofException if the tree is broken or leads to another root
    public List<Match> matches() throws ProofException {
        return List.copyOf(walk().matches);
    }

    /// The branch of a transaction that the tree shows.
    ///
    /// @throws ProofException if the tree is broken, leads to another root, or does not show the
    ///   transaction
    public MerkleBranch branch(Txid txid) throws ProofException {
        Walk walk = walk();
        for (Match match : walk.matches) {
            if (match.txid().equals(txid)) {
                return walk.branch(match.index());
            }
        }
        throw new ProofException(ProofFault.NOT_IN_TREE, "the proof does not show " + txid);
    }

    private Walk walk() throws ProofException {
        Walk walk = new Walk();
        MerkleNode root = walk.node(MerkleTree.depth(transactionCount), 0);
        walk.requireEnd();
        if (!root.equals(header.merkleRoot())) {
            throw new ProofException(
                    ProofFault.OTHER_ROOT,
                    "the partial tree leads to another root than the header's");
        }
        return walk;
    }

    private static int widthAt(int transactionCount, int height) {
        return (transactionCount + (1 << height) - 1) >> height;
    }

    /// One depth-first walk; recursion is at most [MerkleBranch#MAX_DEPTH] deep.
    private final class Walk {
        private final List<Match> matches = new ArrayList<>();
        private final Map<Long, MerkleNode> nodes = new HashMap<>();
        private int usedBits;
        private int usedHashes;

        private MerkleNode node(int height, int position) throws ProofException {
            MerkleNode node = compute(height, position);
            nodes.put(key(height, position), node);
            return node;
        }

        private MerkleNode compute(int height, int position) throws ProofException {
            boolean onTheWay = nextBit();
            if (height == 0 || !onTheWay) {
                MerkleNode hash = nextHash();
                if (height == 0 && onTheWay) {
                    matches.add(new Match(position, Txid.of(hash.bytes())));
                }
                return hash;
            }
            MerkleNode left = node(height - 1, position * 2);
            if (position * 2 + 1 >= widthAt(transactionCount, height - 1)) {
                return MerkleNode.parent(left, left);
            }
            MerkleNode right = node(height - 1, position * 2 + 1);
            // CVE-2012-2459: two equal nodes where the row does not end.
            if (left.equals(right)) {
                throw new ProofException(ProofFault.REPEATED_NODE, "two equal siblings");
            }
            return MerkleNode.parent(left, right);
        }

        private static long key(int height, int position) {
            return (long) height << Integer.SIZE | position;
        }

        /// The siblings of a match, all of which the walk has met.
        private MerkleBranch branch(int index) {
            List<MerkleNode> siblings = new ArrayList<>();
            for (int height = 0; height < MerkleTree.depth(transactionCount); height++) {
                int sibling = index >> height ^ 1;
                int last = widthAt(transactionCount, height) - 1;
                siblings.add(
                        Objects.requireNonNull(nodes.get(key(height, Math.min(sibling, last)))));
            }
            return new MerkleBranch(index, siblings);
        }

        private boolean nextBit() throws ProofException {
            if (usedBits >= flags.length() * 8) {
                throw new ProofException(
                        ProofFault.FLAGS_MISSING, "fewer flags than the walk needs");
            }
            return bit(usedBits++);
        }

        private boolean bit(int at) {
            return (flags.get(at / 8) >>> (at % 8) & 1) != 0;
        }

        private MerkleNode nextHash() throws ProofException {
            if (usedHashes >= hashes.size()) {
                throw new ProofException(
                        ProofFault.HASHES_MISSING, "fewer hashes than the walk needs");
            }
            return hashes.get(usedHashes++);
        }

        /// BIP37: "all bits … and all hashes must have been consumed". The rest of the last byte is
        /// padding; Bitcoin Core does not look at it, and writes zeros.
        private void requireEnd() throws ProofException {
            if (usedHashes != hashes.size()) {
                throw new ProofException(
                        ProofFault.HASHES_LEFT, "hashes that the walk does not need");
            }
            boolean isPadded = (usedBits + 7) / 8 == flags.length();
            for (int at = usedBits; isPadded && at < flags.length() * 8; at++) {
                isPadded = !bit(at);
            }
            if (!isPadded) {
                throw new ProofException(
                        ProofFault.FLAGS_LEFT, "flags that the walk does not need");
            }
        }
    }

    /// The same walk over a tree that is known whole.
    private static final class Builder {
        private final List<List<MerkleNode>> rows = new ArrayList<>();
        private final boolean[] shown;
        private final List<MerkleNode> hashes = new ArrayList<>();
        private final List<Boolean> flags = new ArrayList<>();

        Builder(List<Txid> txids, Set<Integer> shown) {
            this.shown = new boolean[txids.size()];
            for (int index : shown) {
                this.shown[Objects.checkIndex(index, txids.size())] = true;
            }
            List<MerkleNode> row = txids.stream().map(MerkleNode::leaf).toList();
            rows.add(row);
            while (row.size() > 1) {
                row = MerkleTree.above(row);
                rows.add(row);
            }
        }

        void node(int height, int position) {
            boolean onTheWay = isOnTheWay(height, position);
            flags.add(onTheWay);
            if (height == 0 || !onTheWay) {
                hashes.add(rows.get(height).get(position));
                return;
            }
            node(height - 1, position * 2);
            if (position * 2 + 1 < rows.get(height - 1).size()) {
                node(height - 1, position * 2 + 1);
            }
        }

        private boolean isOnTheWay(int height, int position) {
            int end = Math.min((position + 1) << height, shown.length);
            for (int leaf = position << height; leaf < end; leaf++) {
                if (shown[leaf]) {
                    return true;
                }
            }
            return false;
        }

        Bytes packedFlags() {
            byte[] packed = new byte[(flags.size() + 7) / 8];
            for (int i = 0; i < flags.size(); i++) {
                packed[i / 8] |= (byte) (flags.get(i) ? 1 << (i % 8) : 0);
            }
            return Bytes.wrap(packed);
        }
    }
}
