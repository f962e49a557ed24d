package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps what a node, or a part of one, reports.
final class RecordedEvents implements EventSink {
    /// What happens now is reported with this time.
    static final Instant UNTIMED = Instant.EPOCH;

    /// @param at [#UNTIMED] where it was reported without a time
    record Timed(Instant at, NodeEvent event) {}

    private final BlockingQueue<Timed> events = new LinkedBlockingQueue<>();
    private final Set<Class<? extends NodeEvent>> kinds = ConcurrentHashMap.newKeySet();

    /// Groups of strangers that something was reported of.
    private final Set<String> groups = ConcurrentHashMap.newKeySet();

    @Override
    public void emit(NodeEvent event) {
        emit(UNTIMED, event);
    }

    @Override
    public void emit(Instant at, NodeEvent told) {
        NodeEvent event = told;
        if (told instanceof NodeEvent.OfGroup of) {
            groups.add(of.group());
            event = of.event();
        }
        kinds.add(event.getClass());
        events.add(new Timed(at, event));
    }

    /// The next event of one of these kinds; those before it are gone.
    void awaitAny(List<Class<? extends NodeEvent>> kinds) throws InterruptedException {
        while (true) {
            Timed next = events.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("none of %s", kinds).isNotNull();
            if (kinds.stream().anyMatch(kind -> kind.isInstance(next.event()))) {
                return;
            }
        }
    }

    /// The next event of this kind; those before it are gone.
    <T extends NodeEvent> T await(Class<T> kind) throws InterruptedException {
        while (true) {
            Timed next = events.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("no " + kind.getSimpleName()).isNotNull();
            if (kind.isInstance(next.event())) {
                return kind.cast(next.event());
            }
        }
    }

    void awaitTip(int height) throws InterruptedException {
        while (await(NodeEvent.Tip.class).height() < height) {
            // An earlier tip.
        }
    }

    Set<String> groups() {
        return groups;
    }

    /// Whether one of this kind was ever reported.
    boolean has(Class<? extends NodeEvent> kind) {
        return kinds.contains(kind);
    }

    /// All events since the last call.
    List<NodeEvent> take() {
        return takeTimed().stream().map(Timed::event).toList();
    }

    List<Timed> takeTimed() {
        List<Timed> taken = new ArrayList<>();
        events.drainTo(taken);
        return taken;
    }
}
