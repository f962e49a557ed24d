package org.tutti.libp2p.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class DeadlineQueueTest {
    private final List<String> expired = new ArrayList<>();
    private final DeadlineQueue queue = new DeadlineQueue(100);

    private DeadlineQueue.Entry add(long now, String name) {
        return queue.add(now, () -> expired.add(name));
    }

    private void expire(long now) {
        queue.expire(now).forEach(Runnable::run);
    }

    @Test
    void whatIsDueExpiresInOrderAndTheRestStays() {
        add(0, "alice");
        add(10, "bob");
        add(20, "carol");
        assertThat(queue.next()).hasValue(100);
        expire(99);
        assertThat(expired).isEmpty();
        expire(110);
        assertThat(expired).containsExactly("alice", "bob");
        assertThat(queue.next()).hasValue(120);
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void aCancelledDeadlineDoesNotExpire() {
        DeadlineQueue.Entry alice = add(0, "alice");
        DeadlineQueue.Entry bob = add(1, "bob");
        DeadlineQueue.Entry carol = add(2, "carol");
        assertThat(queue.cancel(bob)).isTrue();
        assertThat(queue.cancel(alice)).isTrue();
        assertThat(queue.cancel(alice)).isTrue();
        assertThat(queue.size()).isEqualTo(1);
        expire(1_000);
        assertThat(expired).containsExactly("carol");
        assertThat(queue.cancel(carol)).isFalse();
        assertThat(queue.next()).isEmpty();
        assertThat(queue.size()).isZero();
    }
}
