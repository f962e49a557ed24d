package org.tutti.lightclient.peers;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Backoff;
import org.tutti.lightclient.connection.DisconnectReason;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Which endpoints are dialled, when, and how each has served us: a pure engine, owned by one
/// thread.
///
/// An endpoint that failed waits longer each time, up to a bound; only a connection that lived
/// resets that. One that sent what is proven wrong is banned for a while; silence and slowness only
/// count against it when a peer is chosen. It never ends for want of peers: whoever is banned is
/// dialled again afterwards.
public final class PeerManager {
    /// Most endpoints known at once.
    public static final int MAX_ENDPOINTS = 1_000;

    private static final int MAX_PENALTY = 1_000;

    /// Where an endpoint was learned of.
    public enum Source {
        /// Our owner named it.
        CONFIGURED
    }

    /// What an endpoint did that is no proof of bad will.
    public enum Fault {
        /// It did not answer a question that others answer.
        SILENT(1),
        /// It took too long for what it began.
        SLOW(1),
        /// It announced what it did not have when it was asked.
        BROKEN_PROMISE(2),
        /// Its chain ended with less work than the network's has.
        LOW_WORK(4);

        private final int penalty;

        Fault(int penalty) {
            this.penalty = penalty;
        }
    }

    /// What an endpoint is doing.
    public enum State {
        /// It is to be dialled, perhaps later.
        WAITING,
        /// It is being dialled.
        DIALLING,
        /// It has finished its handshake.
        CONNECTED,
        /// It sent what is proven wrong, and is left alone for a while.
        BANNED
    }

    /// How long what takes.
    ///
    /// @param maxConnections most endpoints connected or dialled at once
    /// @param firstBackoff wait before the second attempt to connect
    /// @param maxBackoff longest wait between attempts
    /// @param lived how long a connection must have lived to reset the wait
    /// @param ban how long an endpoint is left alone that sent what is proven wrong
    public record Settings(
            int maxConnections,
            Duration firstBackoff,
            Duration maxBackoff,
            Duration lived,
            Duration ban) {}

    /// An endpoint as its owner sees it.
    ///
    /// @param penalty what it has against it; 0 is best
    /// @param last why its last connection, or attempt, ended
    public record EndpointStatus(
            PeerAddress address, State state, int penalty, Optional<DisconnectReason> last) {}

    private static final class Endpoint {
        private final PeerAddress address;
        private final Source source;
        private final Backoff backoff;
        private State state = State.WAITING;
        private Instant notBefore = Instant.MIN;
        private @Nullable Instant connectedAt;
        private int penalty;
        private @Nullable DisconnectReason last;

        /// No longer wanted: forgotten when its connection, or the attempt, has ended.
        private boolean left;

        Endpoint(PeerAddress address, Source source, Backoff backoff) {
            this.address = address;
            this.source = source;
            this.backoff = backoff;
        }
    }

    private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    private final Settings settings;
    private final RandomGenerator random;
    private int maxConnections;

    /// @param random for the jitter between attempts
    public PeerManager(Settings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        this.maxConnections = settings.maxConnections();
    }

    /// Learns of an endpoint.
    ///
    /// @return false if there are too many already
    public boolean add(PeerAddress address, Source source) {
        Endpoint known = endpoints.get(address.toString());
        if (known != null) {
            known.left = false;
            return true;
        }
        if (endpoints.size() >= MAX_ENDPOINTS) {
            return false;
        }
        Backoff backoff = new Backoff(settings.firstBackoff(), settings.maxBackoff(), random);
        endpoints.put(address.toString(), new Endpoint(address, source, backoff));
        return true;
    }

    /// Our owner names these endpoints from now on, and no others: those that it named before are
    /// left. Those that are known keep what is held against them.
    ///
    /// @param newMaxConnections most endpoints connected or dialled at once
    public void configure(List<PeerAddress> addresses, int newMaxConnections) {
        maxConnections = newMaxConnections;
        endpoints.values().stream()
                .filter(endpoint -> endpoint.source == Source.CONFIGURED)
                .forEach(endpoint -> endpoint.left = true);
        addresses.forEach(address -> add(address, Source.CONFIGURED));
        endpoints
                .values()
                .removeIf(endpoint ->
                        endpoint.left
                                && endpoint.state != State.DIALLING
                                && endpoint.state != State.CONNECTED);
    }

    /// Whether a connection to this endpoint is to be closed, because it is no longer wanted.
    public boolean isLeft(String name) {
        Endpoint endpoint = endpoints.get(name);
        return endpoint != null && endpoint.left;
    }

    /// The endpoints to dial now, those that our owner named and that served us best first. They
    /// count as dialled until [#ended].
    public List<PeerAddress> due(Instant now) {
        long busy =
                endpoints.values().stream()
                        .filter(endpoint ->
                                endpoint.state == State.DIALLING
                                        || endpoint.state == State.CONNECTED)
                        .count();
        List<PeerAddress> due = new ArrayList<>();
        endpoints.values().stream()
                .filter(endpoint ->
                        endpoint.state == State.WAITING || endpoint.state == State.BANNED)
                .filter(endpoint -> !now.isBefore(endpoint.notBefore))
                .sorted(
                        Comparator.comparing((Endpoint endpoint) -> endpoint.source)
                                .thenComparingInt(endpoint -> endpoint.penalty))
                .limit(Math.max(0, maxConnections - busy))
                .forEach(endpoint -> {
                    endpoint.state = State.DIALLING;
                    due.add(endpoint.address);
                });
        return due;
    }

    /// A handshake is done.
    public void connected(String name, Instant now) {
        Endpoint endpoint = endpoints.get(name);
        if (endpoint != null) {
            endpoint.state = State.CONNECTED;
            endpoint.connectedAt = now;
        }
    }

    /// A connection, or an attempt to make one, has ended.
    public void ended(String name, DisconnectReason reason, Instant now) {
        Endpoint endpoint = endpoints.get(name);
        if (endpoint == null) {
            return;
        }
        if (endpoint.left) {
            endpoints.remove(name);
            return;
        }
        Instant since = endpoint.connectedAt;
        if (since != null
                && !now.isBefore(since.plus(settings.lived()))
                && !reason.code().isMisbehaviour()) {
            endpoint.backoff.reset();
        }
        endpoint.connectedAt = null;
        endpoint.last = reason;
        endpoint.state = State.WAITING;
        endpoint.notBefore = now.plus(endpoint.backoff.next());
        if (reason.code().isMisbehaviour()) {
            endpoint.state = State.BANNED;
            endpoint.notBefore = endpoint.notBefore.plus(settings.ban());
        }
    }

    /// Something that is held against an endpoint when a peer is chosen.
    public void penalise(String name, Fault fault) {
        Endpoint endpoint = endpoints.get(name);
        if (endpoint != null) {
            endpoint.penalty = Math.min(MAX_PENALTY, endpoint.penalty + fault.penalty);
        }
    }

    /// An endpoint brought us to the end of a chain with enough work: half of what was held against
    /// it is forgotten.
    public void reward(String name) {
        Endpoint endpoint = endpoints.get(name);
        if (endpoint != null) {
            endpoint.penalty /= 2;
        }
    }

    /// What is held against an endpoint; 0 is best.
    public int penalty(String name) {
        Endpoint endpoint = endpoints.get(name);
        return endpoint == null ? 0 : endpoint.penalty;
    }

    /// Whether an endpoint was never tried to its end, so that a peer may yet come of it.
    public boolean hasUntried() {
        return endpoints.values().stream()
                .anyMatch(endpoint -> endpoint.last == null && endpoint.connectedAt == null);
    }

    /// All endpoints in the order in which they were learned of.
    public List<EndpointStatus> endpoints() {
        return endpoints.values().stream()
                .map(endpoint ->
                        new EndpointStatus(
                                endpoint.address,
                                endpoint.state,
                                endpoint.penalty,
                                Optional.ofNullable(endpoint.last)))
                .toList();
    }
}
