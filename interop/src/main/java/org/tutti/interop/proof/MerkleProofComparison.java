package org.tutti.interop.proof;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.proof.DepthEvidence;
import org.tutti.bitcoin.proof.Inclusion;
import org.tutti.bitcoin.proof.InclusionProof;
import org.tutti.bitcoin.proof.MerkleBlock;
import org.tutti.bitcoin.proof.MerkleBranch;
import org.tutti.bitcoin.proof.ProofException;
import org.tutti.bitcoin.proof.ProofFault;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.interop.program.LineProgram;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Random blocks and random sets of their transactions: our partial trees are those of rust-bitcoin
/// byte for byte, each of us reads the other's, and of damaged ones both say the same, but that we
/// refuse bits behind the last flag.
public final class MerkleProofComparison {
    /// Damaged trees for each block.
    private static final int DAMAGED = 6;

    private final LineProgram rust;
    private int blocks;
    private int proven;
    private int refusedByBoth;
    private int takenByBoth;
    private int paddingRefusedByUs;

    private MerkleProofComparison(LineProgram rust) {
        this.rust = rust;
    }

    /// Arguments: the program, how many blocks, the seed.
    public static void main(String[] args) throws Exception {
        int cases = Integer.parseInt(args[1]);
        long seed = Long.parseLong(args[2]);
        try (LineProgram rust = new LineProgram(Path.of(args[0]))) {
            MerkleProofComparison comparison = new MerkleProofComparison(rust);
            for (int i = 0; i < cases; i++) {
                try {
                    comparison.compare(new SplittableRandom(seed * 1_000_003 + i));
                } catch (IllegalStateException | DecodeException | ProofException e) {
                    System.out.println("block " + i + " of seed " + seed + ": " + e);
                    System.exit(1);
                }
            }
            comparison.report();
        }
    }

    private void report() {
        System.out.printf(
                "%,d blocks, the same trees made by both and read by each other; %,d transactions"
                        + " proven; of damaged trees %,d refused by both, %,d taken by both, %,d"
                        + " refused by us alone for bits behind the last flag; no difference%n",
                blocks, proven, refusedByBoth, takenByBoth, paddingRefusedByUs);
        boolean saidEnough =
                proven > blocks
                        && refusedByBoth > blocks
                        && takenByBoth > 0
                        && paddingRefusedByUs > 0;
        if (!saidEnough) {
            System.out.println("too few of one kind: nothing was compared");
            System.exit(1);
        }
    }

    private void compare(SplittableRandom random)
            throws IOException, DecodeException, ProofException {
        Block block = block(random);
        List<Txid> txids = block.txids();
        TreeSet<Integer> shown = new TreeSet<>();
        int oneOf = 1 + random.nextInt(1 + txids.size());
        for (int i = 0; i < txids.size(); i++) {
            if (random.nextInt(oneOf) == 0) {
                shown.add(i);
            }
        }
        MerkleBlock ours = MerkleBlock.of(block.header(), txids, shown);
        List<Bytes> damaged = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        StringBuilder make = new StringBuilder("make ").append(block.serialize().toHex());
        shown.forEach(i -> make.append(' ').append(txids.get(i)));
        questions.add(make.toString());
        questions.add("read " + ours.serialize().toHex());
        for (int i = 0; i < DAMAGED; i++) {
            damaged.add(damage(ours, random));
            questions.add("read " + damaged.getLast().toHex());
        }
        List<String> answers = rust.ask(questions);
        require(answers.get(0).equals(ours.serialize().toHex()), "another tree was made");
        MerkleBlock theirs = MerkleBlock.parse(Bytes.fromHex(answers.get(0)));
        require(answers.get(1).equals(said(ours)), "our tree is read otherwise");
        require(theirs.matches().size() == shown.size(), "another number is shown");
        for (int i : shown) {
            proveEachWay(block, theirs, i);
        }
        for (int i = 0; i < DAMAGED; i++) {
            compareDamaged(damaged.get(i), answers.get(2 + i));
        }
        blocks++;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /// What rust-bitcoin must say of a tree that holds.
    private static String said(MerkleBlock tree) throws ProofException {
        StringBuilder said = new StringBuilder("ok");
        for (MerkleBlock.Match match : tree.matches()) {
            said.append(' ').append(match.index()).append(':').append(match.txid());
        }
        return said.toString();
    }

    private void proveEachWay(Block block, MerkleBlock tree, int index) throws ProofException {
        InclusionProof proof = InclusionProof.of(tree, block.transactions().get(index));
        Inclusion expected =
                new Inclusion.Proven(
                        block.txids().get(index),
                        index,
                        MerkleTree.depth(block.transactions().size()));
        DepthEvidence coinbase =
                new DepthEvidence.Coinbase(
                        block.transactions().getFirst(),
                        MerkleBranch.of(block.txids(), 0).siblings());
        for (DepthEvidence evidence : List.of(coinbase, new DepthEvidence.WholeBlock(block))) {
            Inclusion inclusion = proof.withDepth(evidence).check(block.header());
            require(inclusion.equals(expected), "transaction " + index + ": " + inclusion);
        }
        proven++;
    }

    private void compareDamaged(Bytes damaged, String answer) {
        String ours;
        try {
            ours = said(MerkleBlock.parse(damaged));
        } catch (DecodeException e) {
            ours = "error " + e.code();
        } catch (ProofException e) {
            ours = "error " + e.fault();
        }
        if (ours.equals("error " + ProofFault.FLAGS_LEFT) && answer.startsWith("ok")) {
            paddingRefusedByUs++;
            return;
        }
        boolean isTaken = answer.startsWith("ok");
        require(
                isTaken ? ours.equals(answer) : ours.startsWith("error"),
                "%s, they: %s, we: %s".formatted(damaged.toHex(), answer, ours));
        if (isTaken) {
            takenByBoth++;
        } else {
            refusedByBoth++;
        }
    }

    // Making blocks, and damaging what is made of them.

    private static Block block(SplittableRandom random) {
        int count = random.nextInt(10) == 0 ? 1 + random.nextInt(700) : 1 + random.nextInt(40);
        List<Transaction> transactions = new ArrayList<>();
        transactions.add(transaction(random, OutPoint.COINBASE, Script.of(bytes(random, 8))));
        for (int i = 1; i < count; i++) {
            transactions.add(
                    transaction(
                            random,
                            new OutPoint(Txid.of(bytes(random, 32)), random.nextInt(9)),
                            Script.EMPTY));
        }
        MerkleNode root =
                MerkleTree.rootOf(transactions.stream().map(Transaction::txid).toList()).hash();
        return new Block(
                new BlockHeader(
                        random.nextInt(),
                        BlockHash.of(bytes(random, 32)),
                        root,
                        random.nextInt() & 0xffff_ffffL,
                        random.nextInt() & 0xffff_ffffL,
                        random.nextInt() & 0xffff_ffffL),
                transactions);
    }

    private static Transaction transaction(
            SplittableRandom random, OutPoint spent, Script scriptSig) {
        List<Bytes> witness =
                random.nextBoolean() ? List.of() : List.of(bytes(random, random.nextInt(80)));
        return new Transaction(
                random.nextInt(),
                List.of(new TxIn(spent, scriptSig, Sequence.of(random.nextInt(99)), witness)),
                List.of(
                        new TxOut(
                                Sat.of(random.nextInt(1 << 30)),
                                Script.of(bytes(random, 5 + random.nextInt(40))))),
                LockTime.of(random.nextInt(99)));
    }

    private static Bytes bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static Bytes damage(MerkleBlock tree, SplittableRandom random) {
        List<MerkleNode> hashes = new ArrayList<>(tree.hashes());
        int at = random.nextInt(hashes.size());
        int count = tree.transactionCount();
        Bytes flags = tree.flags();
        switch (random.nextInt(8)) {
            case 0 -> hashes.remove(at);
            case 1 -> hashes.add(at, hashes.get(random.nextInt(hashes.size())));
            case 2 -> hashes.set(at, hashes.get(random.nextInt(hashes.size())));
            case 3 -> count = Math.clamp(count + random.nextInt(-3, 4), 1, 16_000);
            case 4 -> flags = flipped(flags, random.nextInt(flags.length() * 8));
            case 5 -> flags = Bytes.concat(flags, bytes(random, random.nextInt(2)));
            case 6 -> flags = flags.slice(0, random.nextInt(flags.length() + 1));
            default -> {
                Bytes bytes = tree.serialize();
                return random.nextInt(4) == 0
                        ? bytes.slice(0, random.nextInt(bytes.length()))
                        : flipped(bytes, random.nextInt(bytes.length() * 8));
            }
        }
        return new MerkleBlock(tree.header(), count, hashes, flags).serialize();
    }

    private static Bytes flipped(Bytes bytes, int bit) {
        byte[] changed = bytes.toArray();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        return Bytes.wrap(changed);
    }
}
