package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.security.Plain;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Mallory writes frames by hand to Alice, whose application does not read, or not soon.
@Timeout(30)
class YamuxMemoryTest {
    private static final int LARGE = 65_536;
    private static final int ROOM = 3 * LARGE;
    private static final long INPUT_BUFFER = InputBuffer.MAX_CAPACITY;
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Pipe pipe = new Pipe(LARGE);
    private final RawConnection mallory = pipe.dialer();
    private final FakeMemory memory = new FakeMemory(ROOM);

    private MuxedConnection alice(Duration memoryTimeout) {
        return new YamuxMuxer(YamuxConfig.builder().memoryTimeout(memoryTimeout).build())
                .open(new Plain(pipe.listener()), false, memory);
    }

    private void send(Header header) throws IOException {
        byte[] frame = new byte[Header.SIZE];
        header.encode(frame, 0);
        mallory.write(frame, 0, frame.length);
    }

    private void sendData(int stream, int flags, int length) throws IOException {
        send(new Header(Header.DATA, flags, stream, length));
        mallory.write(new byte[length], 0, length);
    }

    private Header receive() throws IOException {
        byte[] frame = new byte[Header.SIZE];
        Frames.readFully(mallory, frame, 0, frame.length);
        return Header.decode(frame, 0);
    }

    /// Then alice has read everything that was sent before.
    private void awaitAnswer() throws IOException {
        send(new Header(Header.PING, Header.SYN, 0, 7));
        Header answer = receive();
        while (answer.type() != Header.PING) {
            answer = receive();
        }
        assertThat(answer.length()).isEqualTo(7);
    }

    @Test
    void theStreamThatHoldsMostIsResetWhereNobodyReads() throws Exception {
        try (MuxedConnection alice = alice(Duration.ofMillis(1))) {
            sendData(1, Header.SYN, LARGE);
            sendData(3, Header.SYN, 100);
            MuxedStream fullest = alice.acceptStream();
            MuxedStream other = alice.acceptStream();
            sendData(1, 0, LARGE);
            sendData(3, 0, LARGE);
            assertThat(receive()).isEqualTo(new Header(Header.WINDOW_UPDATE, Header.RST, 1, 0));
            assertThatThrownBy(() -> fullest.read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class)
                    .hasMessageContaining("receiveMemory");
            Frames.readFully(other, new byte[LARGE + 100], 0, LARGE + 100);
            memory.refusals.await();
            awaitAnswer();
        }
        assertThat(memory.used()).isZero();
    }

    @Test
    void anApplicationThatReadsLateGetsEverything() throws Exception {
        try (MuxedConnection alice = alice(LONG)) {
            int streams = 10;
            Thread sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    for (int i = 0; i < streams; i++) {
                                        sendData(2 * i + 1, Header.SYN, LARGE);
                                    }
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            for (int i = 0; i < streams; i++) {
                MuxedStream stream = alice.acceptStream();
                Frames.readFully(stream, new byte[LARGE], 0, LARGE);
                assertThat(memory.used()).isLessThanOrEqualTo(ROOM);
            }
            sender.join();
        }
    }

    /// What waits to be written may be what our own application sends.
    @Test
    void anAnswerWaitsForMemoryAndTheConnectionLives() throws Exception {
        try (MuxedConnection alice = alice(LONG)) {
            MuxedStream stream = twoStreamsThatWriteMuch(alice);
            memory.full(true);
            int pings = pingsUntilMemoryIsAsked();
            memory.full(false);
            Frames.readFully(stream, new byte[LARGE], 0, LARGE);
            for (int answered = 0; answered < pings; ) {
                Header header = receive();
                answered += header.type() == Header.PING ? 1 : 0;
                Frames.readFully(mallory, new byte[dataOf(header)], 0, dataOf(header));
            }
            assertThat(alice.isOpen()).isTrue();
        }
    }

    /// Mallory has sent on both; what Alice's application writes fills the pipe, and more waits.
    ///
    /// @return the one that holds most
    private MuxedStream twoStreamsThatWriteMuch(MuxedConnection alice) throws IOException {
        sendData(1, Header.SYN, LARGE);
        sendData(3, Header.SYN, 1);
        MuxedStream fullest = alice.acceptStream();
        MuxedStream other = alice.acceptStream();
        awaitAnswer();
        writeMuch(fullest);
        writeMuch(other);
        return fullest;
    }

    /// Seldom enough to be no flood.
    ///
    /// @return how many
    private int pingsUntilMemoryIsAsked() throws IOException, InterruptedException {
        int pings = 0;
        do {
            send(new Header(Header.PING, Header.SYN, 0, 7));
            pings++;
        } while (!memory.asked.await(40, TimeUnit.MILLISECONDS));
        return pings;
    }

    private static int dataOf(Header header) {
        return header.type() == Header.DATA ? header.length() : 0;
    }

    /// More than the pipe takes, so that more waits to be written.
    private static void writeMuch(MuxedStream stream) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        stream.write(new byte[3 * LARGE], 0, 3 * LARGE);
                    } catch (IOException e) {
                        // The connection is closed.
                    }
                });
    }

    @Test
    void anAnswerForWhichThereIsNeverMemoryCostsTheFullestStreamAndThenTheConnection()
            throws Exception {
        MuxedConnection alice = alice(Duration.ofMillis(1));
        MuxedStream stream = twoStreamsThatWriteMuch(alice);
        memory.full(true);
        // What asks first may be what the application writes: that may wait as long as it likes.
        Thread pinger = Thread.ofVirtual().start(this::pingUntilClosed);
        assertThatThrownBy(alice::acceptStream)
                .isInstanceOfSatisfying(
                        MuxerException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.RECEIVE_MEMORY));
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(IOException.class);
        memory.refusals.await();
        pinger.join();
    }

    private void pingUntilClosed() {
        try {
            while (true) {
                send(new Header(Header.PING, Header.SYN, 0, 7));
                Thread.sleep(40); // Seldom enough to be no flood.
            }
        } catch (IOException e) {
            // It is closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void othersThatNeedMemoryCanHaveWhatAnIdleConnectionHolds() throws Exception {
        try (MuxedConnection alice = alice(LONG)) {
            sendData(1, Header.SYN | Header.FIN, LARGE);
            MuxedStream ended = alice.acceptStream();
            // The engine knows nothing of it any more.
            ended.closeWrite();
            awaitAnswer();
            assertThat(memory.used()).isGreaterThan(INPUT_BUFFER);
            Objects.requireNonNull(memory.holder).shed();
            memory.refusals.await();
            assertThat(memory.used()).isLessThan(INPUT_BUFFER);
            assertThatThrownBy(() -> ended.read(new byte[1], 0, 1))
                    .isInstanceOf(StreamResetException.class);
            assertThat(alice.isOpen()).isTrue();
        }
    }

    @Test
    void aConnectionWhoseBuffersHoldTheMemoryIsClosed() throws Exception {
        MuxedConnection alice = alice(LONG);
        assertThat(memory.reserve(LARGE + 1, FakeMemory.Priority.NEEDED)).isTrue();
        Objects.requireNonNull(memory.holder).shed();
        assertThat(receive()).isEqualTo(new Header(Header.GO_AWAY, 0, 0, Header.INTERNAL_ERROR));
        memory.refusals.await();
        assertThat(alice.closeReason()).map(MuxerException::code).contains(Code.RECEIVE_MEMORY);
    }

    @Test
    void windowsThatHaveGrownAreGivenBackWhenTheConnectionEnds() throws Exception {
        FakeMemory plenty = new FakeMemory(1 << 30);
        // Its time stands still: every window is used up within a round trip.
        MuxedConnection alice =
                new YamuxMuxer(YamuxConfig.defaults(), Thread.ofVirtual().factory(), () -> 0L)
                        .open(new Plain(pipe.listener()), false, plenty);
        int window = YamuxConfig.INITIAL_WINDOW;
        sendData(1, Header.SYN, window);
        MuxedStream stream = alice.acceptStream();
        Frames.readFully(stream, new byte[window / 2], 0, window / 2);
        Header ping = receive();
        while (ping.type() != Header.PING) {
            ping = receive();
        }
        send(new Header(Header.PING, Header.ACK, 0, ping.length()));
        awaitAnswer();
        Frames.readFully(stream, new byte[window / 2], 0, window / 2);
        assertThat(plenty.used()).isGreaterThan(window);
        alice.close();
        assertThat(plenty.used()).isZero();
    }

    @Test
    void whatIsUnreadWhenTheConnectionEndsStillCounts() throws Exception {
        MuxedConnection alice = alice(LONG);
        sendData(1, Header.SYN, LARGE);
        MuxedStream stream = alice.acceptStream();
        awaitAnswer();
        alice.close();
        assertThat(memory.used()).isPositive();
        Frames.readFully(stream, new byte[LARGE], 0, LARGE);
        assertThat(memory.used()).isZero();
    }
}
