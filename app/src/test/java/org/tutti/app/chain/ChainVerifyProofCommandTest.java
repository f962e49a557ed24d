package org.tutti.app.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.proof.MerkleBlock;
import org.tutti.bitcoin.proof.MerkleBranch;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Block 169,482 of mainnet, in a chain that begins with it.
class ChainVerifyProofCommandTest {
    private static final Path VECTORS = Path.of(System.getProperty("tutti.vectors"));
    private static final int PLACE = 4;

    @TempDir private Path data;

    private Block block;
    private int exit;
    private String errors = "";

    @BeforeEach
    void importTheBlocksHeader() throws Exception {
        block =
                Block.parse(
                        Bytes.of(Files.readAllBytes(VECTORS.resolve("blocks/block169482.dat"))));
        Path header = Files.write(data.resolve("header"), block.header().serialize().toArray());
        String bits = Long.toHexString(block.header().bits());
        chain(
                "import",
                header.toString(),
                "--anchor",
                "169482," + bits + "," + (block.header().time() - 1_000));
        assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
    }

    private String chain(String command, String... args) {
        List<String> all = new ArrayList<>(List.of("chain", command));
        all.addAll(List.of(args));
        all.addAll(List.of("--network", "mainnet", "--data-dir", data.toString(), "--json"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        exit = Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
        errors = err.toString();
        return out.toString().strip();
    }

    private String verify(String... args) {
        return chain("verify-proof", args);
    }

    private String transaction(int place) {
        return block.transactions().get(place).serialize().toHex();
    }

    private String branch(int place) {
        return hashes(MerkleBranch.of(block.txids(), place).siblings());
    }

    private static String hashes(List<MerkleNode> nodes) {
        return nodes.stream().map(MerkleNode::toString).collect(Collectors.joining(","));
    }

    private String txOutProof(Integer... places) {
        return MerkleBlock.of(block.header(), block.txids(), Set.of(places)).serialize().toHex();
    }

    private String hash() {
        return block.hash().toString();
    }

    private void assertRefused(String answer, String code) {
        assertThat(answer).contains("\"ok\":false", "\"code\":\"" + code + "\"");
        assertThat(answer.lines()).hasSize(1);
        assertThat(exit).isEqualTo(ExitCodes.FAILED);
    }

    private void assertProven(String answer) {
        assertThat(exit).as(answer + errors).isEqualTo(ExitCodes.OK);
        assertThat(answer)
                .contains("\"ok\":true", "\"height\":169482", "\"confirmations\":1")
                .contains("\"index\":" + PLACE, "\"txid\":\"" + block.txids().get(PLACE))
                .contains("\"tip\":\"" + hash(), "\"block\":\"" + hash(), "\"work\":\"");
    }

    @Test
    void aTransactionIsProvenInEachForm() {
        assertProven(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(PLACE),
                        "--coinbase", transaction(0),
                        "--coinbase-branch", branch(0)));
        assertProven(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(0, PLACE),
                        "--coinbase", transaction(0)));
        assertProven(
                verify(
                        "--tx", transaction(PLACE),
                        "--block", hash(),
                        "--index", "" + PLACE,
                        "--branch", branch(PLACE),
                        "--coinbase", transaction(0),
                        "--coinbase-branch", branch(0)));
        assertProven(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(PLACE),
                        "--block-file", VECTORS.resolve("blocks/block169482.dat").toString()));
    }

    @Test
    void longArgumentsMayBeInFiles() throws IOException {
        Path transaction = Files.writeString(data.resolve("tx"), transaction(PLACE) + "\n");
        Path whole = Files.writeString(data.resolve("block"), block.serialize().toHex() + "\n");
        assertProven(
                verify(
                        "--tx", "@" + transaction,
                        "--txoutproof", txOutProof(PLACE),
                        "--block-file", whole.toString()));
        verify("--tx", "@" + data.resolve("none"), "--txoutproof", txOutProof(PLACE));
        assertThat(exit).isEqualTo(ExitCodes.ENVIRONMENT);
    }

    @Test
    void withoutTheTreesDepthTheLeafIsUnauthenticated() {
        assertRefused(
                verify("--tx", transaction(PLACE), "--txoutproof", txOutProof(0, PLACE)),
                "leaf-unauthenticated");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--block", hash(),
                        "--index", "" + PLACE,
                        "--branch", branch(PLACE)),
                "leaf-unauthenticated");
        assertThat(verify("--tx", transaction(0), "--txoutproof", txOutProof(0)))
                .as("a coinbase shows the depth itself")
                .contains("\"ok\":true");
    }

    @Test
    void theDepthThatIsDemandedIsOurs() {
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(0, PLACE),
                        "--coinbase", transaction(0),
                        "--min-depth", "2"),
                "too-shallow");
        verify(
                "--tx", transaction(PLACE),
                "--txoutproof", txOutProof(PLACE),
                "--min-depth", "0");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void whatIsFalseIsRefusedWithItsReason() {
        assertRefused(
                verify(
                        "--tx", transaction(PLACE + 1),
                        "--txoutproof", txOutProof(PLACE)),
                "not-in-tree");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--block", hash(),
                        "--index", "" + (PLACE + 16),
                        "--branch", branch(PLACE)),
                "index-beyond-tree");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--block", hash(),
                        "--index", "" + PLACE,
                        "--branch", branch(PLACE + 2)),
                "other-root");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--block", "00".repeat(32),
                        "--index", "" + PLACE,
                        "--branch", branch(PLACE)),
                "unknown-block");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(PLACE),
                        "--coinbase", transaction(1),
                        "--coinbase-branch", branch(0)),
                "not-a-coinbase");
        assertRefused(
                verify("--tx", transaction(PLACE) + "00", "--txoutproof", txOutProof(PLACE)),
                "bad-transaction");
        assertRefused(
                verify("--tx", transaction(PLACE), "--txoutproof", txOutProof(PLACE) + "00"),
                "bad-txoutproof");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(PLACE),
                        "--coinbase", "00",
                        "--coinbase-branch", branch(0)),
                "bad-coinbase");
        assertRefused(
                verify(
                        "--tx", transaction(PLACE),
                        "--txoutproof", txOutProof(PLACE),
                        "--block-file", data.resolve("header").toString()),
                "bad-block");
    }

    @Test
    void aTransactionOf64BytesIsRefused() {
        Transaction small =
                new Transaction(
                        2,
                        List.of(
                                TxIn.unsigned(
                                        new OutPoint(block.txids().getFirst(), 1), Sequence.ZERO)),
                        List.of(new TxOut(Sat.of(5), Script.fromHex("51515151"))),
                        LockTime.NONE);
        assertRefused(
                verify(
                        "--tx", small.serialize().toHex(),
                        "--block", hash(),
                        "--index", "" + PLACE,
                        "--branch", branch(PLACE)),
                "sixty-four-bytes");
    }

    @Test
    void aCommandLineThatSaysTooLittleOrTooMuchIsWrong() {
        for (List<String> args :
                List.of(
                        List.of("--tx", transaction(PLACE)),
                        List.of("--tx", transaction(PLACE), "--block", hash(), "--index", "1"),
                        List.of("--tx", "zz", "--txoutproof", txOutProof(PLACE)),
                        List.of(
                                "--tx", transaction(PLACE),
                                "--txoutproof", txOutProof(PLACE),
                                "--index", "1"),
                        List.of(
                                "--tx", transaction(PLACE),
                                "--txoutproof", txOutProof(PLACE),
                                "--coinbase-branch", branch(0)),
                        List.of(
                                "--tx", transaction(PLACE),
                                "--txoutproof", txOutProof(PLACE),
                                "--coinbase", transaction(0),
                                "--block-file", "x"),
                        List.of(
                                "--tx", transaction(PLACE),
                                "--block", hash(),
                                "--index", "1",
                                "--branch", branch(PLACE),
                                "--coinbase", transaction(0)),
                        List.of(
                                "--tx",
                                transaction(PLACE),
                                "--block",
                                hash(),
                                "--index",
                                "1",
                                "--branch",
                                "12"))) {
            verify(args.toArray(String[]::new));
            assertThat(exit).as(args.toString()).isEqualTo(ExitCodes.USAGE);
        }
    }

    /// Mainnet's first headers have less work than mainnet: anybody may have made such a chain, so
    /// that yes is said only to who asks for it.
    @Test
    void theFirstPaymentOfMainnetIsProvenWhereSoLittleWorkIsAllowed() throws Exception {
        data = data.resolve("mainnet");
        chain("import", VECTORS.resolve("headers-mainnet/mainnet_0-32259.bin.gz").toString());
        block = blockOf1To256(170);
        assertThat(block.transactions()).hasSize(2);
        List<String> proof =
                List.of(
                        "--tx",
                        transaction(1),
                        "--block",
                        hash(),
                        "--index",
                        "1",
                        "--branch",
                        branch(1),
                        "--coinbase",
                        transaction(0),
                        "--coinbase-branch",
                        branch(0),
                        "--min-depth",
                        "32090");
        String refused = verify(proof.toArray(String[]::new));
        assertRefused(refused, "too-little-work");
        assertThat(refused).contains("\"confirmations\":32090", "\"enoughWork\":false");
        List<String> allowed = new ArrayList<>(proof);
        allowed.add("--allow-low-work");
        assertThat(verify(allowed.toArray(String[]::new)))
                .contains("\"ok\":true", "\"height\":170", "\"tipHeight\":32259")
                .contains("\"confirmations\":32090", "\"enoughWork\":false");
        block = blockOf1To256(1);
        assertThat(
                        verify(
                                "--tx",
                                transaction(0),
                                "--block",
                                hash(),
                                "--index",
                                "0",
                                "--branch",
                                "",
                                "--allow-low-work"))
                .contains("\"ok\":true", "\"height\":1,");
        chain("invalidate", hash());
        assertRefused(
                verify("--tx", transaction(0), "--block", hash(), "--index", "0", "--branch", ""),
                "unknown-block");
    }

    private static Block blockOf1To256(int height) throws Exception {
        byte[] file;
        try (var in =
                new java.util.zip.GZIPInputStream(
                        Files.newInputStream(VECTORS.resolve("blocks/blocks1-256.gz")))) {
            file = in.readAllBytes();
        }
        int at = 0;
        for (int i = 1; i < height; i++) {
            at += 8 + length(file, at);
        }
        return Block.parse(Bytes.of(file, at + 8, at + 8 + length(file, at)));
    }

    private static int length(byte[] file, int at) {
        return java.nio.ByteBuffer.wrap(file)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getInt(at + 4);
    }
}
