package org.tutti.libp2p.muxer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.muxer.MuxerException.Code;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// What every stream muxer must do, over whatever connection. Alice dialled Bob.
@Timeout(60)
public abstract class MuxerContract {
    protected MuxedConnection alice;
    protected MuxedConnection bob;

    /// Two ends of a fresh connection, the dialer's first.
    protected abstract List<MuxedConnection> connect() throws Exception;

    @BeforeEach
    void open() throws Exception {
        List<MuxedConnection> ends = connect();
        alice = ends.getFirst();
        bob = ends.getLast();
    }

    @AfterEach
    void close() {
        alice.close();
        bob.close();
    }

    @Test
    void bothSidesOpenStreamsAndSpeakFirst() throws Exception {
        for (List<MuxedConnection> ends : List.of(List.of(alice, bob), List.of(bob, alice))) {
            MuxedStream opened = ends.getFirst().openStream();
            opened.write(new byte[] {1, 2, 3}, 0, 3);
            MuxedStream accepted = ends.getLast().acceptStream();
            assertThat(accepted.isInbound()).isTrue();
            assertThat(opened.isInbound()).isFalse();
            assertThat(accepted.id()).isEqualTo(opened.id());
            assertThat(readFully(accepted, 3)).containsExactly(1, 2, 3);
            accepted.write(new byte[] {4}, 0, 1);
            assertThat(readFully(opened, 1)).containsExactly(4);
        }
    }

    @Test
    void aPingIsAnsweredWithoutAnybodysHelpAndMeasuresTheRoundTrip() throws Exception {
        assertThat(alice.roundTripTime()).isEmpty();
        long before = alice.bytesReceived();
        alice.ping();
        while (alice.roundTripTime().isEmpty()) {
            Thread.sleep(1);
        }
        assertThat(alice.roundTripTime().get()).isPositive();
        assertThat(alice.bytesReceived()).isGreaterThan(before);
        assertThat(bob.bytesReceived()).isPositive();
    }

    @Test
    void anAbandonedConnectionSaysWhyItEnded() {
        bob.abandon("no sign of life");
        assertThatThrownBy(bob::acceptStream)
                .isInstanceOfSatisfying(
                        MuxerException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.KEEP_ALIVE_TIMEOUT))
                .hasMessageContaining("no sign of life");
        assertThatThrownBy(alice::acceptStream).isInstanceOf(MuxerException.class);
    }

    @Test
    void aSideThatOpensAStreamMayWaitForTheOtherToSpeak() throws Exception {
        MuxedStream opened = alice.openStream();
        FutureTask<byte[]> reading = async(() -> readFully(opened, 1));
        bob.acceptStream().write(new byte[] {9}, 0, 1);
        assertThat(reading.get()).containsExactly(9);
    }

    @Test
    void megabytesInBothDirectionsAtOnceArriveUnchanged() throws Exception {
        byte[] there = random(1, 4_000_000);
        byte[] back = random(2, 3_000_000);
        MuxedStream a = alice.openStream();
        FutureTask<?> writingThere = async(() -> writeAndEnd(a, there));
        MuxedStream b = bob.acceptStream();
        FutureTask<?> writingBack = async(() -> writeAndEnd(b, back));
        FutureTask<byte[]> readingThere = async(() -> readToEnd(b));
        assertThat(Arrays.equals(readToEnd(a), back)).isTrue();
        assertThat(Arrays.equals(readingThere.get(), there)).isTrue();
        writingThere.get();
        writingBack.get();
        awaitStreamCount(0);
    }

    @Test
    void theLastBytesAreTheEndOfOneDirectionOnly() throws Exception {
        byte[] there = random(3, 700_000);
        MuxedStream a = alice.openStream();
        FutureTask<?> writing =
                async(() -> {
                    a.writeLast(there, 0, there.length);
                    return null;
                });
        MuxedStream b = bob.acceptStream();
        assertThat(Arrays.equals(readToEnd(b), there)).isTrue();
        writing.get();
        assertThatThrownBy(() -> a.write(there, 0, 1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> a.writeLast(there, 0, 1)).isInstanceOf(IOException.class);
        a.closeWrite();
        b.writeLast(there, 0, 0);
        assertThat(readToEnd(a)).isEmpty();
        awaitStreamCount(0);
    }

    @Test
    void manyStreamsAtOnceDoNotMix() throws Exception {
        int count = 100;
        FutureTask<?> echoing =
                async(() -> {
                    List<FutureTask<?>> echoes = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        MuxedStream stream = bob.acceptStream();
                        echoes.add(async(() -> writeAndEnd(stream, readToEnd(stream))));
                    }
                    for (FutureTask<?> echo : echoes) {
                        echo.get();
                    }
                    return null;
                });
        List<FutureTask<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] data = random(i, 1 + i * 997);
            all.add(
                    async(() -> {
                        MuxedStream stream = alice.openStream();
                        writeAndEnd(stream, data);
                        return Arrays.equals(readToEnd(stream), data);
                    }));
        }
        for (FutureTask<Boolean> one : all) {
            assertThat(one.get()).isTrue();
        }
        echoing.get();
        awaitStreamCount(0);
    }

    @Test
    void oneSideMayEndAndStillRead() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        a.closeWrite();
        a.closeWrite();
        MuxedStream b = bob.acceptStream();
        assertThat(readToEnd(b)).containsExactly(1);
        assertThat(b.read(new byte[1], 0, 1)).as("the end stays").isEqualTo(-1);
        b.write(new byte[] {2}, 0, 1);
        b.closeWrite();
        assertThat(readToEnd(a)).containsExactly(2);
        assertThatThrownBy(() -> a.write(new byte[1], 0, 1)).isInstanceOf(IOException.class);
    }

    @Test
    void aStreamThatNobodyReadsStopsItsWriterAndNoOther() throws Exception {
        MuxedStream stuck = alice.openStream();
        stuck.setWriteTimeout(Duration.ofMillis(200));
        assertThatThrownBy(() -> stuck.write(new byte[30_000_000], 0, 30_000_000))
                .isInstanceOf(SocketTimeoutException.class);
        bob.acceptStream();
        MuxedStream free = alice.openStream();
        free.write(new byte[] {7}, 0, 1);
        assertThat(readFully(bob.acceptStream(), 1)).containsExactly(7);
    }

    @Test
    void aReadEndsByItsDeadlineAndMayBeTriedAgain() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        a.setReadTimeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> a.read(new byte[1], 0, 1))
                .isInstanceOf(SocketTimeoutException.class);
        a.setReadTimeout(Duration.ZERO);
        bob.acceptStream().write(new byte[] {5}, 0, 1);
        assertThat(readFully(a, 1)).containsExactly(5);
    }

    @Test
    void aResetReachesBothSidesAndOnlyThisStream() throws Exception {
        MuxedStream a = alice.openStream();
        MuxedStream other = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        MuxedStream b = bob.acceptStream();
        readFully(b, 1);
        FutureTask<Integer> reading = async(() -> b.read(new byte[1], 0, 1));
        a.reset();
        a.reset();
        assertThatThrownBy(() -> get(reading))
                .isInstanceOfSatisfying(
                        StreamResetException.class, e -> assertThat(e.byRemote()).isTrue());
        assertThatThrownBy(() -> b.write(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        assertThatThrownBy(() -> a.read(new byte[1], 0, 1))
                .isInstanceOfSatisfying(
                        StreamResetException.class, e -> assertThat(e.byRemote()).isFalse());
        other.write(new byte[] {3}, 0, 1);
        assertThat(readFully(bob.acceptStream(), 1)).containsExactly(3);
    }

    @Test
    void aResetWakesABlockedWriter() throws Exception {
        MuxedStream a = alice.openStream();
        FutureTask<?> writing = async(() -> writeAndEnd(a, new byte[30_000_000]));
        bob.acceptStream().reset();
        assertThatThrownBy(() -> get(writing)).isInstanceOf(StreamResetException.class);
    }

    @Test
    void aReaderWhoStoppedDoesNotStopTheWriter() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[10], 0, 10);
        MuxedStream b = bob.acceptStream();
        b.closeRead();
        assertThat(b.read(new byte[1], 0, 1)).isEqualTo(-1);
        b.write(new byte[] {6}, 0, 1);
        a.write(new byte[1000], 0, 1000);
        assertThat(readFully(a, 1)).containsExactly(6);
    }

    @Test
    void closingTheConnectionWakesEverybodyAndSaysWhy() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        MuxedStream b = bob.acceptStream();
        readFully(b, 1);
        FutureTask<?> accepting = async(() -> bob.acceptStream());
        FutureTask<?> reading = async(() -> b.read(new byte[1], 0, 1));
        FutureTask<?> writing = async(() -> writeAndEnd(b, new byte[30_000_000]));
        alice.close();
        alice.close();
        for (FutureTask<?> one : List.of(accepting, reading, writing)) {
            assertThatThrownBy(() -> get(one))
                    .isInstanceOfSatisfying(
                            MuxerException.class,
                            e ->
                                    assertThat(e.code())
                                            .isIn(
                                                    Code.GO_AWAY,
                                                    Code.REMOTE_CLOSED,
                                                    Code.TRANSPORT_FAILED));
        }
        assertThatThrownBy(() -> alice.openStream())
                .isInstanceOfSatisfying(
                        MuxerException.class, e -> assertThat(e.code()).isEqualTo(Code.CLOSED));
        assertThat(alice.closeReason()).map(MuxerException::code).contains(Code.CLOSED);
        assertThat(bob.closeReason()).isPresent();
        assertThat(alice.streamCount()).isZero();
    }

    @Test
    void whatArrivedBeforeTheEndOfTheConnectionCanStillBeRead() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1, 2}, 0, 2);
        a.closeWrite();
        MuxedStream b = bob.acceptStream();
        assertThat(readFully(b, 1)).containsExactly(1);
        alice.close();
        assertThatThrownBy(() -> bob.acceptStream()).isInstanceOf(MuxerException.class);
        assertThat(readFully(b, 1)).containsExactly(2);
    }

    @Test
    void anInterruptedReaderStopsAndTheConnectionLives() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        FutureTask<Integer> reading = new FutureTask<>(() -> a.read(new byte[1], 0, 1));
        Thread reader = Thread.ofVirtual().start(reading);
        reader.interrupt();
        assertThatThrownBy(() -> get(reading)).isInstanceOf(IOException.class);
        bob.acceptStream().write(new byte[] {4}, 0, 1);
        assertThat(readFully(a, 1)).containsExactly(4);
    }

    @Test
    void eitherSideMayEndItsDirectionFirst() throws Exception {
        for (boolean openerEnds : new boolean[] {true, false}) {
            MuxedStream opened = alice.openStream();
            opened.write(new byte[] {1}, 0, 1);
            MuxedStream accepted = bob.acceptStream();
            readFully(accepted, 1);
            MuxedStream first = openerEnds ? opened : accepted;
            MuxedStream second = openerEnds ? accepted : opened;
            first.closeWrite();
            assertThat(second.read(new byte[1], 0, 1)).isEqualTo(-1);
            second.write(new byte[] {2, 3}, 0, 2);
            second.closeWrite();
            assertThat(readToEnd(first)).containsExactly(2, 3);
        }
        awaitStreamCount(0);
    }

    @Test
    void whatWasSaidBeforeAStreamIsAcceptedIsKept() throws Exception {
        for (int i = 0; i < 20; i++) {
            writeAndEnd(alice.openStream(), new byte[] {(byte) i, 2, 3});
        }
        for (int i = 0; i < 20; i++) {
            assertThat(readToEnd(bob.acceptStream())).containsExactly(i, 2, 3);
        }
    }

    @Test
    void aStreamThatIsResetBeforeItIsAcceptedHurtsNobody() throws Exception {
        MuxedStream gone = alice.openStream();
        gone.write(new byte[] {1}, 0, 1);
        gone.reset();
        writeAndEnd(alice.openStream(), new byte[] {2});
        MuxedStream next = bob.acceptStream();
        if (next.id() == gone.id()) {
            assertThatThrownBy(() -> readToEnd(next)).isInstanceOf(StreamResetException.class);
            assertThat(readToEnd(bob.acceptStream())).containsExactly(2);
        } else {
            assertThat(readToEnd(next)).containsExactly(2);
        }
    }

    @Test
    void theSideThatAcceptedMayReset() throws Exception {
        MuxedStream a = alice.openStream();
        a.write(new byte[] {1}, 0, 1);
        bob.acceptStream().reset();
        assertThatThrownBy(() -> readToEnd(a))
                .isInstanceOfSatisfying(
                        StreamResetException.class, e -> assertThat(e.byRemote()).isTrue());
        awaitStreamCount(0);
    }

    @Test
    void closingStreamsWithUnreadDataHurtsNoOther() throws Exception {
        byte[] data = random(9, 100_000);
        // So many that what stays behind of each would be noticed.
        for (int i = 0; i < 50; i++) {
            MuxedStream a = alice.openStream();
            FutureTask<Void> writing = async(() -> writeAndEnd(a, data));
            MuxedStream b = bob.acceptStream();
            readFully(b, 1);
            b.close();
            get(writing);
            assertThat(readToEnd(a)).isEmpty();
        }
        MuxedStream a = alice.openStream();
        FutureTask<Void> writing = async(() -> writeAndEnd(a, data));
        assertThat(Arrays.equals(readToEnd(bob.acceptStream()), data)).isTrue();
        get(writing);
    }

    @Test
    void bothSidesOpenManyAtOnce() throws Exception {
        int count = 50;
        List<FutureTask<Boolean>> all = new ArrayList<>();
        for (List<MuxedConnection> ends : List.of(List.of(alice, bob), List.of(bob, alice))) {
            all.add(
                    async(() -> {
                        for (int i = 0; i < count; i++) {
                            writeAndEnd(ends.getFirst().openStream(), random(i, 1_000));
                        }
                        return true;
                    }));
            all.add(
                    async(() -> {
                        for (int i = 0; i < count; i++) {
                            MuxedStream stream = ends.getLast().acceptStream();
                            byte[] read = readToEnd(stream);
                            stream.close();
                            if (!Arrays.equals(read, random(i, 1_000))) {
                                return false;
                            }
                        }
                        return true;
                    }));
        }
        for (FutureTask<Boolean> one : all) {
            assertThat(get(one)).isTrue();
        }
    }

    @Test
    void manyLargeWritesAtOnceWaitForTheirReaders() throws Exception {
        int count = 6;
        List<FutureTask<Void>> writing = new ArrayList<>();
        List<MuxedStream> accepted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MuxedStream a = alice.openStream();
            byte[] data = random(i, 1_500_000);
            a.write(data, 0, 1);
            accepted.add(bob.acceptStream());
            writing.add(
                    async(() -> {
                        a.write(data, 1, data.length - 1);
                        a.closeWrite();
                        return null;
                    }));
        }
        // The last one first: none waits for another's reader.
        for (int i = count - 1; i >= 0; i--) {
            assertThat(Arrays.equals(readToEnd(accepted.get(i)), random(i, 1_500_000))).isTrue();
        }
        for (FutureTask<Void> one : writing) {
            get(one);
        }
    }

    @Test
    void afterTheEndNobodyOpensAStream() throws Exception {
        FutureTask<MuxedStream> accepting = async(() -> bob.acceptStream());
        alice.close();
        assertThatThrownBy(() -> get(accepting)).isInstanceOf(MuxerException.class);
        assertThatThrownBy(() -> alice.openStream()).isInstanceOf(MuxerException.class);
        assertThatThrownBy(() -> bob.openStream()).isInstanceOf(MuxerException.class);
        assertThatThrownBy(() -> alice.acceptStream()).isInstanceOf(MuxerException.class);
        assertThat(alice.isOpen()).isFalse();
        assertThat(bob.isOpen()).isFalse();
    }

    // Helpers.

    private void awaitStreamCount(int count) {
        // The last frames of a stream may still be on their way when both applications are done.
        while (alice.streamCount() != count || bob.streamCount() != count) {
            Thread.onSpinWait();
        }
    }

    protected static byte[] random(long seed, int length) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }

    protected static Void writeAndEnd(MuxedStream stream, byte[] data) throws IOException {
        stream.write(data, 0, data.length);
        stream.closeWrite();
        return null;
    }

    protected static byte[] readFully(MuxedStream stream, int length) throws IOException {
        byte[] data = new byte[length];
        org.tutti.libp2p.io.Frames.readFully(stream, data, 0, length);
        return data;
    }

    protected static byte[] readToEnd(MuxedStream stream) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        byte[] buffer = new byte[20_000];
        for (int n = stream.read(buffer, 0, buffer.length); n >= 0; ) {
            all.write(buffer, 0, n);
            n = stream.read(buffer, 0, buffer.length);
        }
        return all.toByteArray();
    }

    protected static <T> FutureTask<T> async(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    protected static <T> T get(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }
}
