package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.swarm.Stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Streams as Java's own classes read and write them.
@Timeout(60)
class StreamViewsTest {
    private final MemoryHosts hosts = new MemoryHosts();

    @AfterEach
    void close() {
        hosts.close();
    }

    private static void echo(Stream stream) throws IOException {
        stream.inputStream().transferTo(stream.outputStream());
    }

    private Stream open(String protocol, HostBuilder bob) throws IOException {
        Host listener = hosts.start(bob);
        Host alice = hosts.start(hosts.builder());
        return alice.connect(MemoryHosts.addressOf(listener)).openStreamLazily(protocol);
    }

    private Stream openEcho() throws IOException {
        return open("/echo/1", hosts.builder().handler("/echo/1", StreamViewsTest::echo));
    }

    @Test
    void whatIsWrittenThroughOneViewIsReadThroughTheOther() throws Exception {
        byte[] sent = new byte[700_000];
        new Random(1).nextBytes(sent);
        try (Stream stream = openEcho()) {
            FutureTask<Void> writing =
                    new FutureTask<>(() -> {
                        try (OutputStream out = stream.outputStream()) {
                            out.write(sent[0] & 0xff);
                            out.write(sent, 1, sent.length - 1);
                        }
                        return null;
                    });
            Thread.ofVirtual().start(writing);
            InputStream in = stream.inputStream();
            assertThat(in.read()).isEqualTo(sent[0] & 0xff);
            byte[] rest = in.readAllBytes();
            writing.get();
            assertThat(rest).hasSize(sent.length - 1).endsWith(sent[sent.length - 1]);
            assertThat(java.util.Arrays.mismatch(sent, 1, sent.length, rest, 0, rest.length))
                    .isEqualTo(-1);
            assertThat(in.read()).as("the end stays").isEqualTo(-1);
            assertThat(in.read(new byte[2], 0, 2)).isEqualTo(-1);
            assertThat(in.read(new byte[2], 0, 0)).isZero();
        }
    }

    @Test
    void closingTheOutputEndsOurDirectionAlone() throws Exception {
        try (Stream stream = openEcho()) {
            OutputStream out = stream.outputStream();
            out.write(7);
            out.close();
            out.close();
            assertThatThrownBy(() -> out.write(8)).isInstanceOf(IOException.class);
            assertThat(stream.inputStream().readAllBytes()).containsExactly(7);
        }
    }

    @Test
    void closingTheInputLeavesTheOutputOpen() throws Exception {
        try (Stream stream = openEcho()) {
            InputStream in = stream.inputStream();
            OutputStream out = stream.outputStream();
            out.write(7);
            assertThat(in.read()).isEqualTo(7);
            in.close();
            in.close();
            out.write(8);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    /// A first read would take the reply of the negotiation, and fail if it is a refusal.
    @Test
    void anInputThatIsClosedIsAtItsEndWhateverTheNegotiationSays() throws Exception {
        Host deaf = hosts.start(hosts.builder());
        Host alice = hosts.start(hosts.builder());
        Stream stream =
                alice.connect(MemoryHosts.addressOf(deaf)).openStreamLazily("/never/answered/1");
        InputStream in = stream.inputStream();
        in.close();
        assertThat(in.read()).isEqualTo(-1);
        stream.reset();
    }

    /// They came along with the proposal of the protocol.
    @Test
    void bytesThatWereReadAheadAreDroppedWithTheRest() throws Exception {
        BlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        Stream stream =
                open(
                        "/deaf/1",
                        hosts.builder()
                                .handler(
                                        "/deaf/1",
                                        s -> {
                                            s.inputStream().close();
                                            heard.add(s.inputStream().read());
                                        }));
        stream.outputStream().write(7);
        stream.closeWrite();
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(-1);
    }

    @Test
    void linesTravelThroughReadersAndWriters() throws Exception {
        try (Stream stream = openEcho();
                PrintWriter out =
                        new PrintWriter(
                                new OutputStreamWriter(
                                        stream.outputStream(), StandardCharsets.UTF_8),
                                true);
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        stream.inputStream(), StandardCharsets.UTF_8))) {
            out.println("grüße");
            assertThat(in.readLine()).isEqualTo("grüße");
            out.println("again");
            assertThat(in.readLine()).isEqualTo("again");
        }
    }

    @Test
    void theReadTimeoutOfTheStreamIsThatOfTheView() throws Exception {
        try (Stream stream = openEcho()) {
            stream.outputStream().write(1);
            assertThat(stream.inputStream().read()).isEqualTo(1);
            stream.setReadTimeout(Duration.ofMillis(10));
            assertThatThrownBy(() -> stream.inputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void rangesOutsideTheArrayAreRefused() throws Exception {
        try (Stream stream = openEcho()) {
            byte[] two = new byte[2];
            assertThatThrownBy(() -> stream.inputStream().read(two, 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> stream.outputStream().write(two, 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
