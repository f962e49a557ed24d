package org.tutti.libp2p.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.perf.PerfException.Code;
import org.tutti.libp2p.swarm.HandlerFailed;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

@Timeout(60)
class PerfTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final MemoryHosts hosts = new MemoryHosts();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        hosts.close();
    }

    private Host serve(Perf.Limits limits) throws IOException {
        return hosts.start(hosts.builder().behaviour(Perf.server(limits)));
    }

    private Perf client(Host peer, HostBuilder builder) throws IOException {
        Perf perf = Perf.client();
        hosts.start(builder.behaviour(perf)).connect(MemoryHosts.addressOf(peer));
        return perf;
    }

    private Perf client(Host peer) throws IOException {
        return client(peer, hosts.builder());
    }

    private Host mallory(StreamHandler handler) throws IOException {
        return hosts.start(hosts.builder().handler(Perf.PROTOCOL, handler));
    }

    private Stream open(Host peer) throws IOException {
        return hosts.start(hosts.builder())
                .connect(MemoryHosts.addressOf(peer))
                .openStreamLazily(Perf.PROTOCOL);
    }

    private static byte[] header(long wanted) {
        return ByteBuffer.allocate(Long.BYTES).putLong(wanted).array();
    }

    private static void assertCode(ThrowingCallable work, Code code) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PerfException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void bytesGoUpAndThenDown() throws Exception {
        Host bob = serve(Perf.Limits.defaults());
        Perf perf = client(bob);
        for (long[] sizes : new long[][] {{0, 0}, {1, 0}, {0, 1}, {65_537, 3_000_000}}) {
            PerfResult result = perf.run(bob.peerId(), sizes[0], sizes[1], LONG);
            assertThat(result.uploadBytes()).isEqualTo(sizes[0]);
            assertThat(result.downloadBytes()).isEqualTo(sizes[1]);
            assertThat(result.uploadTime()).isPositive();
            assertThat(result.downloadTime().isNegative()).isFalse();
            assertThat(result.bytesPerSecond() > 0).isEqualTo(sizes[0] + sizes[1] > 0);
        }
    }

    @Test
    void ratesAreBytesOverTime() {
        PerfResult result =
                new PerfResult(3_000, 500, Duration.ofMillis(500), Duration.ofMillis(200));
        assertThat(result.uploadBytesPerSecond()).isEqualTo(6_000);
        assertThat(result.downloadBytesPerSecond()).isEqualTo(2_500);
        assertThat(result.bytesPerSecond()).isEqualTo(5_000);
        assertThat(new PerfResult(1, 0, Duration.ZERO, Duration.ZERO).bytesPerSecond()).isFinite();
    }

    /// What a peer of another make writes and reads.
    @Test
    void theServerReadsEverythingBeforeItAnswers() throws Exception {
        Host bob = serve(Perf.Limits.defaults());
        try (Stream stream = open(bob)) {
            stream.outputStream().write(header(5));
            stream.outputStream().write(new byte[100_000]);
            stream.setReadTimeout(Duration.ofMillis(50));
            assertThatThrownBy(() -> stream.inputStream().read())
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            stream.setReadTimeout(Duration.ZERO);
            stream.closeWrite();
            assertThat(stream.inputStream().readAllBytes()).hasSize(5);
        }
    }

    @Test
    void aHostDoesNotAnswerUnlessItIsToldTo() throws Exception {
        Host bob = hosts.start(hosts.builder().behaviour(Perf.client()));
        Perf perf = client(bob);
        assertThatThrownBy(() -> perf.run(bob.peerId(), 1, 1, LONG))
                .isInstanceOf(ProtocolNotSupportedException.class);
    }

    @Test
    void whoeverSendsTooMuchIsReset() throws Exception {
        Host bob = serve(new Perf.Limits(2, 1_000, LONG));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Perf perf = client(bob);
        assertThatThrownBy(() -> perf.run(bob.peerId(), 10_000_000, 0, LONG))
                .isInstanceOf(IOException.class);
        assertTooMany(events);
    }

    private static void assertTooMany(BlockingQueue<HostEvent> events) throws Exception {
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                .isInstanceOfSatisfying(
                        PerfException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.TOO_MANY_BYTES));
    }

    /// All of 64 bits is what one asks for who will end by a time of one's own.
    @Test
    void whoeverWantsTooMuchIsResetInTheEnd() throws Exception {
        Host bob = serve(new Perf.Limits(2, 1_000, LONG));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream stream = open(bob);
        stream.outputStream().write(header(-1));
        stream.closeWrite();
        assertThatThrownBy(() -> stream.inputStream().transferTo(OutputStream.nullOutputStream()))
                .isInstanceOf(StreamResetException.class);
        assertTooMany(events);
    }

    @Test
    void measurementsOfOnePeerAreBounded() throws Exception {
        Host bob = serve(new Perf.Limits(1, 1_000, LONG));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream first = open(bob);
        first.outputStream().write(header(1));
        // Agreed on: it is counted.
        first.setReadTimeout(Duration.ofMillis(50));
        assertThatThrownBy(() -> first.inputStream().read())
                .isInstanceOf(java.net.SocketTimeoutException.class);
        Stream second = first.connection().openStreamLazily(Perf.PROTOCOL);
        assertThatThrownBy(() -> second.inputStream().read()).isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(events, StreamRefused.class).reason())
                .isEqualTo("maxStreamsPerPeer");
        first.reset();
    }

    @Test
    void whoeverStopsIsGivenUpInTime() throws Exception {
        ManualClock clock = new ManualClock();
        Perf.Limits limits = new Perf.Limits(1, 1_000, Duration.ofSeconds(7));
        Host bob = hosts.start(hosts.builder().timer(clock).behaviour(Perf.server(limits)));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        // It agrees when it waits for the header, so that its time has begun.
        Stream stream =
                hosts.start(hosts.builder())
                        .connect(MemoryHosts.addressOf(bob))
                        .openStream("/no/1", Perf.PROTOCOL);
        stream.outputStream().write(header(1));
        clock.advance(Duration.ofSeconds(7));
        assertThatThrownBy(() -> stream.inputStream().read())
                .isInstanceOf(StreamResetException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                .isInstanceOfSatisfying(
                        PerfException.class, e -> assertThat(e.code()).isEqualTo(Code.TIMEOUT));
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpInTime() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Host mallory =
                mallory(stream -> {
                    stream.inputStream().readAllBytes();
                    asked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        ManualClock clock = new ManualClock();
        Perf perf = client(mallory, hosts.builder().timer(clock));
        FutureTask<PerfResult> running =
                new FutureTask<>(() -> perf.run(mallory.peerId(), 1, 1, Duration.ofSeconds(7)));
        Thread.ofVirtual().start(running);
        asked.await();
        clock.advance(Duration.ofSeconds(7));
        assertThatThrownBy(running::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        PerfException.class, e -> assertThat(e.code()).isEqualTo(Code.TIMEOUT));
    }

    @Test
    void anotherNumberOfBytesIsNoMeasurement() throws Exception {
        for (int sent : new int[] {0, 4, 6, 10_000_000}) {
            Host mallory =
                    mallory(stream -> {
                        stream.inputStream().readAllBytes();
                        stream.outputStream().write(new byte[sent]);
                    });
            Perf perf = client(mallory);
            assertCode(() -> perf.run(mallory.peerId(), 10, 5, LONG), Code.WRONG_LENGTH);
        }
    }

    @Test
    void whoeverSendsWithoutEndIsNotListenedTo() throws Exception {
        Host mallory =
                mallory(stream -> {
                    byte[] more = new byte[10_000];
                    while (stream.connection().isOpen()) {
                        stream.write(more, 0, more.length);
                    }
                });
        Perf perf = client(mallory);
        assertCode(() -> perf.run(mallory.peerId(), 10, 5, LONG), Code.WRONG_LENGTH);
    }

    @Test
    void aHeaderThatIsCutOffIsAFailure() throws Exception {
        Host bob = serve(Perf.Limits.defaults());
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Stream stream = open(bob);
        stream.outputStream().write(new byte[7]);
        stream.closeWrite();
        assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(IOException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                .isInstanceOf(java.io.EOFException.class);
    }

    @Test
    void limitsAndNumbersThatAreNoneAreRefused() throws Exception {
        assertThatThrownBy(() -> new Perf.Limits(0, 1, LONG))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Perf.Limits(1, -1, LONG))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Perf.Limits(1, 1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        Perf perf = client(serve(Perf.Limits.defaults()));
        assertThatThrownBy(() -> perf.run(MemoryHosts.key().publicKey().peerId(), -1, 0, LONG))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> Perf.client().run(MemoryHosts.key().publicKey().peerId(), 1, 0, LONG))
                .isInstanceOf(IllegalStateException.class);
    }
}
