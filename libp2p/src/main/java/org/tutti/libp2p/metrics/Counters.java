package org.tutti.libp2p.metrics;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Metrics that are kept in memory as sums. Bounded: what names the outside chooses are counted
/// under [#OTHER] once there are many. Safe for all threads; the lock guards everything.
public final class Counters implements Metrics {
    /// The most protocols, outcomes and reasons that are told apart, each.
    public static final int MAX_NAMES = 256;

    /// Stands for all names beyond [#MAX_NAMES].
    public static final String OTHER = "other";

    /// How often something happened and how long it took.
    ///
    /// @param total all together
    public record Timed(long count, Duration total, Duration longest) {
        private static final Timed NEVER = new Timed(0, Duration.ZERO, Duration.ZERO);

        private Timed plus(Duration took) {
            return new Timed(
                    count + 1, total.plus(took), took.compareTo(longest) > 0 ? took : longest);
        }
    }

    /// The streams of one protocol, in both directions together.
    ///
    /// @param bytesIn of those that were closed
    /// @param bytesOut of those that were closed
    public record Streams(long opened, long closed, long bytesIn, long bytesOut) {
        private static final Streams NONE = new Streams(0, 0, 0, 0);
    }

    /// What was counted so far.
    ///
    /// @param dials by outcome
    /// @param handshakes by outcome, in both directions
    /// @param streams by protocol
    /// @param refused by reason
    public record Snapshot(
            long connectionsOpened,
            long connectionsClosed,
            Map<String, Timed> dials,
            Map<String, Timed> handshakes,
            Map<String, Streams> streams,
            Map<String, Long> refused) {
        public Snapshot {
            dials = Collections.unmodifiableMap(new TreeMap<>(dials));
            handshakes = Collections.unmodifiableMap(new TreeMap<>(handshakes));
            streams = Collections.unmodifiableMap(new TreeMap<>(streams));
            refused = Collections.unmodifiableMap(new TreeMap<>(refused));
        }
    }

    private final Map<String, Timed> dials = new TreeMap<>();
    private final Map<String, Timed> handshakes = new TreeMap<>();
    private final Map<String, Streams> streams = new TreeMap<>();
    private final Map<String, Long> refused = new TreeMap<>();
    private long connectionsOpened;
    private long connectionsClosed;

    /// What was counted so far.
    public synchronized Snapshot snapshot() {
        return new Snapshot(
                connectionsOpened, connectionsClosed, dials, handshakes, streams, refused);
    }

    private static String bounded(Map<String, ?> names, String name) {
        return names.containsKey(name) || names.size() < MAX_NAMES ? name : OTHER;
    }

    @Override
    public synchronized void connectionOpened(Connection connection) {
        connectionsOpened++;
    }

    @Override
    public synchronized void connectionClosed(Connection connection, Duration lasted) {
        connectionsClosed++;
    }

    @Override
    public synchronized void dialEnded(Multiaddr address, Duration took, String outcome) {
        count(dials, outcome, took);
    }

    @Override
    public synchronized void handshakeEnded(boolean outbound, Duration took, String outcome) {
        count(handshakes, outcome, took);
    }

    private static void count(Map<String, Timed> all, String outcome, Duration took) {
        String name = bounded(all, outcome);
        all.put(name, all.getOrDefault(name, Timed.NEVER).plus(took));
    }

    @Override
    public synchronized void refused(String reason) {
        refused.merge(bounded(refused, reason), 1L, Long::sum);
    }

    @Override
    public synchronized void streamOpened(String protocol, boolean inbound) {
        add(protocol, new Streams(1, 0, 0, 0));
    }

    @Override
    public synchronized void streamClosed(
            String protocol, boolean inbound, long bytesIn, long bytesOut) {
        add(protocol, new Streams(0, 1, bytesIn, bytesOut));
    }

    private void add(String protocol, Streams more) {
        String name = bounded(streams, protocol);
        Streams before = streams.getOrDefault(name, Streams.NONE);
        streams.put(
                name,
                new Streams(
                        before.opened + more.opened,
                        before.closed + more.closed,
                        before.bytesIn + more.bytesIn,
                        before.bytesOut + more.bytesOut));
    }
}
