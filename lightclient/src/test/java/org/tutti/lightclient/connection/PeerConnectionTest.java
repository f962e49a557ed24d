package org.tutti.lightclient.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.wire.P2pMessage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;

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
}
