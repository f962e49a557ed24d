package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.internal.time.Tasks;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Delivers events to subscribers, each at its own pace.
///
/// Publishing only puts the event into the bounded queue of each subscriber to its type, so it may
/// happen under a lock. A virtual thread per subscriber empties the queue and ends when it is
/// empty; the subscriber's lock guards its queue, and the subscriber is called outside it.
final class EventBus {
    private static final System.Logger LOG = System.getLogger(EventBus.class.getName());

    private final int maxPending;
    private final Tasks tasks;
    private final List<Subscription<?>> subscriptions = new CopyOnWriteArrayList<>();

    EventBus(int maxPending, Tasks tasks) {
        this.maxPending = maxPending;
        this.tasks = tasks;
    }

    /// A subscriber that is too slow misses events. It is told how many by
    /// [SwarmEvent.EventsDropped], if that is among what it subscribed to; else the log says it.
    <E extends HostEvent> AutoCloseable subscribe(Class<E> type, Consumer<? super E> subscriber) {
        Subscription<E> subscription = new Subscription<>(type, subscriber);
        subscriptions.add(subscription);
        return () -> subscriptions.remove(subscription);
    }

    void publish(HostEvent event) {
        for (Subscription<?> subscription : subscriptions) {
            subscription.offer(event);
        }
    }

    private final class Subscription<E extends HostEvent> {
        private final Class<E> type;
        private final Consumer<? super E> subscriber;
        private final Deque<E> queue = new ArrayDeque<>();
        private long dropped;
        private boolean running;

        Subscription(Class<E> type, Consumer<? super E> subscriber) {
            this.type = type;
            this.subscriber = subscriber;
        }

        void offer(HostEvent event) {
            if (!type.isInstance(event)) {
                return;
            }
            synchronized (this) {
                if (queue.size() >= maxPending) {
                    dropped++;
                    return;
                }
                addDropped();
                queue.add(type.cast(event));
                if (running) {
                    return;
                }
                running = true;
            }
            tasks.start("libp2p-events", this::drain);
        }

        /// With the lock held.
        private void addDropped() {
            if (dropped == 0) {
                return;
            }
            SwarmEvent.EventsDropped event = new SwarmEvent.EventsDropped(dropped);
            dropped = 0;
            if (type.isInstance(event)) {
                queue.add(type.cast(event));
            } else {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a subscriber to {0} was too slow and missed {1} events",
                        type.getSimpleName(),
                        event.count());
            }
        }

        private void drain() {
            for (E event = take(); event != null; event = take()) {
                try {
                    subscriber.accept(event);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "a subscriber failed on " + event, e);
                }
            }
        }

        private synchronized @Nullable E take() {
            if (queue.isEmpty()) {
                addDropped();
            }
            E event = queue.poll();
            if (event == null) {
                running = false;
            }
            return event;
        }
    }
}
