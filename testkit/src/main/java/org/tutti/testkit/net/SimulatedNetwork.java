package org.tutti.testkit.net;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/// A network in virtual time: nodes, connections between them, and one queue of what happens when.
/// The seed and what the experiment does fix everything, to the last event ([#trace]).
///
/// A connection is a stream each way: messages arrive in their order and without holes. What is
/// lost comes later, as TCP sends it again, and holds up what follows it; or the connection breaks,
/// and both ends hear of it. A dial takes two round trips (TCP and the handshake of the secured
/// connection), one of them before the other side knows. There is at most one connection between
/// two nodes. Bandwidth is not simulated.
///
/// For one thread.
///
/// @param <M> what travels on connections; one object may be sent to many, so it is immutable
public final class SimulatedNetwork<M> {
    private static final long MIN_RETRANSMISSION = Duration.ofMillis(200).toNanos();

    private enum Kind {
        MESSAGE(1),
        /// A dial has reached the other side, and the handshake its last message but one.
        ACCEPT(2),
        /// The dialler's end is open.
        OPEN(3),
        CLOSE(4),
        DIAL_FAILED(5),
        WAKE(6),
        /// The experiment's own.
        TASK(7);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /// What happens at one time, at one node.
    private static final class Event<M> implements Comparable<Event<M>> {
        private final long at;
        private final long order;
        private final Kind kind;
        private final int node;
        private final int peer;
        private final @Nullable Connection connection;

        /// The run of a dial, or the time that was asked for.
        private final long value;

        /// A message, or a task.
        private final @Nullable Object payload;

        private Event(
                long at,
                long order,
                Kind kind,
                int node,
                int peer,
                @Nullable Connection connection,
                long value,
                @Nullable Object payload) {
            this.at = at;
            this.order = order;
            this.kind = kind;
            this.node = node;
            this.peer = peer;
            this.connection = connection;
            this.value = value;
            this.payload = payload;
        }

        @Override
        public int compareTo(Event<M> other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /// Between two nodes. Each end is in its node's table until it knows that the connection has
    /// ended.
    private static final class Connection {
        private final int dialler;
        private final long delay;

        /// When the last of what was sent arrives: nothing overtakes it.
        private long lastToDialler;

        private long lastToListener;
        private boolean diallerOpen;
        private boolean broken;

        private Connection(int dialler, long delay) {
            this.dialler = dialler;
            this.delay = delay;
        }

        private boolean isOpenAt(int node) {
            return node != dialler || diallerOpen;
        }
    }

    /// One node, as the network sees it.
    private final class Place implements Actions<M> {
        private final int number;
        private final Node<M> node;

        /// By peer, the one used least recently first.
        private final Map<Integer, Connection> connections = new LinkedHashMap<>(8, 0.75f, true);

        private final Set<Integer> dialling = new HashSet<>(4);
        private boolean running;

        /// Counts starts and stops: what was under way to an earlier run does not arrive.
        private int run;

        private long wake = Long.MAX_VALUE;
        private long isolatedUntil = Long.MIN_VALUE;

        private Place(int number, Node<M> node) {
            this.number = number;
            this.node = node;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public boolean isConnected(int peer) {
            Connection connection = connections.get(peer);
            return connection != null && connection.isOpenAt(number);
        }

        @Override
        public void connect(int peer) {
            if (peer == number
                    || !running
                    || connections.containsKey(peer)
                    || !dialling.add(peer)) {
                return;
            }
            long arrival = now + 3 * delay(number, peer);
            long healed = Math.max(isolatedUntil, places.get(peer).isolatedUntil);
            push(Math.max(arrival, healed), Kind.ACCEPT, peer, number, null, run, null);
            push(
                    now + settings.dialTimeout().toNanos(),
                    Kind.DIAL_FAILED,
                    number,
                    peer,
                    null,
                    run,
                    null);
        }

        @Override
        public void send(int peer, M message) {
            Connection connection = connections.get(peer);
            if (!running || connection == null || !connection.isOpenAt(number)) {
                return;
            }
            sent++;
            if (settings.breakRate() > 0 && random.nextDouble() < settings.breakRate()) {
                breakUp(connection, number, peer, connection.delay);
                return;
            }
            transmit(connection, peer, Kind.MESSAGE, message);
        }

        private void transmit(
                Connection connection, int peer, Kind kind, @Nullable Object payload) {
            long arrival = now + connection.delay;
            if (settings.lossRate() > 0) {
                long again = Math.max(MIN_RETRANSMISSION, 2 * connection.delay);
                while (random.nextDouble() < settings.lossRate()) {
                    arrival += again;
                    again *= 2;
                }
            }
            arrival = Math.max(arrival, isolatedUntil);
            arrival = Math.max(arrival, places.get(peer).isolatedUntil);
            if (peer == connection.dialler) {
                arrival = Math.max(arrival, connection.lastToDialler);
                connection.lastToDialler = arrival;
            } else {
                arrival = Math.max(arrival, connection.lastToListener);
                connection.lastToListener = arrival;
            }
            push(arrival, kind, peer, number, connection, 0, payload);
        }

        @Override
        public void close(int peer) {
            Connection connection = connections.remove(peer);
            if (connection != null) {
                transmit(connection, peer, Kind.CLOSE, null);
            }
        }

        @Override
        public void wakeAt(long nanos) {
            if (nanos != wake) {
                wake = nanos;
                if (nanos != Long.MAX_VALUE) {
                    push(Math.max(now, nanos), Kind.WAKE, number, run, null, nanos, null);
                }
            }
        }

        /// Closes the connection used least recently, but for the newest, if there are too many.
        private void makeRoom() {
            while (connections.size() > settings.maxConnections()) {
                int oldest = connections.keySet().iterator().next();
                boolean known = isOpenEnd(connections.values().iterator().next());
                close(oldest);
                if (known) {
                    node.closed(oldest);
                }
            }
        }

        private boolean isOpenEnd(Connection connection) {
            return connection.isOpenAt(number);
        }
    }

    private final NetworkSettings settings;
    private final Delays delays;
    private final SplittableRandom random;
    private final Map<Integer, Double> slowness = new HashMap<>();
    private final List<Place> places = new ArrayList<>();
    private final PriorityQueue<Event<M>> queue = new PriorityQueue<>();
    private long now;
    private long order;
    private long sent;
    private long trace;

    public SimulatedNetwork(NetworkSettings settings, long seed) {
        this.settings = settings;
        this.delays = new Delays(seed, settings);
        this.random = new SplittableRandom(seed);
    }

    /// Adds a node, which does not run yet.
    ///
    /// @return its number: 0, 1, 2 …
    public int add(Node<M> node) {
        places.add(new Place(places.size(), node));
        return places.size() - 1;
    }

    /// Lets a node run, now.
    public void start(int number) {
        Place place = places.get(number);
        if (!place.running) {
            place.running = true;
            place.run++;
            place.node.started(place);
        }
    }

    /// A node vanishes without a word: dials to it fail after the time-out, and whoever is
    /// connected to it notices after `livenessTimeout`.
    public void stop(int number) {
        Place place = places.get(number);
        place.running = false;
        place.run++;
        place.wake = Long.MAX_VALUE;
        place.dialling.clear();
        long lost = settings.livenessTimeout().toNanos();
        place.connections.forEach((peer, connection) -> {
            connection.broken = true;
            push(now + lost, Kind.CLOSE, peer, number, connection, 0, null);
        });
        place.connections.clear();
    }

    public boolean isRunning(int number) {
        return places.get(number).running;
    }

    /// Makes every way to and from a node so many times as long, for connections made from now on;
    /// also before it is added.
    public void slowDown(int number, double factor) {
        slowness.put(number, factor);
    }

    /// Cuts a node off: what is sent to it and by it arrives when it is healed; its connections
    /// break, unnoticed until then, if that takes longer than `livenessTimeout`.
    public void isolate(int number, Duration time) {
        Place place = places.get(number);
        place.isolatedUntil = now + time.toNanos();
        if (time.compareTo(settings.livenessTimeout()) > 0) {
            Map<Integer, Connection> all = new LinkedHashMap<>(place.connections);
            all.forEach((peer, connection) ->
                    breakUp(connection, number, peer, settings.livenessTimeout().toNanos()));
        }
    }

    /// What travels on the connection is lost; both ends hear of its end after a while.
    private void breakUp(Connection connection, int one, int other, long after) {
        if (!connection.broken) {
            connection.broken = true;
            push(now + after, Kind.CLOSE, one, other, connection, 0, null);
            push(now + after, Kind.CLOSE, other, one, connection, 0, null);
        }
    }

    /// Calls the task at a time, or now if that is past.
    public void at(long nanos, Runnable task) {
        push(Math.max(now, nanos), Kind.TASK, -1, -1, null, 0, task);
    }

    public long now() {
        return now;
    }

    /// Messages sent so far.
    public long sent() {
        return sent;
    }

    /// How many connections a node has.
    public int connections(int number) {
        return places.get(number).connections.size();
    }

    /// A hash of every event so far: when, where, from whom, what kind.
    public long trace() {
        return trace;
    }

    /// The one-way delay between two nodes.
    public long delay(int one, int other) {
        double factor =
                Math.max(slowness.getOrDefault(one, 1.0), slowness.getOrDefault(other, 1.0));
        return Math.round(delays.nanos(one, other) * factor);
    }

    /// Lets everything happen that happens in this time.
    public void run(Duration time) {
        long end = now + time.toNanos();
        while (!queue.isEmpty() && queue.peek().at <= end) {
            step(queue.poll());
        }
        now = end;
    }

    private void push(
            long at,
            Kind kind,
            int node,
            int peer,
            @Nullable Connection connection,
            long value,
            @Nullable Object payload) {
        queue.add(new Event<>(at, order++, kind, node, peer, connection, value, payload));
    }

    @SuppressWarnings("unchecked") // the payload of a MESSAGE is one
    private void step(Event<M> event) {
        now = Math.max(now, event.at);
        trace =
                Delays.mix(
                        trace
                                ^ event.at
                                ^ ((long) event.kind.code << 56)
                                ^ ((long) event.node << 28)
                                ^ event.peer);
        Object payload = event.payload;
        if (event.kind == Kind.TASK) {
            if (payload instanceof Runnable task) {
                task.run();
            }
            return;
        }
        Place place = places.get(event.node);
        if (!place.running) {
            return;
        }
        switch (event.kind) {
            case MESSAGE -> {
                Connection connection = place.connections.get(event.peer);
                if (connection == event.connection && connection != null && !connection.broken) {
                    place.node.received(event.peer, (M) Objects.requireNonNull(payload));
                }
            }
            case ACCEPT -> accept(place, places.get(event.peer), event.value);
            case OPEN -> {
                Connection connection = event.connection;
                place.dialling.remove(event.peer);
                if (connection != null && place.connections.get(event.peer) == connection) {
                    connection.diallerOpen = true;
                    place.node.connected(event.peer, true);
                    place.makeRoom();
                }
            }
            case CLOSE -> {
                Connection connection = event.connection;
                if (connection != null
                        && place.connections.remove(event.peer, connection)
                        && connection.isOpenAt(place.number)) {
                    place.node.closed(event.peer);
                } else if (place.dialling.remove(event.peer)) {
                    place.node.dialFailed(event.peer);
                }
            }
            case DIAL_FAILED -> {
                if (place.run == event.value && place.dialling.remove(event.peer)) {
                    place.node.dialFailed(event.peer);
                }
            }
            case WAKE -> {
                if (place.run == event.peer && place.wake == event.value) {
                    place.wake = Long.MAX_VALUE;
                    place.node.woken();
                }
            }
            case TASK -> throw new IllegalStateException("done above");
        }
    }

    /// Both tables get the connection at once, though the dialler's end opens later: a dial the
    /// other way, or the same again, finds it there.
    private void accept(Place listener, Place dialler, long run) {
        if (!dialler.running || dialler.run != run || !dialler.dialling.contains(listener.number)) {
            return;
        }
        Connection old = listener.connections.get(dialler.number);
        if (old != null) {
            if (dialler.connections.get(listener.number) == old) {
                // The other one dialled, too, and was first.
                dialler.dialling.remove(listener.number);
                return;
            }
            // The dialler has closed it, which is not known here yet.
            listener.connections.remove(dialler.number);
            if (old.isOpenAt(listener.number)) {
                listener.node.closed(dialler.number);
            }
        }
        Connection connection =
                new Connection(dialler.number, delay(listener.number, dialler.number));
        listener.connections.put(dialler.number, connection);
        dialler.connections.put(listener.number, connection);
        listener.transmit(connection, dialler.number, Kind.OPEN, null);
        listener.node.connected(dialler.number, false);
        listener.makeRoom();
    }
}
