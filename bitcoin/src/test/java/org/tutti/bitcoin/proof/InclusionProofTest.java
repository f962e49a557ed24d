package org.tutti.bitcoin.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a proof shows of a block, and each forgery that we know: one method's verdicts, on the same
/// few blocks.
class InclusionProofTest {
    private static void assertRefused(InclusionProof proof, BlockHeader header, ProofFault fault) {
        assertThat(proof.check(header))
                .isInstanceOfSatisfying(
                        Inclusion.Refused.class,
                        refused -> assertThat(refused.fault()).isEqualTo(fault));
    }

    private static InclusionProof withoutDepth(InclusionProof proof) {
        return new InclusionProof(
                proof.block(), proof.transaction(), proof.branch(), Optional.empty());
    }

    private static DepthEvidence.Coinbase coinbase(Block block) {
        return new DepthEvidence.Coinbase(
                block.transactions().getFirst(), MerkleBranch.of(block.txids(), 0).siblings());
    }

    private static Set<Integer> places(int... places) {
        return IntStream.of(places).boxed().collect(Collectors.toSet());
    }

    // What is true.

    @Test
    void everyTransactionOfEveryBlockUpTo20IsProvenInEachForm() throws Exception {
        for (int count = 1; count <= 20; count++) {
            Block block = ProofBlocks.block(count);
            for (int i = 0; i < count; i++) {
                Transaction transaction = block.transactions().get(i);
                Inclusion proven =
                        new Inclusion.Proven(transaction.txid(), i, MerkleTree.depth(count));
                InclusionProof proof = InclusionProof.of(block, i);
                assertThat(proof.check(block.header())).isEqualTo(proven);
                assertThat(
                                proof.withDepth(new DepthEvidence.WholeBlock(block))
                                        .check(block.header()))
                        .isEqualTo(proven);
                MerkleBlock tree = MerkleBlock.of(block.header(), block.txids(), places(0, i));
                assertThat(
                                InclusionProof.of(tree, transaction)
                                        .withDepth(
                                                DepthEvidence.Coinbase.of(
                                                        tree, block.transactions().getFirst()))
                                        .check(block.header()))
                        .isEqualTo(proven);
            }
        }
    }

    @Test
    void withoutEvidenceOfTheDepthOnlyTheCoinbaseIsProven() {
        Block block = ProofBlocks.block(5);
        assertThat(withoutDepth(InclusionProof.of(block, 0)).check(block.header()))
                .isEqualTo(new Inclusion.Proven(block.txids().get(0), 0, 3));
        for (int i = 1; i < 5; i++) {
            assertThat(withoutDepth(InclusionProof.of(block, i)).check(block.header()))
                    .isEqualTo(new Inclusion.LeafUnauthenticated(block.txids().get(i)));
        }
    }

    /// BIP141: the tree is over the txids. A wtxid is not a leaf, and a proof holds whatever the
    /// transaction's witness is.
    @Test
    void theWitnessIsNotProven() {
        Block block = ProofBlocks.block(5);
        InclusionProof proof = InclusionProof.of(block, 2);
        Transaction transaction = proof.transaction();
        assertThat(transaction.hasWitness()).isTrue();
        Transaction other = transaction.withWitness(0, List.of(Bytes.fromHex("00")));
        Inclusion proven = new Inclusion.Proven(transaction.txid(), 2, 3);
        assertThat(with(proof, other).check(block.header())).isEqualTo(proven);
        assertThat(with(proof, other.withWitness(0, List.of())).check(block.header()))
                .isEqualTo(proven);
        List<Txid> wtxids =
                block.transactions().stream().map(t -> Txid.of(t.wtxid().bytes())).toList();
        MerkleBranch overWtxids = MerkleBranch.of(wtxids, 2);
        assertRefused(
                new InclusionProof(block.hash(), transaction, overWtxids, proof.depth()),
                block.header(),
                ProofFault.OTHER_ROOT);
    }

    private static InclusionProof with(InclusionProof proof, Transaction transaction) {
        return new InclusionProof(proof.block(), transaction, proof.branch(), proof.depth());
    }

    // Forgeries.

    /// CVE-2017-12842: the block has a transaction of 64 bytes, the half of which is the txid of a
    /// transaction that exists nowhere. Its branch is the true one and one node more.
    @Test
    void aTransactionBelowALeafIsRefusedByTheDepth() {
        Transaction fake = ProofBlocks.payment(1_000);
        MerkleNode beside = MerkleNode.hashOf(new byte[64]);
        Block honest = ProofBlocks.block(6);
        for (boolean isRight : new boolean[] {false, true}) {
            MerkleNode below = MerkleNode.leaf(fake.txid());
            MerkleNode leaf =
                    isRight ? MerkleNode.parent(beside, below) : MerkleNode.parent(below, beside);
            List<Txid> txids = new ArrayList<>(honest.txids());
            txids.set(3, ProofBlocks.txid(leaf));
            BlockHeader header = ProofBlocks.header(txids);
            List<MerkleNode> siblings = new ArrayList<>();
            siblings.add(beside);
            siblings.addAll(MerkleBranch.of(txids, 3).siblings());
            InclusionProof forged =
                    new InclusionProof(
                            header.hash(),
                            fake,
                            new MerkleBranch(isRight ? 7 : 6, siblings),
                            Optional.empty());
            assertThat(forged.check(header))
                    .as("the branch leads to the root")
                    .isEqualTo(new Inclusion.LeafUnauthenticated(fake.txid()));
            DepthEvidence evidence =
                    new DepthEvidence.Coinbase(
                            honest.transactions().getFirst(), MerkleBranch.of(txids, 0).siblings());
            assertRefused(forged.withDepth(evidence), header, ProofFault.OTHER_DEPTH);
        }
    }

    /// The same in the form of a partial tree, whose sender says that the block has twice as many
    /// transactions.
    @Test
    void aPartialTreeThatIsOneRowTooHighIsRefusedByTheDepth() throws Exception {
        Transaction fake = ProofBlocks.payment(1_000);
        Block honest = ProofBlocks.block(4);
        List<Txid> txids = new ArrayList<>(honest.txids().subList(0, 3));
        MerkleNode beside = MerkleNode.hashOf(new byte[64]);
        MerkleNode leaf = MerkleNode.parent(beside, MerkleNode.leaf(fake.txid()));
        txids.add(ProofBlocks.txid(leaf));
        BlockHeader header = ProofBlocks.header(txids);
        MerkleNode left =
                MerkleNode.parent(MerkleNode.leaf(txids.get(0)), MerkleNode.leaf(txids.get(1)));
        // Root, left, right, leaf 2, leaf 3, beside, fake.
        MerkleBlock tree =
                new MerkleBlock(
                        header,
                        8,
                        List.of(
                                left,
                                MerkleNode.leaf(txids.get(2)),
                                beside,
                                MerkleNode.leaf(fake.txid())),
                        Bytes.fromHex("55"));
        assertThat(tree.matches()).containsExactly(new MerkleBlock.Match(7, fake.txid()));
        DepthEvidence evidence =
                new DepthEvidence.Coinbase(
                        honest.transactions().getFirst(), MerkleBranch.of(txids, 0).siblings());
        assertRefused(
                InclusionProof.of(tree, fake).withDepth(evidence), header, ProofFault.OTHER_DEPTH);
    }

    /// An inner node whose 64 bytes are a transaction.
    @Test
    void anInnerNodeThatPosesAsATransactionIsRefused() {
        Transaction node = ProofBlocks.sixtyFourBytes();
        Block honest = ProofBlocks.block(8);
        List<Txid> txids = new ArrayList<>(honest.txids());
        txids.set(4, ProofBlocks.txid(ProofBlocks.children(node).get(0)));
        txids.set(5, ProofBlocks.txid(ProofBlocks.children(node).get(1)));
        BlockHeader header = ProofBlocks.header(txids);
        List<MerkleNode> siblings = MerkleBranch.of(txids, 4).siblings();
        MerkleBranch shorter = new MerkleBranch(2, siblings.subList(1, 3));
        InclusionProof forged = new InclusionProof(header.hash(), node, shorter, Optional.empty());
        assertRefused(forged, header, ProofFault.SIXTY_FOUR_BYTES);
        DepthEvidence evidence =
                new DepthEvidence.Coinbase(
                        honest.transactions().getFirst(), MerkleBranch.of(txids, 0).siblings());
        assertRefused(forged.withDepth(evidence), header, ProofFault.SIXTY_FOUR_BYTES);
    }

    /// Even one that is in its block: nobody can tell it from an inner node.
    @Test
    void aTransactionOf64BytesIsRefusedWhereItStands() {
        List<Transaction> transactions = new ArrayList<>(ProofBlocks.block(4).transactions());
        transactions.set(2, ProofBlocks.sixtyFourBytes());
        Block block =
                new Block(
                        ProofBlocks.header(transactions.stream().map(Transaction::txid).toList()),
                        transactions);
        assertRefused(InclusionProof.of(block, 2), block.header(), ProofFault.SIXTY_FOUR_BYTES);
        assertThat(InclusionProof.of(block, 3).check(block.header()))
                .isInstanceOf(Inclusion.Proven.class);
        Transaction witnessed = transactions.get(2).withWitness(0, List.of(Bytes.fromHex("1234")));
        assertRefused(
                with(InclusionProof.of(block, 2), witnessed),
                block.header(),
                ProofFault.SIXTY_FOUR_BYTES);
    }

    @Test
    void aBranchOfAnotherLengthThanTheTreeIsHighIsRefused() {
        Block block = ProofBlocks.block(8);
        InclusionProof proof = InclusionProof.of(block, 5);
        List<MerkleNode> siblings = proof.branch().siblings();
        for (int length = 0; length < siblings.size(); length++) {
            MerkleBranch shorter =
                    new MerkleBranch(5 & (1 << length) - 1, siblings.subList(0, length));
            assertRefused(
                    new InclusionProof(block.hash(), proof.transaction(), shorter, proof.depth()),
                    block.header(),
                    ProofFault.OTHER_ROOT);
        }
        List<MerkleNode> longer = new ArrayList<>(siblings);
        longer.add(MerkleNode.ZERO);
        assertRefused(
                new InclusionProof(
                        block.hash(),
                        proof.transaction(),
                        new MerkleBranch(5, longer),
                        proof.depth()),
                block.header(),
                ProofFault.OTHER_ROOT);
    }

    /// CVE-2012-2459: places that a list has which repeats the block's last transactions.
    @Test
    void aPlaceInARepeatedTailIsRefused() {
        Block block = ProofBlocks.block(6);
        List<Txid> repeated = new ArrayList<>(block.txids());
        repeated.addAll(block.txids().subList(4, 6));
        for (int i = 6; i < 8; i++) {
            InclusionProof forged =
                    new InclusionProof(
                            block.hash(),
                            block.transactions().get(i - 2),
                            MerkleBranch.of(repeated, i),
                            Optional.of(coinbase(block)));
            assertRefused(forged, block.header(), ProofFault.REPEATED_NODE);
        }
        List<Transaction> twice = new ArrayList<>(block.transactions());
        twice.addAll(block.transactions().subList(4, 6));
        assertRefused(
                InclusionProof.of(block, 4)
                        .withDepth(new DepthEvidence.WholeBlock(new Block(block.header(), twice))),
                block.header(),
                ProofFault.NOT_THE_BLOCK);
    }

    @Test
    void aPlaceBeyondTheTreeIsRefused() {
        Block block = ProofBlocks.block(6);
        InclusionProof proof = InclusionProof.of(block, 3);
        MerkleBranch beyond = new MerkleBranch(3 + 8, proof.branch().siblings());
        assertRefused(
                new InclusionProof(block.hash(), proof.transaction(), beyond, proof.depth()),
                block.header(),
                ProofFault.INDEX_BEYOND_TREE);
    }

    @Test
    void whatIsGivenAsTheCoinbaseMustBeOneAndBeTheFirst() {
        Block block = ProofBlocks.block(6);
        InclusionProof proof = InclusionProof.of(block, 3);
        List<MerkleNode> first = MerkleBranch.of(block.txids(), 0).siblings();
        assertRefused(
                proof.withDepth(
                        new DepthEvidence.Coinbase(
                                block.transactions().get(1),
                                MerkleBranch.of(block.txids(), 1).siblings())),
                block.header(),
                ProofFault.NOT_A_COINBASE);
        assertRefused(
                proof.withDepth(new DepthEvidence.Coinbase(ProofBlocks.coinbase(99), first)),
                block.header(),
                ProofFault.COINBASE_NOT_IN_BLOCK);
        assertRefused(
                proof.withDepth(
                        new DepthEvidence.Coinbase(
                                block.transactions().getFirst(), first.subList(0, 2))),
                block.header(),
                ProofFault.COINBASE_NOT_IN_BLOCK);
        List<MerkleNode> longer = new ArrayList<>(first);
        longer.addAll(java.util.Collections.nCopies(20, MerkleNode.ZERO));
        assertRefused(
                proof.withDepth(
                        new DepthEvidence.Coinbase(block.transactions().getFirst(), longer)),
                block.header(),
                ProofFault.COINBASE_NOT_IN_BLOCK);
    }

    /// Only where the coinbase's own bytes could be an inner node, which takes 27 zeros in a hash:
    /// made here by writing them into the tree.
    @Test
    void aCoinbaseBranchOfAnotherDepthIsRefused() {
        Block honest = ProofBlocks.block(6);
        Transaction below = honest.transactions().getFirst();
        MerkleNode beside = MerkleNode.hashOf(new byte[64]);
        List<Txid> txids = new ArrayList<>(honest.txids());
        txids.set(0, ProofBlocks.txid(MerkleNode.parent(MerkleNode.leaf(below.txid()), beside)));
        BlockHeader header = ProofBlocks.header(txids);
        List<MerkleNode> siblings = new ArrayList<>();
        siblings.add(beside);
        siblings.addAll(MerkleBranch.of(txids, 0).siblings());
        assertRefused(
                new InclusionProof(
                        header.hash(),
                        honest.transactions().get(3),
                        MerkleBranch.of(txids, 3),
                        Optional.of(new DepthEvidence.Coinbase(below, siblings))),
                header,
                ProofFault.OTHER_DEPTH);
    }

    @Test
    void aCoinbaseOf64BytesProvesNothing() {
        Transaction small =
                new Transaction(
                        1,
                        List.of(
                                new TxIn(
                                        OutPoint.COINBASE,
                                        Script.fromHex("02aabb"),
                                        Sequence.FINAL,
                                        List.of())),
                        List.of(new TxOut(Sat.of(50), Script.fromHex("51"))),
                        LockTime.NONE);
        assertThat(small.serializeWithoutWitness().length()).isEqualTo(64);
        Block block = new Block(ProofBlocks.header(List.of(small.txid())), List.of(small));
        assertRefused(InclusionProof.of(block, 0), block.header(), ProofFault.SIXTY_FOUR_BYTES);
        List<Transaction> transactions = List.of(small, ProofBlocks.payment(1));
        Block two =
                new Block(
                        ProofBlocks.header(transactions.stream().map(Transaction::txid).toList()),
                        transactions);
        assertRefused(
                InclusionProof.of(two, 1), two.header(), ProofFault.COINBASE_SIXTY_FOUR_BYTES);
    }

    @Test
    void theFirstTransactionIsACoinbaseAndNoOther() {
        List<Transaction> transactions =
                List.of(ProofBlocks.payment(1), ProofBlocks.coinbase(1), ProofBlocks.payment(2));
        List<Txid> txids = transactions.stream().map(Transaction::txid).toList();
        BlockHeader header = ProofBlocks.header(txids);
        for (int i = 0; i < 2; i++) {
            assertRefused(
                    new InclusionProof(
                            header.hash(),
                            transactions.get(i),
                            MerkleBranch.of(txids, i),
                            Optional.empty()),
                    header,
                    i == 0 ? ProofFault.FIRST_IS_NO_COINBASE : ProofFault.COINBASE_NOT_FIRST);
        }
        DepthEvidence.WholeBlock whole =
                new DepthEvidence.WholeBlock(new Block(header, transactions));
        assertRefused(
                new InclusionProof(
                        header.hash(),
                        transactions.get(2),
                        MerkleBranch.of(txids, 2),
                        Optional.of(whole)),
                header,
                ProofFault.NOT_THE_BLOCK);
    }

    /// A block of a single transaction: its root is the coinbase's txid, and nothing else.
    @Test
    void aPaymentIsNeverAloneInItsBlock() {
        Transaction payment = ProofBlocks.payment(1);
        BlockHeader header = ProofBlocks.header(List.of(payment.txid()));
        assertRefused(
                new InclusionProof(
                        header.hash(), payment, new MerkleBranch(0, List.of()), Optional.empty()),
                header,
                ProofFault.FIRST_IS_NO_COINBASE);
    }

    @Test
    void anotherBlockProvesNothing() {
        Block block = ProofBlocks.block(6);
        Block other = ProofBlocks.block(7);
        InclusionProof proof = InclusionProof.of(block, 3);
        assertRefused(proof, other.header(), ProofFault.OTHER_BLOCK);
        for (Block whole :
                List.of(
                        other,
                        new Block(block.header().withNonce(1), block.transactions()),
                        new Block(block.header(), other.transactions()),
                        new Block(block.header(), List.of()))) {
            assertRefused(
                    proof.withDepth(new DepthEvidence.WholeBlock(whole)),
                    block.header(),
                    ProofFault.NOT_THE_BLOCK);
        }
        assertRefused(with(proof, ProofBlocks.payment(77)), block.header(), ProofFault.OTHER_ROOT);
    }

    @Test
    void aCoinbaseOfAPartialTreeStandsFirst() {
        List<Transaction> transactions =
                List.of(ProofBlocks.payment(1), ProofBlocks.coinbase(1), ProofBlocks.payment(2));
        List<Txid> txids = transactions.stream().map(Transaction::txid).toList();
        MerkleBlock tree = MerkleBlock.of(ProofBlocks.header(txids), txids, Set.of(1));
        assertThatExceptionOfType(ProofException.class)
                .isThrownBy(() -> DepthEvidence.Coinbase.of(tree, transactions.get(1)))
                .matches(e -> e.fault() == ProofFault.COINBASE_NOT_IN_BLOCK);
    }

    // Every bit.

    /// What is in the hands of whoever gives a proof.
    private record Given(Bytes proof, Bytes transaction, Bytes coinbase) {
        Inclusion check(BlockHeader header) throws DecodeException, ProofException {
            MerkleBlock tree = MerkleBlock.parse(proof);
            return InclusionProof.of(tree, Transaction.parse(transaction))
                    .withDepth(DepthEvidence.Coinbase.of(tree, Transaction.parse(coinbase)))
                    .check(header);
        }

        boolean isProven(BlockHeader header) {
            try {
                return check(header) instanceof Inclusion.Proven;
            } catch (DecodeException | ProofException _) {
                return false;
            }
        }
    }

    private static Given given(Block block, int index) {
        return new Given(
                MerkleBlock.of(block.header(), block.txids(), Set.of(0, index)).serialize(),
                block.transactions().get(index).serializeWithoutWitness(),
                block.transactions().getFirst().serialize());
    }

    /// Two kinds of flips leave a proof that holds, and of the same thing. One bit shows a leaf
    /// that was beside the way: the proof that `gettxoutproof` makes when it is asked for that
    /// transaction too. And the number of transactions may be another where the tree keeps its
    /// shape: nothing in the block commits to it, and nothing is made of it.
    @Test
    void anyBitFlippedInATxOutProofIsRefusedOrChangesNothing() throws Exception {
        int flips = 0;
        int shownToo = 0;
        int otherCount = 0;
        for (int count : new int[] {2, 3, 5, 8, 11, 16}) {
            Block block = ProofBlocks.block(count);
            BlockHeader header = block.header();
            for (int i = 1; i < count; i += 2) {
                Given given = given(block, i);
                Inclusion proven = given.check(header);
                assertThat(proven)
                        .isEqualTo(
                                new Inclusion.Proven(
                                        block.txids().get(i), i, MerkleTree.depth(count)));
                MerkleBlock tree = MerkleBlock.parse(given.proof());
                for (Given changed : eachBitFlipped(given)) {
                    flips++;
                    if (!changed.isProven(header)) {
                        continue;
                    }
                    assertThat(changed.check(header)).isEqualTo(proven);
                    MerkleBlock other = MerkleBlock.parse(changed.proof());
                    if (other.transactionCount() == count) {
                        Set<Integer> shown =
                                other.matches().stream()
                                        .map(MerkleBlock.Match::index)
                                        .collect(Collectors.toSet());
                        assertThat(shown).hasSize(3);
                        assertThat(other).isEqualTo(MerkleBlock.of(header, block.txids(), shown));
                        shownToo++;
                    } else {
                        assertThat(other)
                                .isEqualTo(
                                        new MerkleBlock(
                                                header,
                                                other.transactionCount(),
                                                tree.hashes(),
                                                tree.flags()));
                        assertThat(MerkleTree.depth(other.transactionCount()))
                                .isEqualTo(MerkleTree.depth(count));
                        otherCount++;
                    }
                }
            }
        }
        assertThat(flips).isGreaterThan(50_000);
        assertThat(shownToo).isPositive();
        assertThat(otherCount).isPositive();
    }

    private static List<Given> eachBitFlipped(Given given) {
        List<Given> all = new ArrayList<>();
        for (int bit = 0; bit < given.proof().length() * 8; bit++) {
            all.add(new Given(flipped(given.proof(), bit), given.transaction(), given.coinbase()));
        }
        for (int bit = 0; bit < given.transaction().length() * 8; bit++) {
            all.add(new Given(given.proof(), flipped(given.transaction(), bit), given.coinbase()));
        }
        for (int bit = 0; bit < given.coinbase().length() * 8; bit++) {
            all.add(new Given(given.proof(), given.transaction(), flipped(given.coinbase(), bit)));
        }
        return all;
    }

    private static Bytes flipped(Bytes bytes, int bit) {
        byte[] changed = bytes.toArray();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        return Bytes.of(changed);
    }

    @Test
    void anyBitFlippedInAPlainBranchIsRefused() throws Exception {
        int flips = 0;
        for (int count : new int[] {2, 3, 5, 8, 11, 16}) {
            Block block = ProofBlocks.block(count);
            for (int i = 1; i < count; i++) {
                InclusionProof proof = InclusionProof.of(block, i);
                assertThat(proof.check(block.header())).isInstanceOf(Inclusion.Proven.class);
                for (InclusionProof changed : eachBitFlipped(proof)) {
                    assertThat(changed.check(block.header())).isInstanceOf(Inclusion.Refused.class);
                    flips++;
                }
            }
        }
        assertThat(flips).isGreaterThan(50_000);
    }

    private static List<InclusionProof> eachBitFlipped(InclusionProof proof) throws Exception {
        List<InclusionProof> all = new ArrayList<>();
        DepthEvidence.Coinbase evidence = (DepthEvidence.Coinbase) proof.depth().orElseThrow();
        MerkleBranch branch = proof.branch();
        for (int bit = 0; bit < 256; bit++) {
            Bytes block = flipped(proof.block().bytes(), bit);
            all.add(
                    new InclusionProof(
                            BlockHash.of(block), proof.transaction(), branch, proof.depth()));
        }
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            all.add(
                    new InclusionProof(
                            proof.block(),
                            proof.transaction(),
                            new MerkleBranch(branch.index() ^ 1 << bit, branch.siblings()),
                            proof.depth()));
        }
        for (int bit = 0; bit < branch.depth() * 256; bit++) {
            all.add(
                    new InclusionProof(
                            proof.block(),
                            proof.transaction(),
                            new MerkleBranch(branch.index(), flipped(branch.siblings(), bit)),
                            proof.depth()));
            all.add(
                    proof.withDepth(
                            new DepthEvidence.Coinbase(
                                    evidence.transaction(), flipped(evidence.siblings(), bit))));
        }
        for (Transaction changed : flipped(proof.transaction())) {
            all.add(with(proof, changed));
        }
        for (Transaction changed : flipped(evidence.transaction())) {
            all.add(proof.withDepth(new DepthEvidence.Coinbase(changed, evidence.siblings())));
        }
        return all;
    }

    private static List<MerkleNode> flipped(List<MerkleNode> nodes, int bit) {
        List<MerkleNode> changed = new ArrayList<>(nodes);
        changed.set(bit / 256, MerkleNode.of(flipped(nodes.get(bit / 256).bytes(), bit % 256)));
        return changed;
    }

    /// Every flip that is a transaction still; of what is proven, so without the witness.
    private static List<Transaction> flipped(Transaction transaction) {
        List<Transaction> all = new ArrayList<>();
        Bytes bytes = transaction.serializeWithoutWitness();
        for (int bit = 0; bit < bytes.length() * 8; bit++) {
            try {
                all.add(Transaction.parse(flipped(bytes, bit)));
            } catch (DecodeException _) {
                // Refused before it is held against the proof.
            }
        }
        return all;
    }

    // Real blocks.

    private static void assertAllProven(Block block, int most) throws Exception {
        List<Txid> txids = block.txids();
        SplittableRandom random = new SplittableRandom(txids.size());
        int cases = Math.min(most, txids.size());
        for (int n = 0; n < cases; n++) {
            int i = cases == txids.size() ? n : random.nextInt(txids.size());
            InclusionProof proof = InclusionProof.of(block, i);
            Inclusion proven =
                    new Inclusion.Proven(txids.get(i), i, MerkleTree.depth(txids.size()));
            assertThat(proof.check(block.header())).isEqualTo(proven);
            assertThat(proof.withDepth(new DepthEvidence.WholeBlock(block)).check(block.header()))
                    .isEqualTo(proven);
            MerkleBlock tree =
                    MerkleBlock.parse(MerkleBlock.of(block.header(), txids, Set.of(i)).serialize());
            assertThat(
                            InclusionProof.of(tree, proof.transaction())
                                    .withDepth(coinbase(block))
                                    .check(block.header()))
                    .isEqualTo(proven);
        }
    }

    @Test
    void theTransactionsOfEveryRealBlockAreProven() throws Exception {
        List<Bytes> blocks = new ArrayList<>();
        blocks.addAll(Vectors.blocks(Vectors.gunzip("blocks/blocks1-256.gz")));
        blocks.addAll(Vectors.blocks(Vectors.raw("blocks/first-100k-blocks.dat")));
        for (String name : List.of("blk_0_to_4", "blk_3A", "blk_4A", "blk_5A")) {
            blocks.addAll(Vectors.blocks(Vectors.gunzip("blocks/" + name + ".dat.gz")));
        }
        for (String name :
                List.of(
                        "block169482",
                        "block_testnet21066",
                        "block_testnet32768",
                        "block_testnet700000")) {
            blocks.add(Bytes.of(Vectors.raw("blocks/" + name + ".dat")));
        }
        blocks.add(
                Vectors.hex(
                        Vectors.json("blocks/electrumx_bitcoin_testnet4_40000.json").get("block")));
        blocks.add(Bytes.of(Vectors.gunzip("blocks/mainnet_866342.raw.gz")));
        blocks.add(
                Bytes.fromHex(Vectors.text("merkle-proofs/rustbitcoin_block_13b8a.hex").strip()));
        for (Bytes bytes : blocks) {
            assertAllProven(Block.parse(bytes), 30);
        }
    }

    @Test
    void bitcoinCoresProofsOfBlock169482AreProvenAndItsForgeryIsNot() throws Exception {
        Block block = Block.parse(Bytes.of(Vectors.raw("blocks/block169482.dat")));
        JsonNode file = Vectors.json("merkle-proofs/real_blocks_proofs_and_cve_2012_2459.json");
        int cases = 0;
        for (JsonNode entry : file) {
            if (!Vectors.hex(entry.get("header")).equals(block.header().serialize())) {
                continue;
            }
            for (JsonNode proof : entry.get("proofs")) {
                MerkleBlock tree = MerkleBlock.parse(Vectors.hex(proof.get("txoutproof")));
                int index = proof.get("pos").asInt();
                assertThat(
                                InclusionProof.of(tree, block.transactions().get(index))
                                        .withDepth(coinbase(block))
                                        .check(block.header()))
                        .isEqualTo(
                                new Inclusion.Proven(
                                        block.txids().get(index),
                                        index,
                                        MerkleTree.depth(block.txids().size())));
                cases++;
            }
            MerkleBlock forged =
                    MerkleBlock.parse(
                            Vectors.hex(entry.get("cve_2012_2459").get("forged_txoutproof")));
            assertThatExceptionOfType(ProofException.class)
                    .isThrownBy(() -> InclusionProof.of(forged, block.transactions().getLast()))
                    .matches(e -> e.fault() == ProofFault.REPEATED_NODE);
        }
        assertThat(cases).isPositive();
    }

    @Test
    void bcoinsTransactionsAreInTheirTreeAndTheirLeavesUnauthenticated() throws Exception {
        WireReader in =
                new WireReader(Vectors.raw("merkle-proofs/bcoin_merkle300025-extended.raw"));
        MerkleBlock tree = MerkleBlock.read(in);
        int count = in.u8();
        assertThat(count).isPositive();
        for (int i = 0; i < count; i++) {
            Transaction transaction = Transaction.read(in);
            assertThat(InclusionProof.of(tree, transaction).check(tree.header()))
                    .isEqualTo(new Inclusion.LeafUnauthenticated(transaction.txid()));
        }
    }

    @Test
    void summasTransactionIsInItsBranchAndItsLeafUnauthenticated() throws Exception {
        JsonNode file = Vectors.json("merkle-proofs/summa_testProofs.json");
        int cases = 0;
        for (JsonNode text : file.get("valid")) {
            JsonNode node = Vectors.parse(text.asString());
            BlockHeader header =
                    BlockHeader.parse(prefixed(node.get("confirming_header").get("raw")));
            assertThat(summa(node).check(header)).isInstanceOf(Inclusion.LeafUnauthenticated.class);
            cases++;
        }
        assertThat(cases).isPositive();
    }

    private static InclusionProof summa(JsonNode node) throws Exception {
        Transaction transaction =
                Transaction.parse(
                        Bytes.concat(
                                prefixed(node.get("version")),
                                prefixed(node.get("vin")),
                                prefixed(node.get("vout")),
                                prefixed(node.get("locktime"))));
        List<MerkleNode> siblings = new ArrayList<>();
        WireReader in = new WireReader(prefixed(node.get("intermediate_nodes")));
        while (in.remaining() > 0) {
            siblings.add(MerkleNode.read(in));
        }
        BlockHeader header = BlockHeader.parse(prefixed(node.get("confirming_header").get("raw")));
        return new InclusionProof(
                header.hash(),
                transaction,
                new MerkleBranch(node.get("index").asInt(), siblings),
                Optional.empty());
    }

    private static Bytes prefixed(JsonNode node) {
        return Bytes.fromHex(node.asString().substring(2));
    }
}
