package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class PendingFramesTest {
    private static final Header PING = new Header(Header.PING, Header.SYN, 0, 7);

    private final PendingFrames frames = new PendingFrames();

    private static byte[] encoded(Header header) {
        byte[] bytes = new byte[Header.SIZE];
        header.encode(bytes, 0);
        return bytes;
    }

    @Test
    void framesAreTakenInTheOrderInWhichTheyWereAdded() {
        byte[] payload = {0, 1, 2, 3};
        Header data = new Header(Header.DATA, 0, 1, 3);
        frames.add(PING);
        frames.add(data, payload, 1);
        byte[] taken = frames.bytes();
        int length = frames.take();
        assertThat(length).isEqualTo(2 * Header.SIZE + 3);
        assertThat(Arrays.copyOf(taken, Header.SIZE)).isEqualTo(encoded(PING));
        assertThat(Arrays.copyOfRange(taken, Header.SIZE, 2 * Header.SIZE))
                .isEqualTo(encoded(data));
        assertThat(Arrays.copyOfRange(taken, 2 * Header.SIZE, length)).containsExactly(1, 2, 3);
        assertThat(frames.isEmpty()).isTrue();
    }

    @Test
    void framesAddedWhileOthersAreTakenDoNotTouchThem() {
        frames.add(PING);
        byte[] taken = frames.bytes();
        int length = frames.take();
        Header window = new Header(Header.WINDOW_UPDATE, 0, 3, 9);
        frames.add(window);
        assertThat(Arrays.copyOf(taken, length)).isEqualTo(encoded(PING));
        frames.giveBack(taken, length);
        assertThat(frames.length()).isEqualTo(Header.SIZE);
        assertThat(Arrays.copyOf(frames.bytes(), Header.SIZE)).isEqualTo(encoded(window));
    }

    @Test
    void aLargeFrameFitsAndItsBufferIsNotKept() {
        Header data = new Header(Header.DATA, 0, 1, 60_000);
        frames.add(PING);
        frames.add(data, new byte[60_000], 0);
        byte[] large = frames.bytes();
        int length = frames.take();
        assertThat(length).isEqualTo(2 * Header.SIZE + 60_000);
        frames.giveBack(large, length);
        frames.take();
        frames.add(PING);
        frames.giveBack(frames.bytes(), frames.take());
        frames.add(PING);
        assertThat(frames.bytes()).isNotSameAs(large);
    }

    @Test
    void clearedFramesAreGone() {
        frames.add(PING);
        frames.clear();
        assertThat(frames.isEmpty()).isTrue();
        assertThat(frames.take()).isZero();
    }
}
