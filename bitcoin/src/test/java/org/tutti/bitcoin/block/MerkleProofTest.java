package org.tutti.bitcoin.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.Vectors;
import org.tutti.bitcoin.block.MerkleProof.Verdict;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.proof.MerkleBlock;
import org.tutti.bitcoin.proof.ProofException;
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
import java.util.stream.IntStream;

/// Our own proofs, and every file of `vectors/merkle-proofs`.
class MerkleProofTest {
    private static List<Txid> leaves(int count) {
        return IntStream.range(0, count).mapToObj(i -> Txid.hashOf(new byte[] {(byte) i})).toList();
    }

    @Test
    void everyLeafOfEveryTreeUpTo33IsProvenAtItsPlaceOnly() {
        for (int count = 1; count <= 33; count++) {
            List<Txid> leaves = leaves(count);
            MerkleNode root = MerkleTree.rootOf(leaves).hash();
            assertThat(MerkleTree.rootOf(leaves).mutated()).isFalse();
            for (int i = 0; i < count; i++) {
                MerkleProof proof = MerkleProof.of(leaves, i);
                assertThat(proof.check(leaves.get(i), root)).isEqualTo(Verdict.PROVEN);
                for (int other = 0; other < count; other++) {
                    MerkleProof moved = new MerkleProof(other, count, proof.branch());
                    assertThat(moved.check(leaves.get(i), root) == Verdict.PROVEN)
                            .isEqualTo(other == i);
                }
            }
        }
    }

    @Test
    void aBranchOfAnotherLengthThanTheTreeIsHighIsRefused() {
        List<Txid> leaves = leaves(9);
        MerkleNode root = MerkleTree.rootOf(leaves).hash();
        MerkleProof proof = MerkleProof.of(leaves, 4);
        List<MerkleNode> shorter = proof.branch().subList(1, 4);
        Txid innerNode =
                Txid.of(
                        MerkleNode.parent(
                                        MerkleNode.leaf(leaves.get(4)),
                                        MerkleNode.leaf(leaves.get(5)))
                                .bytes());
        // The inner node "is proven" at its own height: the number of transactions gives it away.
        assertThat(new MerkleProof(2, 9, shorter).check(innerNode, root))
                .isEqualTo(Verdict.WRONG_DEPTH);
        assertThat(new MerkleProof(9, 9, proof.branch()).check(leaves.get(4), root))
                .isEqualTo(Verdict.WRONG_INDEX);
        assertThat(new MerkleProof(-1, 9, proof.branch()).check(leaves.get(4), root))
                .isEqualTo(Verdict.WRONG_INDEX);
        assertThat(new MerkleProof(0, 0, List.of()).check(leaves.get(4), root))
                .isEqualTo(Verdict.WRONG_INDEX);
    }

    @Test
    void aTransactionOf64BytesProvesNothing() {
        Transaction small =
                new Transaction(
                        2,
                        List.of(TxIn.unsigned(new OutPoint(Txid.ZERO, 0), Sequence.ZERO)),
                        List.of(new TxOut(Sat.ZERO, Script.fromHex("51000000"))),
                        LockTime.NONE);
        assertThat(small.serializeWithoutWitness().length()).isEqualTo(64);
        MerkleProof proof = MerkleProof.of(List.of(small.txid()), 0);
        assertThat(proof.check(small, MerkleNode.leaf(small.txid())))
                .isEqualTo(Verdict.SIXTY_FOUR_BYTES);
    }

    @Test
    void realBlocksProofsHoldAndCve20122459ForgeriesDoNot() throws Exception {
        JsonNode file = Vectors.json("merkle-proofs/real_blocks_proofs_and_cve_2012_2459.json");
        assertThat(file.size()).isPositive();
        for (JsonNode block : file) {
            BlockHeader header = BlockHeader.parse(Vectors.hex(block.get("header")));
            List<Txid> txids = ids(block.get("txids"));
            assertThat(txids).hasSize(block.get("n_tx").asInt());
            assertThat(MerkleTree.rootOf(txids))
                    .isEqualTo(new MerkleTree.Root(header.merkleRoot(), false));
            for (JsonNode proof : block.get("proofs")) {
                int index = proof.get("pos").asInt();
                assertThat(txids.get(index)).isEqualTo(id(proof.get("txid")));
                MerkleProof ours = MerkleProof.of(txids, index);
                assertThat(ours.branch()).isEqualTo(nodes(proof.get("branch")));
                assertThat(ours.check(txids.get(index), header.merkleRoot()))
                        .isEqualTo(Verdict.PROVEN);
                MerkleBlock partial = MerkleBlock.parse(Vectors.hex(proof.get("txoutproof")));
                assertThat(partial.matches())
                        .containsExactly(new MerkleBlock.Match(index, txids.get(index)));
            }
            assertForgeryIsSeen(block.get("cve_2012_2459"), header, txids);
        }
    }

    private static void assertForgeryIsSeen(JsonNode cve, BlockHeader header, List<Txid> txids)
            throws Exception {
        List<Txid> mutated = new ArrayList<>(txids);
        mutated.addAll(ids(cve.get("mutated_txids_tail")));
        assertThat(mutated).hasSize(cve.get("mutated_n_tx").asInt());
        assertThat(MerkleTree.rootOf(mutated))
                .isEqualTo(new MerkleTree.Root(header.merkleRoot(), true));
        MerkleBlock forged = MerkleBlock.parse(Vectors.hex(cve.get("forged_txoutproof")));
        assertThatExceptionOfType(ProofException.class)
                .isThrownBy(forged::matches)
                .withMessage("two equal siblings");
        JsonNode branch = cve.get("forged_branch");
        MerkleProof proof =
                new MerkleProof(
                        branch.get("pos").asInt(), mutated.size(), nodes(branch.get("branch")));
        assertThat(proof.check(id(branch.get("txid")), header.merkleRoot()))
                .isEqualTo(Verdict.REPEATED_NODE);
    }

    @Test
    void txOutProofsOfMainnet830000And831332Hold() throws Exception {
        int cases = 0;
        for (JsonNode entry :
                Vectors.json("merkle-proofs/mainnet_txoutproofs_830000_831332.json")) {
            Bytes bytes = Vectors.hex(entry.get("txoutproof_hex"));
            MerkleBlock block = MerkleBlock.parse(bytes);
            assertThat(block.serialize()).isEqualTo(bytes);
            assertThat(block.header().hash()).hasToString(entry.get("block_hash").asString());
            assertThat(block.transactionCount()).isEqualTo(entry.get("n_tx").asInt());
            List<MerkleBlock.Match> expected = new ArrayList<>();
            for (int i = 0; i < entry.get("txids").size(); i++) {
                expected.add(
                        new MerkleBlock.Match(
                                entry.get("tx_indexes").get(i).asInt(),
                                id(entry.get("txids").get(i))));
            }
            assertThat(block.matches()).isEqualTo(expected);
            assertEveryFlippedBitIsSeen(block);
            cases++;
        }
        assertThat(cases).isPositive();
    }

    private static void assertEveryFlippedBitIsSeen(MerkleBlock block) {
        for (int i = 0; i < block.hashes().size(); i++) {
            List<MerkleNode> hashes = new ArrayList<>(block.hashes());
            byte[] changed = hashes.get(i).bytes().toArray();
            changed[i % 32] ^= 1;
            hashes.set(i, MerkleNode.of(Bytes.of(changed)));
            refused(block.header(), block.transactionCount(), hashes, block.flags());
        }
        refused(
                block.header(),
                block.transactionCount(),
                block.hashes().subList(0, block.hashes().size() - 1),
                block.flags());
        refused(block.header(), block.transactionCount(), block.hashes(), Bytes.EMPTY);
        refused(
                block.header(),
                block.transactionCount(),
                block.hashes(),
                Bytes.concat(block.flags(), Bytes.fromHex("00")));
        refused(block.header(), 1, block.hashes(), block.flags());
    }

    private static void refused(
            BlockHeader header, int count, List<MerkleNode> hashes, Bytes flags) {
        assertThatExceptionOfType(ProofException.class)
                .isThrownBy(() -> new MerkleBlock(header, count, hashes, flags).matches());
    }

    @Test
    void merkleBlocksOfBcoinHold() throws Exception {
        MerkleBlock block =
                MerkleBlock.parse(Bytes.of(Vectors.raw("merkle-proofs/bcoin_merkle300025.raw")));
        assertThat(block.matches()).isNotEmpty();

        WireReader in =
                new WireReader(Vectors.raw("merkle-proofs/bcoin_merkle300025-extended.raw"));
        MerkleBlock extended = MerkleBlock.read(in);
        assertThat(extended).isEqualTo(block);
        List<Txid> txids = new ArrayList<>();
        int count = in.u8();
        for (int i = 0; i < count; i++) {
            txids.add(Transaction.read(in).txid());
        }
        in.requireEnd();
        assertThat(extended.matches().stream().map(MerkleBlock.Match::txid).toList())
                .isEqualTo(txids);
    }

    @Test
    void theMerkleBlockOfRustBitcoinFitsItsBlock() throws Exception {
        Block block =
                Block.parse(
                        Bytes.fromHex(
                                Vectors.text("merkle-proofs/rustbitcoin_block_13b8a.hex").strip()));
        assertThat(BlockCheck.fault(block, true)).isEmpty();
        MerkleBlock partial =
                MerkleBlock.parse(
                        Bytes.fromHex(
                                Vectors.text("merkle-proofs/rustbitcoin_merkle_block.hex")
                                        .strip()));
        assertThat(partial.header()).isEqualTo(block.header());
        assertThat(partial.transactionCount()).isEqualTo(block.transactions().size());
        for (MerkleBlock.Match match : partial.matches()) {
            assertThat(block.txids().get(match.index())).isEqualTo(match.txid());
        }
    }

    @Test
    void moreTransactionsThanABlockCanHoldAreRefusedWhileReading() {
        String header = "00".repeat(80);
        for (String rest :
                List.of(
                        "00000000" + "00" + "00",
                        "1b410000" + "00" + "00",
                        "ffffffff" + "00" + "00",
                        "01000000" + "02" + "00".repeat(64) + "00",
                        "01000000" + "feffffffff" + "00",
                        "01000000" + "00" + "05")) {
            assertThatExceptionOfType(DecodeException.class)
                    .isThrownBy(() -> MerkleBlock.parse(Bytes.fromHex(header + rest)));
        }
    }

    @Test
    void proofsOfSummaHoldOrFailAsTheySay() throws Exception {
        JsonNode file = Vectors.json("merkle-proofs/summa_testProofs.json");
        for (JsonNode valid : file.get("valid")) {
            assertThat(summa(Vectors.parse(valid.asString()))).isEqualTo("ok");
        }
        for (JsonNode valid : file.get("validHeader")) {
            assertThat(summaHeader(Vectors.parse(valid.asString()))).isEqualTo("ok");
        }
        for (JsonNode bad : file.get("badHeaders")) {
            assertThat(summaHeader(bad.get("header")))
                    .as(bad.get("comment").asString())
                    .isEqualTo(bad.get("e").asString());
        }
        for (JsonNode bad : file.get("badSPVProofs")) {
            assertThat(summa(bad.get("proof")))
                    .as(bad.get("comment").asString())
                    .isNotEqualTo("ok");
        }
        // The "err" entries are JSON with hex that is none, or of another length.
        int broken = 0;
        for (String key : file.propertyNames()) {
            if (key.startsWith("err")) {
                String text = file.get(key).asString();
                JsonNode node = Vectors.parse(text);
                assertThat(node.isObject() ? summa(node) : brokenHex(node.asString()))
                        .as(key)
                        .isNotEqualTo("ok");
                broken++;
            }
        }
        assertThat(broken).isPositive();
    }

    private static String brokenHex(String text) {
        try {
            Bytes.fromHex(text.substring(2)).requireLength(20, "hash160");
            return "ok";
        } catch (IllegalArgumentException e) {
            return "broken";
        }
    }

    private static String summaHeader(JsonNode node) {
        try {
            BlockHeader header = BlockHeader.parse(bytes(node.get("raw")));
            if (!header.hash().bytes().equals(bytes(node.get("hash")))) {
                return "Hash is not the correct hash of the header";
            }
            if (!header.merkleRoot().bytes().equals(bytes(node.get("merkle_root")))) {
                return "MerkleRoot is not the correct merkle root of the header";
            }
            if (!header.previous().bytes().equals(bytes(node.get("prevhash")))) {
                return "Prevhash is not the correct parent hash of the header";
            }
            return ProofOfWork.isMet(
                            header.hash(), header.bits(), Network.MAINNET.difficulty().limit())
                    ? "ok"
                    : "no proof of work";
        } catch (DecodeException | IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// Summa's proofs do not say how many transactions the block has; 2^depth leaves make the same
    /// demands but for odd rows.
    private static String summa(JsonNode node) {
        try {
            Txid txid = Txid.of(bytes(node.get("tx_id")));
            List<MerkleNode> branch = new ArrayList<>();
            WireReader in = new WireReader(bytes(node.get("intermediate_nodes")));
            while (in.remaining() > 0) {
                branch.add(MerkleNode.read(in));
            }
            String header = summaHeader(node.get("confirming_header"));
            if (!header.equals("ok")) {
                return header;
            }
            MerkleNode root =
                    BlockHeader.parse(bytes(node.get("confirming_header").get("raw"))).merkleRoot();
            Transaction transaction =
                    Transaction.parse(
                            Bytes.concat(
                                    bytes(node.get("version")),
                                    bytes(node.get("vin")),
                                    bytes(node.get("vout")),
                                    bytes(node.get("locktime"))));
            if (!transaction.txid().equals(txid)) {
                return "other txid";
            }
            Verdict verdict =
                    new MerkleProof(node.get("index").asInt(), 1 << branch.size(), branch)
                            .check(transaction, root);
            return verdict == Verdict.PROVEN ? "ok" : verdict.toString();
        } catch (DecodeException | IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Bytes bytes(JsonNode node) {
        return Bytes.fromHex(node.asString().substring(2));
    }

    private static Txid id(JsonNode node) {
        return Txid.fromDisplayHex(node.asString());
    }

    private static List<MerkleNode> nodes(JsonNode nodes) {
        return MerkleTree.leaves(ids(nodes));
    }

    private static List<Txid> ids(JsonNode nodes) {
        return nodes.valueStream().map(MerkleProofTest::id).toList();
    }
}
