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
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Partial trees; the real ones are in [MerkleProofTest][org.tutti.bitcoin.block.MerkleProofTest].
class MerkleBlockTest {
    private static ProofFault fault(MerkleBlock block) {
        try {
            block.matches();
            throw new AssertionError("no fault");
        } catch (ProofException e) {
            return e.fault();
        }
    }

    private static MerkleBlock with(MerkleBlock block, List<MerkleNode> hashes, Bytes flags) {
        return new MerkleBlock(block.header(), block.transactionCount(), hashes, flags);
    }

    @Test
    void whatIsShownIsFoundAtItsPlaceWithItsBranch() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        for (int count = 1; count <= 40; count++) {
            Block block = ProofBlocks.block(count);
            Set<Integer> shown = new TreeSet<>();
            for (int i = 0; i < count; i++) {
                if (random.nextInt(4) == 0) {
                    shown.add(i);
                }
            }
            MerkleBlock tree = MerkleBlock.of(block.header(), block.txids(), shown);
            assertThat(MerkleBlock.parse(tree.serialize())).isEqualTo(tree);
            assertThat(tree.matches())
                    .isEqualTo(
                            shown.stream()
                                    .map(i -> new MerkleBlock.Match(i, block.txids().get(i)))
                                    .toList());
            for (int i = 0; i < count; i++) {
                Txid txid = block.txids().get(i);
                if (shown.contains(i)) {
                    assertThat(tree.branch(txid)).isEqualTo(MerkleBranch.of(block.txids(), i));
                } else {
                    assertThatExceptionOfType(ProofException.class)
                            .isThrownBy(() -> tree.branch(txid))
                            .matches(e -> e.fault() == ProofFault.NOT_IN_TREE);
                }
            }
        }
    }

    @Test
    void theProofsThatBitcoinCoreMadeAreMadeByUsToo() throws Exception {
        int cases = 0;
        for (JsonNode block :
                Vectors.json("merkle-proofs/real_blocks_proofs_and_cve_2012_2459.json")) {
            BlockHeader header = BlockHeader.parse(Vectors.hex(block.get("header")));
            List<Txid> txids =
                    block.get("txids")
                            .valueStream()
                            .map(id -> Txid.fromDisplayHex(id.asString()))
                            .toList();
            for (JsonNode proof : block.get("proofs")) {
                assertThat(
                                MerkleBlock.of(header, txids, Set.of(proof.get("pos").asInt()))
                                        .serialize())
                        .isEqualTo(Vectors.hex(proof.get("txoutproof")));
                cases++;
            }
        }
        assertThat(cases).isPositive();
    }

    @Test
    void theTreeOfRustBitcoinIsMadeFromItsBlock() throws Exception {
        Block block =
                Block.parse(
                        Bytes.fromHex(
                                Vectors.text("merkle-proofs/rustbitcoin_block_13b8a.hex").strip()));
        MerkleBlock tree =
                MerkleBlock.parse(
                        Bytes.fromHex(
                                Vectors.text("merkle-proofs/rustbitcoin_merkle_block.hex")
                                        .strip()));
        Set<Integer> shown = new HashSet<>();
        tree.matches().forEach(match -> shown.add(match.index()));
        assertThat(shown).isNotEmpty();
        assertThat(MerkleBlock.of(block.header(), block.txids(), shown)).isEqualTo(tree);
    }

    @Test
    void eachWayOfBeingBrokenHasItsReason() {
        Block block = ProofBlocks.block(7);
        MerkleBlock tree = MerkleBlock.of(block.header(), block.txids(), Set.of(2, 5));
        List<MerkleNode> hashes = tree.hashes();
        Bytes flags = tree.flags();
        int last = hashes.size() - 1;
        assertThat(fault(with(tree, hashes.subList(0, last), flags)))
                .isEqualTo(ProofFault.HASHES_MISSING);
        List<MerkleNode> more = new ArrayList<>(hashes);
        more.add(hashes.getFirst());
        assertThat(fault(with(tree, more, flags))).isEqualTo(ProofFault.HASHES_LEFT);
        assertThat(fault(with(tree, hashes, Bytes.EMPTY))).isEqualTo(ProofFault.FLAGS_MISSING);
        assertThat(fault(with(tree, hashes, flags.slice(0, flags.length() - 1))))
                .isEqualTo(ProofFault.FLAGS_MISSING);
        assertThat(fault(with(tree, hashes, Bytes.concat(flags, Bytes.fromHex("00")))))
                .isEqualTo(ProofFault.FLAGS_LEFT);
        List<MerkleNode> other = new ArrayList<>(hashes);
        other.set(last, MerkleNode.ZERO);
        assertThat(fault(with(tree, other, flags))).isEqualTo(ProofFault.OTHER_ROOT);
    }

    /// Bitcoin Core takes them, because it does not look: a second form of the same proof.
    @Test
    void aBitBehindTheLastFlagIsRefused() {
        Block block = ProofBlocks.block(7);
        MerkleBlock tree = MerkleBlock.of(block.header(), block.txids(), Set.of(2));
        // Root, two of the row of two, two of the row of four, two leaves: 7 flags and one bit.
        assertThat(tree.flags().length()).isEqualTo(1);
        byte[] flags = tree.flags().toArray();
        flags[0] |= (byte) 0x80;
        assertThat(fault(with(tree, tree.hashes(), Bytes.of(flags))))
                .isEqualTo(ProofFault.FLAGS_LEFT);
    }

    @Test
    void theWholeTreeOfAListThatRepeatsItsTailIsRefused() {
        Block block = ProofBlocks.block(6);
        List<Txid> repeated = new ArrayList<>(block.txids());
        repeated.addAll(block.txids().subList(4, 6));
        assertThat(MerkleTree.rootOf(repeated).hash()).isEqualTo(block.header().merkleRoot());
        for (int i = 4; i < 8; i++) {
            assertThat(fault(MerkleBlock.of(block.header(), repeated, Set.of(i))))
                    .isEqualTo(ProofFault.REPEATED_NODE);
        }
    }

    @Test
    void aTreeThatShowsNothingIsWellFormed() throws Exception {
        Block block = ProofBlocks.block(9);
        MerkleBlock tree = MerkleBlock.of(block.header(), block.txids(), Set.of());
        assertThat(tree.hashes()).hasSize(1);
        assertThat(tree.matches()).isEmpty();
    }

    @Test
    void noBlockHasNoneOrTooManyTransactions() {
        BlockHeader header = ProofBlocks.block(1).header();
        for (int count : new int[] {0, -1, MerkleBlock.MAX_TRANSACTIONS + 1, Integer.MIN_VALUE}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new MerkleBlock(header, count, List.of(), Bytes.EMPTY));
        }
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> MerkleBlock.of(header, ProofBlocks.block(2).txids(), Set.of(2)));
    }

    @Test
    void theTreeOfTheLargestBlockIsMadeAndRead() throws Exception {
        List<Txid> txids = new ArrayList<>();
        for (int i = 0; i < MerkleBlock.MAX_TRANSACTIONS; i++) {
            txids.add(Txid.hashOf(new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        BlockHeader header = ProofBlocks.header(txids);
        int last = txids.size() - 1;
        MerkleBlock tree = MerkleBlock.of(header, txids, Set.of(0, last));
        assertThat(MerkleBlock.parse(tree.serialize()).matches())
                .containsExactly(
                        new MerkleBlock.Match(0, txids.get(0)),
                        new MerkleBlock.Match(last, txids.get(last)));
    }

    @Test
    void bytesBehindAProofAreRefused() {
        Block block = ProofBlocks.block(3);
        Bytes bytes = MerkleBlock.of(block.header(), block.txids(), Set.of(1)).serialize();
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> MerkleBlock.parse(Bytes.concat(bytes, Bytes.fromHex("00"))))
                .matches(e -> e.code() == DecodeException.Code.TRAILING_BYTES);
        Transaction transaction = block.transactions().get(1);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() ->
                        Transaction.parse(
                                Bytes.concat(transaction.serialize(), Bytes.fromHex("00"))));
    }
}
