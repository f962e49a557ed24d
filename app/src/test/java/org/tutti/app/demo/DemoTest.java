package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The demo with real processes.
@Timeout(240)
class DemoTest {
    @Test
    void threeProcessesDoTheWholeJobAndNoSecretShowsAnywhere() throws Exception {
        StringWriter out = new StringWriter();
        DemoOptions options =
                new DemoOptions(3, Optional.empty(), Duration.ofMinutes(1), /* keep= */ true);
        boolean ok =
                new Demo(options, new PrintWriter(out), true, new SecureRandom(), Main.class).run();
        List<String> lines = out.toString().lines().toList();
        assertThat(ok).as(lines.getLast()).isTrue();
        JsonObject done = JsonLine.parse(lines.getLast());
        checkDone(done);
        Path folder = folderOf(lines);
        try {
            assertThat(confirmedBy(lines)).containsExactlyInAnyOrder("node-1", "node-2", "node-3");
            checkNoSecretShows(folder, out.toString());
        } finally {
            Folders.delete(folder);
        }
    }

    private static void checkDone(JsonObject done) throws Exception {
        assertThat(done.string("event")).isEqualTo("done");
        assertThat(done.flag("ok")).isTrue();
        assertThat(done.integer("signers")).isEqualTo(3);
        assertThat(done.string("network")).isEqualTo("regtest");
        assertThat(done.string("internalKey")).hasSize(64);
        assertThat(done.string("address")).startsWith("bcrt1p");
        assertThat(done.objects("prevouts")).hasSize(2);
        assertThat(done.objects("prevouts").getFirst().integer("valueSat"))
                .isEqualTo(5_000_000_000L);
        assertThat(done.objects("prevouts").getFirst().string("scriptPubKey"))
                .isEqualTo("5120" + done.string("outputKey"));
        assertThat(done.string("rawTx")).startsWith("02000000");
        assertThat(done.string("txid")).hasSize(64);
        assertThat(done.integer("confirmations")).isEqualTo(1);
        assertThat(done.string("blockHash")).hasSize(64);
        assertThat(done.number("announceToSignatureMillis")).isPositive();
        XOnlyPublicKey key = XOnlyPublicKey.parse(Bytes.fromHex(done.string("outputKey")));
        assertThat(done.objects("inputs")).hasSize(2);
        for (JsonObject input : done.objects("inputs")) {
            byte[] sighash = Bytes.fromHex(input.string("sighash")).toArray();
            Bytes signature = Bytes.fromHex(input.string("signature"));
            assertThat(Schnorr.verify(key, sighash, new SchnorrSignature(signature))).isTrue();
        }
    }

    private static Path folderOf(List<String> lines) throws Exception {
        for (String line : lines) {
            JsonObject event = JsonLine.parse(line);
            if (event.text("step").orElse("").equals("kept")) {
                String text = event.string("text");
                return Path.of(text.substring(text.indexOf('/')));
            }
        }
        throw new AssertionError("no step says where the folder is");
    }

    private static List<String> confirmedBy(List<String> lines) throws Exception {
        List<String> nodes = new ArrayList<>();
        for (String line : lines) {
            JsonObject event = JsonLine.parse(line);
            if (event.text("event").orElse("").equals("confirmed")) {
                nodes.add(event.string("from"));
                assertThat(event.strings("merkleBranch")).isNotEmpty();
            }
        }
        return nodes;
    }

    /// SIGNING-SAFETY 17: the secrets stand in the key files and nowhere else.
    private static void checkNoSecretShows(Path folder, String output) throws IOException {
        List<String> secrets = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(".key")) {
                    String hex = Files.readAllLines(file).getFirst();
                    // The protobuf of an identity ends with seed and public key, 32 bytes each.
                    secrets.add(
                            hex.length() == 64
                                    ? hex
                                    : hex.substring(hex.length() - 128, hex.length() - 64));
                } else {
                    others.add(file);
                }
            }
        }
        assertThat(secrets).hasSize(9);
        assertThat(others).isNotEmpty();
        for (String secret : secrets) {
            assertThat(output.contains(secret)).isFalse();
            String raw = new String(Bytes.fromHex(secret).toArray(), StandardCharsets.ISO_8859_1);
            for (Path file : others) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content.contains(secret) || content.contains(raw))
                        .as("a secret in " + file)
                        .isFalse();
            }
        }
    }
}
