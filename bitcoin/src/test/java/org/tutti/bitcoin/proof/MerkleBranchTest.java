package org.tutti.bitcoin.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.MerkleTree;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

class MerkleBranchTest {
    private static List<Txid> leaves(int count) {
        return IntStream.range(0, count).mapToObj(i -> Txid.hashOf(new byte[] {(byte) i})).toList();
    }

    private static ProofFault fault(MerkleBranch branch, Txid txid) {
        try {
            branch.root(txid);
            throw new AssertionError("no fault");
        } catch (ProofException e) {
            return e.fault();
        }
    }

    @Test
    void everyLeafOfEveryTreeUpTo33LeadsToTheRootFromItsPlaceOnly() throws Exception {
        for (int count = 1; count <= 33; count++) {
            List<Txid> leaves = leaves(count);
            MerkleNode root = MerkleTree.rootOf(leaves).hash();
            for (int i = 0; i < count; i++) {
                MerkleBranch branch = MerkleBranch.of(leaves, i);
                assertThat(branch.depth()).isEqualTo(MerkleTree.depth(count));
                assertThat(branch.root(leaves.get(i))).isEqualTo(root);
                for (int place = 0; place < 1 << branch.depth(); place++) {
                    MerkleBranch moved = new MerkleBranch(place, branch.siblings());
                    assertThat(place == i || !leadsTo(moved, leaves.get(i), root))
                            .as("%d of %d at %d", i, count, place)
                            .isTrue();
                }
            }
        }
    }

    private static boolean leadsTo(MerkleBranch branch, Txid txid, MerkleNode root) {
        try {
            return branch.root(txid).equals(root);
        } catch (ProofException _) {
            return false;
        }
    }

    /// Every list with a repeated tail has the root of the list without. Its branches are those of
    /// the true places, or refused.
    @Test
    void noPlaceThatOnlyARepeatedListHasIsProven() throws Exception {
        int refused = 0;
        for (int count = 1; count <= 33; count++) {
            List<Txid> leaves = leaves(count);
            MerkleNode root = MerkleTree.rootOf(leaves).hash();
            for (List<Txid> longer : repeated(leaves)) {
                assertThat(MerkleTree.rootOf(longer)).isEqualTo(new MerkleTree.Root(root, true));
                for (int i = 0; i < longer.size(); i++) {
                    MerkleBranch branch = MerkleBranch.of(longer, i);
                    if (i < count) {
                        assertThat(branch.root(longer.get(i))).isEqualTo(root);
                    } else {
                        assertThat(fault(branch, longer.get(i)))
                                .isEqualTo(ProofFault.REPEATED_NODE);
                        refused++;
                    }
                }
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    /// The lists that repeat the end of a row, for each odd row but the root.
    private static Set<List<Txid>> repeated(List<Txid> leaves) {
        Set<List<Txid>> lists = new HashSet<>();
        for (int row = 0; row < MerkleTree.depth(leaves.size()); row++) {
            int width = (leaves.size() + (1 << row) - 1) >> row;
            if (width % 2 == 1) {
                List<Txid> longer = new ArrayList<>(leaves);
                // The rows below are filled up first, as the tree over them is.
                for (int below = 0; below < row; below++) {
                    int size = 1 << below;
                    if ((longer.size() >> below) % 2 == 1) {
                        longer.addAll(
                                List.copyOf(longer.subList(longer.size() - size, longer.size())));
                    }
                }
                longer.addAll(
                        List.copyOf(longer.subList(longer.size() - (1 << row), longer.size())));
                lists.add(longer);
            }
        }
        return lists;
    }

    @Test
    void aPlaceThatATreeOfSoManyRowsHasNotIsRefused() {
        List<Txid> leaves = leaves(8);
        MerkleBranch branch = MerkleBranch.of(leaves, 3);
        for (int place : new int[] {8, 3 + 8, 3 + (1 << 30), 3 | 1 << 31, -1}) {
            assertThat(fault(new MerkleBranch(place, branch.siblings()), leaves.get(3)))
                    .isEqualTo(ProofFault.INDEX_BEYOND_TREE);
        }
        assertThat(fault(new MerkleBranch(1, List.of()), leaves.get(0)))
                .isEqualTo(ProofFault.INDEX_BEYOND_TREE);
    }

    @Test
    void noBranchIsLongerThanTheTreeOfTheLargestBlockIsHigh() throws Exception {
        Txid leaf = leaves(1).getFirst();
        assertThat(MerkleBranch.MAX_DEPTH).isEqualTo(15);
        MerkleNode other = MerkleNode.hashOf(new byte[64]);
        assertThat(new MerkleBranch(0, Collections.nCopies(15, other)).root(leaf)).isNotNull();
        for (int siblings : new int[] {16, 32, 33, 70}) {
            assertThat(fault(new MerkleBranch(0, Collections.nCopies(siblings, other)), leaf))
                    .isEqualTo(ProofFault.BRANCH_TOO_LONG);
        }
    }

    @Test
    void aLeafAtTheEndOfAnOddRowIsItsOwnSiblingUpToTheRowOfTwo() throws Exception {
        MerkleNode leaf = MerkleNode.leaf(leaves(1).getFirst());
        MerkleNode pair = MerkleNode.parent(leaf, leaf);
        MerkleNode other = MerkleNode.hashOf(new byte[64]);
        Txid txid = leaves(1).getFirst();
        // Place 4 of 5: its own sibling twice, then the right child of the root.
        assertThat(new MerkleBranch(4, List.of(leaf, pair, other)).root(txid)).isNotNull();
        assertThat(fault(new MerkleBranch(4, List.of(leaf, other, other)), txid))
                .as("a left node at the end with another sibling")
                .isEqualTo(ProofFault.REPEATED_NODE);
        // Place 10 of 11: its own sibling, a right child, and the end of a row of three again.
        MerkleNode right = MerkleNode.parent(other, pair);
        assertThat(new MerkleBranch(10, List.of(leaf, other, right, other)).root(txid)).isNotNull();
        assertThat(fault(new MerkleBranch(10, List.of(leaf, other, other, other)), txid))
                .as("once at the end of a row, at the end of all above")
                .isEqualTo(ProofFault.REPEATED_NODE);
        assertThat(fault(new MerkleBranch(0, List.of(leaf)), txid))
                .as("a row of one is the root")
                .isEqualTo(ProofFault.REPEATED_NODE);
        assertThat(fault(new MerkleBranch(1, List.of(leaf)), txid))
                .isEqualTo(ProofFault.REPEATED_NODE);
        assertThat(fault(new MerkleBranch(0, List.of(leaf, other)), txid))
                .isEqualTo(ProofFault.REPEATED_NODE);
    }

    @Test
    void theBranchesOfRealBlocksLeadToTheirRootsAndTheForgedOnesDoNot() throws Exception {
        int cases = 0;
        for (JsonNode block :
                Vectors.json("merkle-proofs/real_blocks_proofs_and_cve_2012_2459.json")) {
            MerkleNode root = BlockHeader.parse(Vectors.hex(block.get("header"))).merkleRoot();
            for (JsonNode proof : block.get("proofs")) {
                assertThat(branch(proof).root(txid(proof))).isEqualTo(root);
                cases++;
            }
            JsonNode forged = block.get("cve_2012_2459").get("forged_branch");
            assertThat(fault(branch(forged), txid(forged))).isEqualTo(ProofFault.REPEATED_NODE);
        }
        assertThat(cases).isPositive();
    }

    private static MerkleBranch branch(JsonNode node) {
        List<MerkleNode> siblings =
                node.get("branch")
                        .valueStream()
                        .map(hash -> MerkleNode.fromDisplayHex(hash.asString()))
                        .toList();
        return new MerkleBranch(node.get("pos").asInt(), siblings);
    }

    private static Txid txid(JsonNode node) {
        return Txid.fromDisplayHex(node.get("txid").asString());
    }

    @Test
    void aBranchOfNoLeafCannotBeMade() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> MerkleBranch.of(leaves(3), 3));
    }
}
