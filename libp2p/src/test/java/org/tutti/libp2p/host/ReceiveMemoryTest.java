package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamRefused;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Handlers that never read, and peers that fill their windows.
@Timeout(120)
class ReceiveMemoryTest {
    private static final int WINDOW = 256 * 1024;
    private static final int PER_HOST = 2 << 20;
    private static final int STREAMS = 16;

    private final CountDownLatch end = new CountDownLatch(1);
    private final Victim alice;

    ReceiveMemoryTest() throws IOException {
        alice =
                new Victim(
                        Host.builder()
                                .limits(
                                        ResourceLimits.builder()
                                                .maxReceiveMemory(4 * PER_HOST)
                                                .maxReceiveMemoryPerHost(PER_HOST)
                                                .build())
                                .handler("/hoard/1", _ -> awaitEnd())
                                .handler("/echo/1", ReceiveMemoryTest::echo));
    }

    @AfterEach
    void close() {
        end.countDown();
        alice.close();
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void echo(Stream stream) throws IOException {
        byte[] bytes = new byte[4096];
        for (int count = stream.read(bytes, 0, bytes.length);
                count >= 0;
                count = stream.read(bytes, 0, bytes.length)) {
            stream.write(bytes, 0, count);
        }
    }

    /// Four connections, sixteen streams each, all windows full: 16 MiB into 2.
    @Test
    void connectionsThatAreNotReadTakeNoMoreThanTheirShareAndOthersAreServed() throws Exception {
        List<ScriptedPeer> mallory = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ScriptedPeer connection =
                    ScriptedPeer.connect(Victim.TCP, alice.address(), Victim.key());
            mallory.add(connection);
            Thread.ofVirtual().start(() -> fill(connection));
        }
        StreamRefused refused = alice.next(StreamRefused.class);
        assertThat(refused.reason()).isEqualTo("receiveMemory");
        try (Host bob = Host.builder().identity(Victim.key()).transport(Victim.TCP).build()) {
            bob.start();
            try (Stream stream = bob.connect(alice.address()).openStream("/echo/1")) {
                byte[] bytes = new byte[WINDOW];
                for (int i = 0; i < 8; i++) {
                    Thread writer = Thread.ofVirtual().start(() -> write(stream, bytes));
                    Frames.readFully(stream, new byte[WINDOW], 0, WINDOW);
                    writer.join();
                    assertThat(alice.host.receiveMemory()).isLessThanOrEqualTo(PER_HOST / 4 * 5);
                }
            }
        }
        assertThat(alice.host.refusals()).containsKey("receiveMemory");
        mallory.forEach(ScriptedPeer::close);
    }

    private static void write(Stream stream, byte[] bytes) {
        try {
            stream.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            // The reader says so.
        }
    }

    private static void fill(ScriptedPeer mallory) {
        // A handler that does nothing does not answer the proposal either.
        byte[] proposal =
                "\u0013/multistream/1.0.0\n\u0009/hoard/1\n".getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(proposal, WINDOW);
        for (int i = 0; i < STREAMS; i++) {
            try {
                MuxedStream stream = mallory.openStream();
                stream.write(bytes, 0, bytes.length);
            } catch (IOException e) {
                // Reset: the next.
            }
        }
    }
}
