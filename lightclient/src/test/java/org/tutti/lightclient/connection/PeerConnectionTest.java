package org.tutti.lightclient.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.wire.FrameCodec;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.Services;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;

class PeerConnectionTest {
    @Test
    void whoDoesNotReadFillsTheOutboxAndNoMore() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket mallory = server.accept();
                PeerConnection connection =
                        PeerConnection.start(
                                new WireConnection(
                                        socket, Network.REGTEST.magic(), Clock.systemUTC()),
                                Clock.systemUTC())) {
            P2pMessage large = new P2pMessage.Unknown("block", Bytes.wrap(new byte[3_000_000]));
            int taken = 0;
            while (connection.offer(large)) {
                taken++;
                assertThat(taken).isLessThan(10 * PeerConnection.MAX_OUTBOX);
            }
            assertThat(taken).isGreaterThanOrEqualTo(PeerConnection.MAX_OUTBOX);
            assertThat(mallory.isConnected()).isTrue();
            connection.close(new DisconnectReason(DisconnectReason.Code.NOT_READING, ""));
            assertThat(connection.offer(large)).as("after closing").isFalse();
        }
    }

    /// Why a connection ends whose other side sends these bytes and closes.
    private static DisconnectReason reasonFor(byte[] bytes) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                PeerConnection connection =
                        PeerConnection.start(
                                new WireConnection(
                                        socket,
                                        Network.REGTEST.magic(),
                                        Clock.systemUTC(),
                                        Duration.ofMillis(300)),
                                Clock.systemUTC())) {
            try (Socket mallory = server.accept()) {
                mallory.getOutputStream().write(bytes);
                mallory.shutdownOutput();
                connection.handshake(
                        new Handshake(version(1), true, Services.NEEDED), Duration.ofSeconds(30));
                while (true) {
                    connection.read(Duration.ofSeconds(30));
                }
            }
        } catch (PeerException e) {
            return e.reason();
        }
    }

    private static P2pMessage.Version version(long nonce) {
        return new P2pMessage.Version(70_016, 9, 0, nonce, "/test/", 0, true);
    }

    private static byte[] afterHandshake(byte[] bytes) {
        FrameCodec codec = new FrameCodec(Network.REGTEST.magic());
        return Bytes.concat(
                        Bytes.of(codec.encode(version(2))),
                        Bytes.of(codec.encode(new P2pMessage.Verack())),
                        Bytes.of(bytes))
                .toArray();
    }

    private static byte[] frame(P2pMessage message) {
        return new FrameCodec(Network.REGTEST.magic()).encode(message);
    }

    @Test
    void whatIsNoNodeOfThisNetworkIsNamedAsWhatItIs() throws IOException {
        byte[] http = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(reasonFor(http).code()).isEqualTo(Code.NOT_BITCOIN);
        byte[] mainnet = new FrameCodec(Network.MAINNET.magic()).encode(version(2));
        assertThat(reasonFor(mainnet).code()).isEqualTo(Code.OTHER_NETWORK);
        assertThat(reasonFor(mainnet).detail()).contains("mainnet");
        assertThat(reasonFor(new byte[0]).code()).isEqualTo(Code.NO_ANSWER);
        byte[] pruned =
                frame(
                        new P2pMessage.Version(
                                70_016,
                                Services.WITNESS | Services.NETWORK_LIMITED,
                                0,
                                2,
                                "/Satoshi/",
                                0,
                                true));
        assertThat(reasonFor(pruned).code()).isEqualTo(Code.PRUNED);
        for (Code named :
                new Code[] {Code.NOT_BITCOIN, Code.OTHER_NETWORK, Code.NO_ANSWER, Code.PRUNED}) {
            assertThat(named.isMisbehaviour()).isFalse();
        }
    }

    @Test
    void bytesThatAreNoMessageProveWhoSentThem() throws IOException {
        byte[] good = frame(new P2pMessage.Ping(1));
        byte[] checksum = good.clone();
        checksum[20] ^= 1;
        byte[] oversized = Arrays.copyOf(frame(new P2pMessage.Ping(1)), 24);
        oversized[19] = 1;
        byte[] garbage = new byte[100];
        new SplittableRandom(1).nextBytes(garbage);
        // 2,001 headers are more than the bound of the message: its beginning is enough.
        byte[] headers = frame(new P2pMessage.Unknown("headersx", Bytes.EMPTY));
        byte[] command = Arrays.copyOf("headers".getBytes(StandardCharsets.US_ASCII), 12);
        System.arraycopy(command, 0, headers, 4, 12);
        ByteBuffer.wrap(headers).order(ByteOrder.LITTLE_ENDIAN).putInt(16, 3 + 81 * 2_001 + 8);
        for (byte[] wrong : new byte[][] {checksum, oversized, garbage, headers}) {
            DisconnectReason reason = reasonFor(afterHandshake(wrong));
            assertThat(reason.code()).as(reason.toString()).isEqualTo(Code.WIRE);
            assertThat(reason.code().isMisbehaviour()).isTrue();
        }
    }

    @Test
    void aConnectionThatBreaksWithinAMessageProvesNothing() throws IOException {
        byte[] cut = Arrays.copyOf(frame(new P2pMessage.Ping(1)), 30);
        assertThat(reasonFor(afterHandshake(cut)).code()).isEqualTo(Code.CLOSED);
    }

    @Test
    void aMessageThatDripsEndsTheConnectionAndIsNoProof() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket mallory = server.accept();
                PeerConnection connection =
                        PeerConnection.start(
                                new WireConnection(
                                        socket,
                                        Network.REGTEST.magic(),
                                        Clock.systemUTC(),
                                        Duration.ofMillis(50)),
                                Clock.systemUTC())) {
            mallory.getOutputStream().write(Arrays.copyOf(frame(new P2pMessage.Ping(1)), 25));
            assertThatThrownBy(() -> connection.read(Duration.ofSeconds(30)))
                    .isInstanceOfSatisfying(
                            PeerException.class,
                            e -> assertThat(e.reason().code()).isEqualTo(Code.SILENT));
        }
    }
}
