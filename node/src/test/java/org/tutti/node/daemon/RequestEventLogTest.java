package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.events.NodeEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

@Timeout(30)
class RequestEventLogTest {
    private final RequestEventLog log = new RequestEventLog();

    private void add(String request) {
        log.add(Instant.EPOCH, new NodeEvent.SessionReady(request), request);
    }

    private SessionEvents after(Optional<Long> number, Optional<String> request)
            throws InterruptedException {
        return log.after(number, request, Duration.ZERO);
    }

    @Test
    void whatCameAfterANumberIsGivenOnce() throws Exception {
        add("a1");
        add("b2");
        SessionEvents first = after(Optional.of(0L), Optional.empty());
        assertThat(first.lines()).hasSize(2);
        assertThat(after(Optional.of(first.next()), Optional.empty()).lines()).isEmpty();
        assertThat(after(Optional.empty(), Optional.empty()).lines()).isEmpty();
        assertThat(after(Optional.of(0L), Optional.of("b2")).lines())
                .singleElement()
                .asString()
                .contains("b2");
    }

    @Test
    void whoWaitsIsToldWhenSomethingHappens() throws Exception {
        Thread later =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Thread.sleep(50);
                            } catch (InterruptedException e) {
                                return;
                            }
                            add("b2");
                            add("a1");
                        });
        SessionEvents told = log.after(Optional.empty(), Optional.of("a1"), Duration.ofSeconds(20));
        later.join();
        assertThat(told.lines()).hasSize(1);
        assertThat(told.next()).isEqualTo(2);
    }

    @Test
    void aBoundedNumberIsKeptAndGivenAtOnceAndTheRestIsCounted() throws Exception {
        for (int i = 0; i < RequestEventLog.MAX_LINES + 7; i++) {
            add("a1");
        }
        SessionEvents first = after(Optional.of(0L), Optional.empty());
        assertThat(first.missed()).isEqualTo(7);
        assertThat(first.lines()).hasSize(RequestEventLog.MAX_AT_ONCE);
        assertThat(first.next()).isEqualTo(7 + RequestEventLog.MAX_AT_ONCE);
        SessionEvents second = after(Optional.of(first.next()), Optional.empty());
        assertThat(second.missed()).isZero();
        assertThat(second.lines()).hasSize(RequestEventLog.MAX_AT_ONCE);
    }
}
