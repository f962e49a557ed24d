package org.tutti.lightclient.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.wire.FrameCodec;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.WireException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

class WireConnectionTest {
    private static final Bytes MAGIC = Network.REGTEST.magic();
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);

    private ServerSocket server;
    private Socket mallory;
    private WireConnection alice;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        alice = new WireConnection(socket, MAGIC, Clock.systemUTC(), SHORT);
        mallory = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        alice.close();
        mallory.close();
        server.close();
    }

    @Test
    void aPeerThatStopsMidFrameIsRefused() throws IOException {
        byte[] frame = new FrameCodec(MAGIC).encode(new P2pMessage.Ping(1));
        for (int length : new int[] {1, FrameCodec.HEADER_SIZE, frame.length - 1}) {
            mallory.getOutputStream().write(Arrays.copyOf(frame, length));
            assertThatThrownBy(() -> alice.read(LONG))
                    .isInstanceOfSatisfying(
                            WireException.class,
                            e -> assertThat(e.code()).isEqualTo(WireException.Code.STALLED));
            close();
            connect();
        }
    }

    @Test
    void silenceBetweenFramesLeavesTheConnectionGood() throws IOException {
        assertThatThrownBy(() -> alice.read(SHORT)).isInstanceOf(SocketTimeoutException.class);
        mallory.getOutputStream().write(new FrameCodec(MAGIC).encode(new P2pMessage.Ping(1)));
        assertThat(alice.read(LONG)).isEqualTo(new P2pMessage.Ping(1));
    }
}
