package org.tutti.libp2p.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.FutureTask;

/// What `ByteStream.setReadTimeout` must do on every stream. Alice reads, Bob writes.
@Timeout(60)
public abstract class ReadTimeoutContract {
    private static final Duration SHORT = Duration.ofMillis(5);

    /// Two ends of one stream.
    ///
    /// @param end what Bob does to end his direction
    /// @param close closes everything
    public record Ends(ByteStream alice, ByteStream bob, Action end, Action close) {}

    /// Something that may fail.
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    private Ends ends;
    private ByteStream alice;

    /// Two ends of a fresh stream, on which nothing was read or written yet.
    protected abstract Ends open() throws Exception;

    @BeforeEach
    void openStream() throws Exception {
        ends = open();
        alice = ends.alice();
    }

    @AfterEach
    void closeStream() throws Exception {
        ends.close().run();
    }

    private void bobWrites(int... values) throws Exception {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        ends.bob().write(bytes, 0, bytes.length);
    }

    private int aliceReads() throws Exception {
        byte[] one = new byte[1];
        return alice.read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Test
    void aReadThatFindsNothingEndsAtTheLimit() {
        alice.setReadTimeout(SHORT);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void theLimitCountsForEachReadAnew() {
        alice.setReadTimeout(SHORT);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void readingGoesOnAfterATimeoutAndNothingIsLost() throws Exception {
        alice.setReadTimeout(SHORT);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
        alice.setReadTimeout(Duration.ofMinutes(1));
        bobWrites(7, 8);
        assertThat(aliceReads()).isEqualTo(7);
        assertThat(aliceReads()).isEqualTo(8);
        alice.setReadTimeout(SHORT);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
        alice.setReadTimeout(Duration.ofMinutes(1));
        bobWrites(9);
        assertThat(aliceReads()).isEqualTo(9);
    }

    @Test
    void zeroTakesTheLimitAway() throws Exception {
        alice.setReadTimeout(SHORT);
        assertThatThrownBy(this::aliceReads).isInstanceOf(SocketTimeoutException.class);
        alice.setReadTimeout(Duration.ZERO);
        FutureTask<Integer> reading = new FutureTask<>(this::aliceReads);
        Thread reader = Thread.ofVirtual().start(reading);
        while (reader.getState() == Thread.State.NEW) {
            Thread.onSpinWait();
        }
        bobWrites(5);
        assertThat(reading.get()).isEqualTo(5);
    }

    @Test
    void aReadThatFindsBytesDoesNotMindTheShortestLimit() throws Exception {
        bobWrites(1, 2, 3);
        // The other two have arrived with it.
        assertThat(aliceReads()).isEqualTo(1);
        alice.setReadTimeout(Duration.ofNanos(1));
        assertThat(aliceReads()).isEqualTo(2);
        assertThat(aliceReads()).isEqualTo(3);
    }

    @Test
    void theEndOfTheStreamIsNotATimeout() throws Exception {
        bobWrites(1);
        ends.end().run();
        alice.setReadTimeout(Duration.ofMinutes(1));
        assertThat(aliceReads()).isEqualTo(1);
        assertThat(aliceReads()).isEqualTo(-1);
    }

    @Test
    void aLimitLongerThanTimeItselfIsForEver() throws Exception {
        alice.setReadTimeout(Duration.ofSeconds(Long.MAX_VALUE));
        bobWrites(1);
        assertThat(aliceReads()).isEqualTo(1);
    }

    @Test
    void aNegativeLimitIsRefused() {
        assertThatThrownBy(() -> alice.setReadTimeout(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedStreamTakesALimitWithoutComplaint() throws Exception {
        ends.close().run();
        alice.setReadTimeout(SHORT);
        alice.setReadTimeout(Duration.ZERO);
    }
}
