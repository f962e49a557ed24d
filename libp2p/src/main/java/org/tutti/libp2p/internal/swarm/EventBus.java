package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.internal.time.Tasks;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Delivers events to subscribers, each at its own pace.
///
/// Publishing only puts the event into the bounded queue of each subscriber, so it may happen under
/// a lock. A virtual thread per subscriber empties the queue and ends when it is empty; the
/// subscriber's lock guards its queue, and the subscriber is called outside it.
final class EventBus {
    private static final System.Logger LOG = System.getLogger(EventBus.class.getName());

    private final int maxPending;
    private final Tasks tasks;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    EventBus(int maxPending, Tasks tasks) {
        this.maxPending = maxPending;
        this.tasks = tasks;
    }

    AutoCloseable subscribe(Consumer<? super SwarmEvent> subscriber) {
        Subscription subscription = new Subscription(subscriber);
        subscriptions.add(subscription);
        return () -> subscriptions.remove(subscription);
    }

    void publish(SwarmEvent event) {
        for (Subscription subscription : subscriptions) {
            subscription.offer(event);
        }
    }

    private final class Subscription {
        private final Consumer<? super SwarmEvent> subscriber;
        private final Deque<SwarmEvent> queue = new ArrayDeque<>();
        private long dropped;
        private boolean running;

        Subscription(Consumer<? super SwarmEvent> subscriber) {
            this.subscriber = subscriber;
        }

        void offer(SwarmEvent event) {
            synchronized (this) {
                if (queue.size() >= maxPending) {
                    dropped++;
                    return;
                }
                if (dropped > 0) {
                    queue.add(new SwarmEvent.EventsDropped(dropped));
                    dropped = 0;
                }
                queue.add(event);
                if (running) {
                    return;
                }
                running = true;
            }
            tasks.start("libp2p-events", this::drain);
        }

        private void drain() {
            for (SwarmEvent event = take(); event != null; event = take()) {
                try {
                    subscriber.accept(event);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "a subscriber failed on " + event, e);
                }
            }
        }

        private synchronized @Nullable SwarmEvent take() {
            SwarmEvent event = queue.poll();
            if (event == null && dropped > 0) {
                event = new SwarmEvent.EventsDropped(dropped);
                dropped = 0;
            }
            if (event == null) {
                running = false;
            }
            return event;
        }
    }
}
