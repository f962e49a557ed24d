package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.sync.SyncSettings;
import org.tutti.lightclient.wire.FrameCodec;
import org.tutti.lightclient.wire.P2pMessage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// A light client that has an honest peer and mallory, over sockets: mallory is left with a typed
/// reason, and the honest chain is followed all the same.
class HostilePeerTest {
    private static final FrameCodec CODEC = new FrameCodec(Network.REGTEST.magic());

    /// A short handshake; and whoever misbehaved is not dialled again within the test.
    private static final SyncSettings SETTINGS =
            SyncSettings.DEFAULTS.toBuilder()
                    .handshake(Duration.ofMillis(500))
                    .backoff(Duration.ofSeconds(60), Duration.ofSeconds(60))
                    .build();

    private final Wallet alice = Wallet.of("alice");
    private final Recorder events = new Recorder();
    private RegtestNode honest;
    private ServerSocket mallory;

    @BeforeEach
    void start() throws IOException {
        honest = RegtestNode.start(0, new RegtestEvents() {});
        honest.mine(3, alice.script());
        mallory = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        mallory.close();
        honest.close();
    }

    /// What mallory sends to whoever dials, all at once.
    private void malloryGets(String expectedFault, byte[]... frames) throws IOException {
        try (LightClient _ =
                        LightClient.builder()
                                .network(Network.REGTEST)
                                .peer("127.0.0.1", mallory.getLocalPort())
                                .settings(SETTINGS)
                                .listener(events)
                                .start();
                Socket socket = mallory.accept()) {
            for (byte[] frame : frames) {
                socket.getOutputStream().write(frame);
            }
            events.await("lost " + expectedFault);
        }
        Recorder others = new Recorder();
        try (LightClient _ =
                        LightClient.builder()
                                .network(Network.REGTEST)
                                .peer("127.0.0.1", mallory.getLocalPort())
                                .peer("127.0.0.1", honest.port())
                                .settings(SETTINGS)
                                .listener(others)
                                .start();
                Socket socket = mallory.accept()) {
            for (byte[] frame : frames) {
                socket.getOutputStream().write(frame);
            }
            assertThat(others.await("tip 3").getLast()).endsWith(honest.tip().toString());
        }
    }

    private static byte[] version() {
        return CODEC.encode(
                new P2pMessage.Version(70_016, 9, 0, 42, "/mallory:1/", 1_000_000, true));
    }

    private static byte[] verack() {
        return CODEC.encode(new P2pMessage.Verack());
    }

    @Test
    void silenceInsteadOfAHandshake() throws IOException {
        malloryGets("HANDSHAKE_TIMEOUT");
    }

    @Test
    void garbageInsteadOfAHandshake() throws IOException {
        malloryGets(
                "WIRE: WRONG_MAGIC",
                "GET / HTTP/1.1\r\nHost: bitcoin\r\n\r\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Test
    void blocksBeforeTheHandshake() throws IOException {
        malloryGets(
                "HANDSHAKE_ORDER",
                CODEC.encode(new P2pMessage.BlockMessage(Network.REGTEST.genesis())));
    }

    @Test
    void aPeerWithoutTheChain() throws IOException {
        malloryGets(
                "MISSING_SERVICES",
                CODEC.encode(new P2pMessage.Version(70_016, 0, 0, 42, "/mallory/", 0, true)));
    }

    @Test
    void anOversizedFrame() throws IOException {
        byte[] header =
                Arrays.copyOf(CODEC.encode(new P2pMessage.Unknown("block", Bytes.EMPTY)), 24);
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putInt(16, 4_000_001);
        malloryGets("WIRE: OVERSIZED", version(), verack(), header);
    }

    @Test
    void aWrongChecksum() throws IOException {
        byte[] ping = CODEC.encode(new P2pMessage.Ping(1));
        ping[20] ^= 1;
        malloryGets("WIRE: BAD_CHECKSUM", version(), verack(), ping);
    }

    /// Proof of work is free on regtest: mallory has headers of more work than anybody, and no
    /// blocks.
    @Test
    void aLongerChainOfHeadersWhoseBlocksNeverComeHoldsUpNobody() throws IOException {
        Recorder others = new Recorder();
        try (RegtestNode workshop = RegtestNode.start(0, new RegtestEvents() {});
                LightClient _ =
                        LightClient.builder()
                                .network(Network.REGTEST)
                                .peer("127.0.0.1", mallory.getLocalPort())
                                .peer("127.0.0.1", honest.port())
                                .settings(SETTINGS)
                                .listener(others)
                                .start();
                Socket socket = mallory.accept()) {
            workshop.mine(50, Wallet.of("mallory").script());
            List<BlockHeader> phantom = workshop.headersAfter(List.of(), BlockHash.ZERO);
            socket.getOutputStream().write(version());
            socket.getOutputStream().write(verack());
            socket.getOutputStream().write(CODEC.encode(new P2pMessage.Headers(phantom)));
            others.awaitBoth("connected /mallory", "tip 3");
            honest.mine(2, alice.script());
            assertThat(others.await("tip 5").getLast()).endsWith(honest.tip().toString());
        }
    }

    @Test
    void headersWithoutWork() throws IOException {
        var genesis = Network.REGTEST.genesis().header();
        var bad =
                new BlockHeader(
                        4,
                        genesis.hash(),
                        genesis.merkleRoot(),
                        genesis.time() + 1,
                        0x1d00ffffL,
                        0);
        malloryGets(
                "INVALID_HEADER",
                version(),
                verack(),
                CODEC.encode(new P2pMessage.Headers(List.of(bad))));
    }
}
