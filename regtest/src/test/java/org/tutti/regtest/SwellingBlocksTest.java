package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.Handshake;
import org.tutti.lightclient.connection.PeerConnection;
import org.tutti.lightclient.connection.PeerException;
import org.tutti.lightclient.connection.WireConnection;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;
import org.tutti.musig.keys.ExtendedKeyVersions;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Sixteen blocks of 4 MB that are millions of witness items, sent last first, to a client in a
/// process with 160 MB of heap: each run prints how long it took.
class SwellingBlocksTest {
    private static final int BLOCKS = 16;

    /// Serves blocks as they are asked for, the last first.
    private static final class Swelling implements AutoCloseable {
        private final ServerSocket server =
                new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final List<SerializedBlock> blocks;
        private final Map<BlockHash, SerializedBlock> byHash = new HashMap<>();

        Swelling(List<SerializedBlock> blocks) throws IOException {
            this.blocks = blocks;
            blocks.forEach(block -> byHash.put(block.hash(), block));
            Thread.ofVirtual().start(this::acceptAll);
        }

        int port() {
            return server.getLocalPort();
        }

        private void acceptAll() {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        private void serve(Socket socket) {
            try (PeerConnection connection =
                    PeerConnection.start(
                            new WireConnection(socket, Network.REGTEST.magic(), Clock.systemUTC()),
                            Clock.systemUTC())) {
                connection.handshake(
                        new Handshake(
                                new P2pMessage.Version(70_016, 9, 0, 7, "/swell/", 16, true),
                                false,
                                0),
                        Duration.ofSeconds(10));
                while (true) {
                    for (P2pMessage answer : answers(connection.read(Duration.ofMinutes(2)))) {
                        connection.send(answer, Duration.ofSeconds(60));
                    }
                }
            } catch (PeerException | IOException e) {
                // The client has left.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private List<P2pMessage> answers(P2pMessage message) {
            return switch (message) {
                case Ping(long nonce) -> List.of(new Pong(nonce));
                case GetHeaders _ ->
                        List.of(new Headers(blocks.stream().map(SerializedBlock::header).toList()));
                case GetData wanted -> lastFirst(wanted);
                default -> List.of();
            };
        }

        private List<P2pMessage> lastFirst(GetData wanted) {
            List<P2pMessage> found = new ArrayList<>();
            for (InventoryItem item : wanted.items().reversed()) {
                if (item instanceof InventoryItem.Block(BlockHash hash, boolean _)
                        && byHash.containsKey(hash)) {
                    found.add(new BlockMessage(byHash.get(hash)));
                }
            }
            return found;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /// Of the modules that the client needs, wherever whoever runs this test has them.
    private static String classPath() {
        return Stream.of(
                        SmallHeapClient.class,
                        LightClient.class,
                        Block.class,
                        ExtendedKeyVersions.class,
                        Bytes.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .map(url -> Path.of(URI.create(url.toString())).toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<String> follow(int height, int... ports)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-Xmx160m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                classPath(),
                                SmallHeapClient.class.getName(),
                                Integer.toString(height)));
        for (int port : ports) {
            command.add(Integer.toString(port));
        }
        Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            List<String> lines = client.inputReader().lines().toList();
            assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return lines;
        } finally {
            client.destroyForcibly();
        }
    }

    private static void areFollowed(int itemBytes)
            throws IOException, InterruptedException, DecodeException {
        List<SerializedBlock> blocks = SwellingChain.of(BLOCKS, itemBytes);
        try (Swelling swelling = new Swelling(blocks)) {
            List<String> lines = follow(BLOCKS, swelling.port());
            System.out.println("blocks of items of " + itemBytes + " bytes: " + lines);
            assertThat(lines)
                    .as("nobody was left because our memory is small")
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("followed to " + blocks.getLast().hash());
        }
    }

    @Test
    void blocksOfTwoMillionOneByteItemsAreFollowed() throws Exception {
        areFollowed(1);
    }

    @Test
    void blocksOfFourMillionEmptyItemsAreFollowed() throws Exception {
        areFollowed(0);
    }

    @Test
    void anHonestPeerBesideOneThatSendsThemIsFollowed() throws Exception {
        try (Swelling swelling = new Swelling(SwellingChain.of(BLOCKS, 1));
                RegtestNode honest = RegtestNode.start(0, new RegtestEvents() {})) {
            honest.mine(BLOCKS + 4, Wallet.of("alice").script());
            List<String> lines = follow(BLOCKS + 4, swelling.port(), honest.port());
            System.out.println("an honest peer beside them: " + lines);
            assertThat(lines.getLast()).startsWith("followed to " + honest.tip());
        }
    }
}
