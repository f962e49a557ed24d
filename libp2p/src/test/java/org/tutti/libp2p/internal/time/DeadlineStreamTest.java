package org.tutti.libp2p.internal.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.ReadTimeoutContract;

import java.net.SocketTimeoutException;
import java.time.Duration;

class DeadlineStreamTest extends ReadTimeoutContract {
    private static final long SECOND = 1_000_000_000;

    private final Pipe drip = new Pipe(100);
    private long now;
    private final DeadlineStream stream = new DeadlineStream(drip.dialer(), () -> now);

    @Override
    protected Ends open() {
        Pipe pipe = new Pipe(1000);
        DeadlineStream alice = new DeadlineStream(pipe.dialer(), System::nanoTime);
        return new Ends(alice, pipe.listener(), pipe.listener()::close, pipe.dialer()::close);
    }

    private void arrives(int count) throws Exception {
        drip.listener().write(new byte[count], 0, count);
    }

    private int read() throws Exception {
        return stream.read(new byte[1], 0, 1);
    }

    @Test
    void readsTogetherEndAtTheDeadlineThoughEachFindsBytes() throws Exception {
        arrives(10);
        stream.start(3 * SECOND);
        for (int i = 0; i < 3; i++) {
            assertThat(read()).isEqualTo(1);
            now += SECOND;
        }
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void theFirstReadIsTriedHoweverShortTheTime() throws Exception {
        arrives(2);
        stream.start(1);
        now += SECOND;
        assertThat(read()).isEqualTo(1);
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void afterReleaseReadsGoOnWithoutTheDeadline() throws Exception {
        arrives(2);
        stream.start(SECOND);
        assertThat(read()).isEqualTo(1);
        now += 2 * SECOND;
        stream.release();
        assertThat(read()).isEqualTo(1);
    }

    @Test
    void aReleasedStreamKeepsTheLimitForEachRead() {
        stream.setReadTimeout(Duration.ofMillis(1));
        stream.start(SECOND);
        stream.release();
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void theShorterOfDeadlineAndLimitCounts() {
        stream.setReadTimeout(Duration.ofMillis(1));
        stream.start(3600 * SECOND);
        assertThatThrownBy(this::read).isInstanceOf(SocketTimeoutException.class);
    }
}
