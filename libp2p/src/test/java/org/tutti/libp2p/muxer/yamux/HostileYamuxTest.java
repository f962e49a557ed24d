package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.security.Plain;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Mallory writes frames by hand to Alice, who listens.
@Timeout(30)
class HostileYamuxTest {
    private static final int WINDOW = YamuxConfig.INITIAL_WINDOW;

    private final Pipe pipe = new Pipe(1 << 20);
    private final RawConnection mallory = pipe.dialer();
    private final MuxedConnection alice = open(YamuxConfig.defaults());

    private MuxedConnection open(YamuxConfig config) {
        return new YamuxMuxer(config, Thread.ofVirtual().factory(), System::nanoTime)
                .open(new Plain(pipe.listener()), false);
    }

    @AfterEach
    void close() {
        alice.close();
    }

    @Test
    void anUnknownFrameTypeIsAnsweredWithGoAwayAndTheEnd() throws Exception {
        send(new Header(9, 0, 0, 0));
        assertThat(receive()).isEqualTo(new Header(Header.GO_AWAY, 0, 0, Header.PROTOCOL_ERROR));
        assertThatThrownBy(this::receive).isInstanceOf(EOFException.class);
        assertClosed(Code.PROTOCOL_VIOLATION);
    }

    @Test
    void anUnknownVersionEndsTheConnection() throws Exception {
        send(new Header(1, Header.PING, Header.SYN, 0, 0));
        assertClosed(Code.PROTOCOL_VIOLATION);
    }

    @Test
    void anEndWithinAFrameEndsTheConnection() throws Exception {
        send(new Header(Header.DATA, Header.SYN, 1, 100));
        mallory.write(new byte[10], 0, 10);
        mallory.close();
        assertClosed(Code.TRANSPORT_FAILED);
    }

    @Test
    void eachLimitThatResetsAStreamIsToldByItsName() throws Exception {
        // Some come before anybody listens.
        send(new Header(Header.DATA, Header.SYN, 1, WINDOW));
        mallory.write(new byte[WINDOW], 0, WINDOW);
        send(new Header(Header.DATA, 0, 1, 5));
        mallory.write(new byte[5], 0, 5);
        awaitPong(1);
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        alice.onStreamRefused(told::add);
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("yamux.receiveWindow");
        send(new Header(Header.WINDOW_UPDATE, Header.SYN | Header.FIN, 3, 0));
        send(new Header(Header.DATA, 0, 3, 5));
        mallory.write(new byte[5], 0, 5);
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("yamux.dataAfterEnd");
        for (int i = 0; i <= YamuxConfig.defaults().ackBacklog(); i++) {
            send(new Header(Header.WINDOW_UPDATE, Header.SYN, 2 * i + 5, 0));
        }
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("yamux.ackBacklog");
        awaitPong(2);
        assertThat(told).isEmpty();
    }

    @Test
    void whatNobodyListensToIsKeptUpToABound() throws Exception {
        int backlog = YamuxConfig.defaults().ackBacklog();
        for (int i = 0; i < backlog + 2 * YamuxConnection.MAX_UNTOLD; i++) {
            send(new Header(Header.WINDOW_UPDATE, Header.SYN, 2 * i + 1, 0));
        }
        awaitPong(3);
        List<String> told = new CopyOnWriteArrayList<>();
        alice.onStreamRefused(told::add);
        assertThat(told).hasSize(YamuxConnection.MAX_UNTOLD).containsOnly("yamux.ackBacklog");
    }

    private void awaitPong(int value) throws IOException {
        send(new Header(Header.PING, Header.SYN, 0, value));
        Header pong = new Header(Header.PING, Header.ACK, 0, value);
        while (!receive().equals(pong)) {
            // Resets come before it.
        }
    }

    @Test
    void dataOverTheWindowResetsTheStreamAndTheConnectionGoesOn() throws Exception {
        send(new Header(Header.DATA, Header.SYN, 1, WINDOW));
        mallory.write(new byte[WINDOW], 0, WINDOW);
        send(new Header(Header.DATA, 0, 1, 5));
        mallory.write(new byte[5], 0, 5);
        assertThat(receive()).isEqualTo(new Header(Header.WINDOW_UPDATE, Header.RST, 1, 0));
        send(new Header(Header.PING, Header.SYN, 0, 42));
        assertThat(receive()).isEqualTo(new Header(Header.PING, Header.ACK, 0, 42));
    }

    @Test
    void streamsAboveTheBacklogAreResetAtOnce() throws Exception {
        YamuxConfig config = YamuxConfig.defaults();
        for (int i = 0; i < config.ackBacklog() + 10; i++) {
            send(new Header(Header.WINDOW_UPDATE, Header.SYN, 2 * i + 1, 0));
        }
        for (int i = 0; i < 10; i++) {
            assertThat(receive())
                    .isEqualTo(
                            new Header(
                                    Header.WINDOW_UPDATE,
                                    Header.RST,
                                    2 * (config.ackBacklog() + i) + 1,
                                    0));
        }
        assertThat(alice.streamCount()).isEqualTo(config.ackBacklog());
    }

    @Test
    void aStreamThatIsResetBeforeItIsAcceptedIsNeverOffered() throws Exception {
        send(new Header(Header.WINDOW_UPDATE, Header.SYN, 1, 0));
        send(new Header(Header.WINDOW_UPDATE, Header.RST, 1, 7));
        send(new Header(Header.WINDOW_UPDATE, Header.SYN, 3, 0));
        send(new Header(Header.PING, Header.SYN, 0, 1));
        receive();
        assertThat(alice.acceptStream().id()).isEqualTo(3);
    }

    @Test
    void resetsWithErrorCodesGiveNoCredit() throws Exception {
        MuxedStream stream = alice.openStream();
        stream.write(new byte[1], 0, 1);
        receive();
        Frames.readFully(mallory, new byte[1], 0, 1);
        send(new Header(Header.WINDOW_UPDATE, Header.RST, 2, 0x5001));
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOfSatisfying(
                        org.tutti.libp2p.muxer.StreamResetException.class,
                        e -> assertThat(e.errorCode()).isEqualTo(0x5001));
    }

    @Test
    void aPingFloodEndsTheConnection() throws Exception {
        FutureTask<Void> flood =
                new FutureTask<>(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        send(new Header(Header.PING, Header.SYN, 0, i));
                    }
                    return null;
                });
        Thread.ofVirtual().start(flood);
        assertClosed(Code.FLOOD);
    }

    @Test
    void whoMakesUsAnswerAndNeverReadsIsThrownOut() throws Exception {
        Pipe narrow = new Pipe(100);
        try (MuxedConnection bob = new YamuxMuxer().open(new Plain(narrow.listener()), false)) {
            FutureTask<Void> flood =
                    new FutureTask<>(() -> {
                        // Each stream above the backlog makes bob answer with a reset.
                        for (int i = 0; i < 20_000; i++) {
                            byte[] frame = new byte[Header.SIZE];
                            new Header(Header.WINDOW_UPDATE, Header.SYN, 2 * i + 1, 0)
                                    .encode(frame, 0);
                            narrow.dialer().write(frame, 0, frame.length);
                        }
                        return null;
                    });
            Thread.ofVirtual().start(flood);
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    bob.acceptStream();
                                }
                            })
                    .isInstanceOf(MuxerException.class);
            assertThat(bob.closeReason()).map(MuxerException::code).contains(Code.FLOOD);
        }
    }

    @Test
    void aRemoteThatTakesNothingIsThrownOutByTheDeadline() throws Exception {
        Pipe narrow = new Pipe(100);
        YamuxConfig shortTimeouts =
                YamuxConfig.builder().writeTimeout(Duration.ofMillis(100)).build();
        try (MuxedConnection bob =
                new YamuxMuxer(shortTimeouts, Thread.ofVirtual().factory(), System::nanoTime)
                        .open(new Plain(narrow.listener()), false)) {
            MuxedStream stream = bob.openStream();
            assertThatThrownBy(() -> stream.write(new byte[10_000], 0, 10_000))
                    .isInstanceOf(MuxerException.class);
            assertThat(bob.closeReason()).map(MuxerException::code).contains(Code.WRITE_STALLED);
        }
    }

    @Test
    void aSilentRemoteIsPingedAndAbandonedWithoutAWord() throws Exception {
        Pipe silent = new Pipe(100);
        try (MuxedConnection bob = new YamuxMuxer().open(new Plain(silent.listener()), false)) {
            bob.ping();
            byte[] frame = new byte[Header.SIZE];
            Frames.readFully(silent.dialer(), frame, 0, frame.length);
            assertThat(Header.decode(frame, 0))
                    .isEqualTo(new Header(Header.PING, Header.SYN, 0, 1));
            assertThat(bob.bytesReceived()).isZero();
            bob.abandon("on purpose");
            assertThatThrownBy(bob::acceptStream)
                    .isInstanceOfSatisfying(
                            MuxerException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.KEEP_ALIVE_TIMEOUT))
                    .hasMessageContaining("on purpose");
            assertThat(silent.dialer().read(frame, 0, 1)).isEqualTo(-1);
        }
    }

    @Test
    void whateverArrivesIsCounted() throws Exception {
        send(new Header(Header.PING, Header.SYN, 0, 42));
        receive();
        assertThat(alice.bytesReceived()).isEqualTo(Header.SIZE);
    }

    @Test
    void ourStreamsAreBoundedToo() throws Exception {
        YamuxConfig config = YamuxConfig.defaults();
        for (int i = 0; i < config.maxStreams(); i++) {
            if (i % config.ackBacklog() == 0 && i > 0) {
                for (int k = i - config.ackBacklog(); k < i; k++) {
                    send(new Header(Header.WINDOW_UPDATE, Header.ACK, 2 * k + 2, 0));
                }
            }
            alice.openStream();
        }
        assertThatThrownBy(alice::openStream)
                .isInstanceOfSatisfying(
                        MuxerException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.TOO_MANY_STREAMS));
        assertThat(alice.closeReason()).isEmpty();
    }

    @Test
    void aLargeDataFrameIsTakenAsItComes() throws Exception {
        send(new Header(Header.DATA, Header.SYN | Header.FIN, 1, 200_000));
        byte[] data = new byte[200_000];
        new Random(5).nextBytes(data);
        mallory.write(data, 0, 100_000);
        MuxedStream stream = alice.acceptStream();
        byte[] received = new byte[data.length];
        Frames.readFully(stream, received, 0, 100_000);
        mallory.write(data, 100_000, 100_000);
        Frames.readFully(stream, received, 100_000, 100_000);
        assertThat(java.util.Arrays.equals(received, data)).isTrue();
        assertThat(stream.read(received, 0, 1)).isEqualTo(-1);
    }

    @Test
    void randomBytesEndTheConnectionWithATypedError() throws Exception {
        for (long seed = 0; seed < 300; seed++) {
            Pipe fresh = new Pipe(5000);
            try (MuxedConnection bob = new YamuxMuxer().open(new Plain(fresh.listener()), false)) {
                byte[] noise = new byte[2000];
                new Random(seed).nextBytes(noise);
                noise[0] = 0;
                noise[1] &= 3;
                fresh.dialer().write(noise, 0, noise.length);
                fresh.dialer().close();
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        bob.acceptStream();
                                    }
                                })
                        .as("seed %d", seed)
                        .isInstanceOf(MuxerException.class);
            }
        }
    }

    private void send(Header header) throws IOException {
        byte[] frame = new byte[Header.SIZE];
        header.encode(frame, 0);
        mallory.write(frame, 0, frame.length);
    }

    private Header receive() throws IOException {
        byte[] frame = new byte[Header.SIZE];
        Frames.readFully(mallory, frame, 0, frame.length);
        return Header.decode(frame, 0);
    }

    private void assertClosed(Code code) {
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                alice.acceptStream();
                            }
                        })
                .isInstanceOfSatisfying(
                        MuxerException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
