package org.tutti.app.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.lightclient.store.FileHeaderStore;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class ChainSyncCommandTest {
    private static final Script REWARD = Script.fromHex("51");

    @TempDir private Path data;

    private int exit;
    private String errors = "";

    private List<String> sync(String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "chain",
                                "sync",
                                "--network",
                                "regtest",
                                "--data-dir",
                                data.toString()));
        command.addAll(Arrays.asList(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        exit = Main.run(new PrintWriter(out), new PrintWriter(err), command.toArray(String[]::new));
        errors = err.toString();
        return out.toString().strip().lines().toList();
    }

    private static RegtestNode startedAt(Instant time) throws IOException {
        return RegtestNode.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InstantSource.fixed(time),
                new SecureRandom(),
                new RegtestEvents() {});
    }

    private static String at(RegtestNode node) {
        return "127.0.0.1:" + node.port();
    }

    @Test
    void headersAreFetchedVerifiedAgainstAllAndOnlyNewOnesTheNextTime() throws IOException {
        // Blocks of one time are the same: bob has the first of alice's.
        Instant time = Instant.now();
        try (RegtestNode alice = startedAt(time);
                RegtestNode bob = startedAt(time)) {
            alice.mine(30, REWARD);
            bob.mine(20, REWARD);
            List<String> lines = sync("--peer", at(bob), "--peer", at(alice), "--json");
            assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
            assertThat(lines.getLast())
                    .contains("\"ok\":true", "\"height\":30", "\"tip\":\"" + alice.tip())
                    .contains("\"fetched\":30", "\"agreeing\":1", "\"connected\":2");
            assertThat(lines).anyMatch(line -> line.contains("\"event\":\"peer-connected\""));

            alice.mine(3, REWARD);
            lines = sync("--peer", at(alice), "--json");
            assertThat(lines.getLast()).contains("\"height\":33", "\"fetched\":3");
            assertThat(sync("--peer", at(alice)))
                    .anyMatch(line -> line.startsWith("height"))
                    .anyMatch(line -> line.contains("agreeing"));
        }
    }

    @Test
    void whoAnswersNothingIsGivenUpWithWhatItIs() throws IOException {
        try (ServerSocket rpc = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerLikeAWebServer(rpc));
            String peer = "127.0.0.1:" + rpc.getLocalPort();
            List<String> lines = sync("--peer", peer, "--give-up-after", "1", "--json");
            assertThat(exit).isEqualTo(ExitCodes.FAILED);
            assertThat(lines.getLast())
                    .contains("\"ok\":false", "\"code\":\"NO_PEER\"", "NOT_BITCOIN", "RPC port");
        }
    }

    private static void answerLikeAWebServer(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.getOutputStream()
                        .write(
                                "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    @Test
    void aFolderInUseAndAWrongPeerAreNamed() {
        try (FileHeaderStore _ = FileHeaderStore.open(data.resolve("chain"), Network.REGTEST)) {
            sync("--peer", "127.0.0.1:1");
            assertThat(exit).isEqualTo(ExitCodes.ENVIRONMENT);
            assertThat(errors).contains("in use");
        }
        sync("--peer", "nonsense");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
        sync();
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
        sync("--peer", "127.0.0.1:1", "--give-up-after", "-1");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }
}
