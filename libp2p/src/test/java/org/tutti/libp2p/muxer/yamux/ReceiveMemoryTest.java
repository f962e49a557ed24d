package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceiveMemoryTest {
    private static final long FREE = ReceiveMemory.FREE;

    private final FakeMemory scope = new FakeMemory(10_000);
    private final ReceiveMemory memory = new ReceiveMemory(scope);

    @Test
    void aSmallMessageIsFree() {
        assertThat(memory.hold(1, FREE)).isTrue();
        assertThat(scope.used()).isZero();
        assertThat(memory.hold(3, 1)).isTrue();
        assertThat(scope.used()).isEqualTo(1);
        memory.holdLess(1, 0);
        assertThat(scope.used()).isZero();
    }

    @Test
    void whatAWindowGrewByIsThereForItsBytes() {
        assertThat(memory.grow(1, 5_000)).isTrue();
        assertThat(scope.used()).isEqualTo(5_000 - FREE);
        assertThat(memory.spare()).isEqualTo(5_000);
        assertThat(memory.hold(1, 4_000)).isTrue();
        assertThat(scope.used()).isEqualTo(5_000 - FREE);
        assertThat(memory.spare()).isEqualTo(1_000);
        assertThat(memory.hold(1, 6_000)).isTrue();
        assertThat(scope.used()).isEqualTo(6_000 - FREE);
        assertThat(memory.spare()).isZero();
        memory.holdLess(1, 1_000);
        assertThat(scope.used()).isEqualTo(5_000 - FREE);
    }

    @Test
    void whatIsRefusedChangesNothing() {
        assertThat(memory.hold(1, 10_000)).isTrue();
        assertThat(memory.grow(3, 5_000)).isFalse();
        assertThat(memory.hold(3, 5_000)).isFalse();
        assertThat(memory.hold(1, 15_000)).isFalse();
        assertThat(memory.held()).isEqualTo(10_000);
        assertThat(memory.spare()).isZero();
        memory.holdLess(1, 0);
        assertThat(scope.used()).isZero();
        assertThat(memory.fullest()).isEmpty();
    }

    @Test
    void unreadBytesCountUntilTheyAreReadAndWindowsUntilTheyClose() {
        memory.grow(1, 8_000);
        memory.hold(1, 6_000);
        memory.hold(3, 2_000);
        assertThat(memory.fullest()).hasValue(1);
        memory.windowClosed(1);
        assertThat(scope.used()).isEqualTo(8_000 - FREE);
        memory.holdLess(1, 0);
        assertThat(memory.fullest()).hasValue(3);
        memory.grow(5, 5_000);
        memory.allWindowsClosed();
        memory.holdLess(3, 0);
        assertThat(scope.used()).isZero();
        assertThat(memory.held()).isZero();
        assertThat(memory.spare()).isZero();
    }
}
