package org.tutti.bitcoin;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockCheck;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.block.SignetSolution;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.proof.DepthEvidence;
import org.tutti.bitcoin.proof.Inclusion;
import org.tutti.bitcoin.proof.InclusionProof;
import org.tutti.bitcoin.proof.MerkleBlock;
import org.tutti.bitcoin.proof.MerkleBranch;
import org.tutti.bitcoin.proof.ProofException;
import org.tutti.bitcoin.rules.BlockRules;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TransactionCheck;
import org.tutti.bitcoin.units.Weight;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What strangers send, byte for byte: only a typed refusal leaves a decoder, what it makes is
/// counted against the bytes that came, and is written as the same bytes.
public final class BitcoinFuzz {
    /// What can be tried.
    enum Target {
        HEADER,
        TRANSACTION,
        BLOCK,
        MERKLE_BLOCK,
        PROOF
    }

    /// A real block of 14 transactions, and the one that proofs are held against.
    private static final Block BLOCK = block169482();

    private static Target target = Target.HEADER;

    private BitcoinFuzz() {}

    private static Block block169482() {
        try {
            return Block.parse(Bytes.of(Vectors.raw("blocks/block169482.dat")));
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        Bytes bytes = Bytes.of(input);
        try {
            switch (what) {
                case HEADER -> header(bytes);
                case TRANSACTION -> transaction(bytes);
                case BLOCK -> block(bytes);
                case MERKLE_BLOCK -> merkleBlock(bytes);
                case PROOF -> proof(bytes);
            }
        } catch (DecodeException | ProofException _) {
            // Typed: that is the point.
        }
    }

    static List<byte[]> seeds(Target what) {
        Transaction last = BLOCK.transactions().getLast();
        return switch (what) {
            case HEADER -> List.of(BLOCK.header().serialize().toArray());
            case TRANSACTION ->
                    List.of(
                            last.serialize().toArray(),
                            last.withWitness(0, List.of(Bytes.EMPTY, Bytes.fromHex("0102")))
                                    .serialize()
                                    .toArray(),
                            BLOCK.transactions().getFirst().serialize().toArray());
            case BLOCK ->
                    List.of(
                            Network.SIGNET.genesis().serialize().toArray(),
                            BLOCK.serialize().slice(0, 80).toArray(),
                            Vectors.raw("blocks/block_testnet21066.dat"),
                            Vectors.raw("blocks/block_testnet700000.dat"));
            case MERKLE_BLOCK ->
                    List.of(
                            tree(Set.of(3)).serialize().toArray(),
                            tree(Set.of(0, 13)).serialize().toArray(),
                            tree(Set.of()).serialize().toArray());
            case PROOF -> List.of(proof(3), proof(0), proof(13));
        };
    }

    private static MerkleBlock tree(Set<Integer> shown) {
        return MerkleBlock.of(BLOCK.header(), BLOCK.txids(), shown);
    }

    private static void header(Bytes bytes) throws DecodeException {
        BlockHeader header = BlockHeader.parse(bytes);
        require(header.serialize().equals(bytes), "another header is written");
        require(header.work().signum() >= 0, "negative work");
    }

    private static void transaction(Bytes bytes) throws DecodeException {
        Transaction transaction = Transaction.parse(bytes);
        require(transaction.serialize().equals(bytes), "another transaction is written");
        require(objects(transaction) <= bytes.length(), "more objects than bytes");
        TransactionCheck.fault(transaction);
        Bytes without = transaction.serializeWithoutWitness();
        require(
                transaction.inputs().isEmpty()
                        || Transaction.parseWithoutWitness(without)
                                .txid()
                                .equals(transaction.txid()),
                "another txid");
        require(
                !transaction.weight().isMoreThan(Weight.of(bytes.length(), bytes.length())),
                "heavier than its bytes");
    }

    private static long objects(Transaction transaction) {
        return 1L
                + transaction.outputs().size()
                + transaction.inputs().stream().mapToLong(in -> 1 + in.witness().size()).sum();
    }

    private static void block(Bytes bytes) throws DecodeException {
        Block block = Block.parse(bytes);
        require(block.serialize().equals(bytes), "another block is written");
        long objects = block.transactions().stream().mapToLong(BitcoinFuzz::objects).sum();
        require(objects <= bytes.length(), "more objects than bytes");
        BlockCheck.fault(block, true);
        new BlockRules(Network.SIGNET).fault(block, 1, 0);
        SignetSolution.holds(block, Script.fromHex("51"));
    }

    private static void merkleBlock(Bytes bytes) throws DecodeException, ProofException {
        MerkleBlock tree = MerkleBlock.parse(bytes);
        require(tree.serialize().equals(bytes), "another tree is written");
        require(32L * tree.hashes().size() <= bytes.length(), "more hashes than bytes");
        List<MerkleBlock.Match> matches = tree.matches();
        require(matches.size() <= tree.hashes().size(), "more matches than hashes");
        List<Txid> txids = BLOCK.txids();
        boolean isOurs =
                tree.header().equals(BLOCK.header())
                        && MerkleTree.depth(tree.transactionCount())
                                == MerkleTree.depth(txids.size());
        for (MerkleBlock.Match match : matches) {
            require(
                    tree.branch(match.txid()).root(match.txid()).equals(tree.header().merkleRoot()),
                    "the branch leads elsewhere");
            require(
                    !isOurs || txids.get(match.index()).equals(match.txid()),
                    "shows what the block does not have");
        }
    }

    /// A proof in a form of this test: place, number of siblings, siblings, the same for the
    /// coinbase without its place, transaction, coinbase.
    private static byte[] proof(int index) {
        WireWriter out = new WireWriter();
        out.i32(index);
        for (int i : new int[] {index, 0}) {
            List<MerkleNode> siblings = MerkleBranch.of(BLOCK.txids(), i).siblings();
            out.u8(siblings.size());
            siblings.forEach(node -> node.write(out));
        }
        BLOCK.transactions().get(index).write(out);
        BLOCK.transactions().getFirst().write(out);
        return out.toArray();
    }

    private static void proof(Bytes bytes) throws DecodeException {
        WireReader in = new WireReader(bytes);
        MerkleBranch branch = new MerkleBranch(in.i32(), siblings(in));
        List<MerkleNode> first = siblings(in);
        Transaction transaction = Transaction.read(in);
        Transaction coinbase = Transaction.read(in);
        in.requireEnd();
        InclusionProof proof =
                new InclusionProof(
                        BLOCK.hash(),
                        transaction,
                        branch,
                        Optional.of(new DepthEvidence.Coinbase(coinbase, first)));
        Inclusion inclusion = proof.check(BLOCK.header());
        if (inclusion instanceof Inclusion.Proven(Txid txid, int index, int depth)) {
            require(BLOCK.txids().get(index).equals(txid), "proves what the block does not have");
            require(depth == MerkleTree.depth(BLOCK.transactions().size()), "another depth");
        }
        require(
                new InclusionProof(BlockHash.ZERO, transaction, branch, Optional.empty())
                                .check(BLOCK.header())
                        instanceof Inclusion.Refused,
                "another block");
    }

    private static List<MerkleNode> siblings(WireReader in) throws DecodeException {
        List<MerkleNode> siblings = new ArrayList<>();
        for (int count = in.u8(); count > 0; count--) {
            siblings.add(MerkleNode.read(in));
        }
        return siblings;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
