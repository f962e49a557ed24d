package org.tutti.libp2p.internal.wanted;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.KeptConnections;
import org.tutti.libp2p.swarm.WantedPeers;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Keeps wanted peers connected, as [WantedEngine] decides. It speaks no protocol.
///
/// Threads: each dial has a virtual thread of the host's. The lock of this object guards `kept` and
/// `running`, that of a set its engine and its threads; nothing blocks under them.
public final class KeepConnected implements NetworkBehaviour {
    private final RandomGenerator random;
    private final Map<String, Kept> kept = new HashMap<>();
    private boolean running;
    private @Nullable BehaviourContext attached;

    /// @param random spreads dials over time
    public KeepConnected(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public List<InboundProtocol> protocols() {
        return List.of();
    }

    @Override
    public void attached(BehaviourContext context) {
        attached = context;
    }

    private BehaviourContext context() {
        return Objects.requireNonNull(attached, "the host is not built");
    }

    /// Keeps these peers connected from now on, or from when the host is started.
    ///
    /// @param tag takes the place of the set with the same tag
    public KeptConnections keep(String tag, WantedPeers wanted) {
        Kept set = new Kept(tag, wanted);
        @Nullable Kept before;
        synchronized (this) {
            before = kept.put(tag, set);
        }
        if (before != null) {
            before.end();
            before.unprotect();
        }
        wanted.peers().forEach(peer -> context().protect(peer, set.protection()));
        set.look();
        return set;
    }

    private synchronized List<Kept> all() {
        return List.copyOf(kept.values());
    }

    private synchronized boolean isRunning() {
        return running;
    }

    @Override
    public void started() {
        synchronized (this) {
            running = true;
        }
        all().forEach(Kept::look);
    }

    @Override
    public void stopping() {
        synchronized (this) {
            running = false;
        }
        all().forEach(Kept::end);
    }

    @Override
    public void connectionOpened(Connection connection) {
        all().forEach(set -> set.changed(connection.remotePeer()));
    }

    @Override
    public void connectionClosed(Connection connection) {
        all().forEach(set -> set.changed(connection.remotePeer()));
    }

    /// The peers of one tag.
    private final class Kept implements KeptConnections {
        private final String tag;
        private final WantedPeers wanted;
        private final WantedEngine engine;
        private final Set<Thread> dialling = new HashSet<>();
        private boolean ended;

        /// When the timer is to look next, if it is.
        private OptionalLong wake = OptionalLong.empty();

        Kept(String tag, WantedPeers wanted) {
            this.tag = tag;
            this.wanted = wanted;
            this.engine = new WantedEngine(context().self(), wanted, random, now());
        }

        String protection() {
            return "keep-connected/" + tag;
        }

        private long now() {
            return context().timer().nanoTime();
        }

        /// What the host knows, whatever was heard before.
        void changed(PeerId peer) {
            synchronized (this) {
                if (!engine.isWanted(peer)) {
                    return;
                }
                engine.connected(peer, isConnected(peer), now());
            }
            dialDue();
        }

        private boolean isConnected(PeerId peer) {
            return !context().connections(peer).isEmpty();
        }

        void look() {
            synchronized (this) {
                wanted.peers().forEach(p -> engine.connected(p, isConnected(p), now()));
            }
            dialDue();
        }

        private void dialDue() {
            List<PeerId> due;
            OptionalLong next;
            long now = now();
            synchronized (this) {
                if (ended || !isRunning()) {
                    return;
                }
                due = engine.next(now);
                next = engine.wakeAt();
                if (next.isPresent()
                        && wake.isPresent()
                        && wake.getAsLong() - next.getAsLong() <= 0) {
                    // The timer looks earlier than that.
                    next = OptionalLong.empty();
                } else if (next.isPresent()) {
                    wake = next;
                }
            }
            due.forEach(peer -> context().start("libp2p-keep", () -> dial(peer)));
            if (next.isPresent()) {
                context()
                        .timer()
                        .schedule(
                                Duration.ofNanos(Math.max(0, next.getAsLong() - now)),
                                this::onTimer);
            }
        }

        private void onTimer() {
            synchronized (this) {
                wake = OptionalLong.empty();
            }
            dialDue();
        }

        private void dial(PeerId peer) {
            synchronized (this) {
                if (ended) {
                    return;
                }
                dialling.add(Thread.currentThread());
            }
            try {
                context().dial(peer, DialOptions.defaults().only(addresses(peer)).ignoreBackoff());
            } catch (IOException e) {
                // Whoever wants to know subscribes to the host's events.
            } finally {
                // Also after a defect of a transport, or the peer would be given up for good.
                synchronized (this) {
                    dialling.remove(Thread.currentThread());
                    engine.connected(peer, isConnected(peer), now());
                    engine.dialEnded(peer, now());
                }
                dialDue();
            }
        }

        private List<Multiaddr> addresses(PeerId peer) {
            return Stream.concat(
                            wanted.addresses(peer).stream(), context().addresses(peer).stream())
                    .distinct()
                    .toList();
        }

        @Override
        public synchronized int connected() {
            return engine.connectedCount();
        }

        /// Dials nobody any more.
        void end() {
            List<Thread> threads;
            synchronized (this) {
                ended = true;
                threads = List.copyOf(dialling);
            }
            threads.forEach(Thread::interrupt);
        }

        @Override
        public void close() {
            boolean last;
            synchronized (KeepConnected.this) {
                last = kept.remove(tag, this);
            }
            end();
            if (last) {
                unprotect();
            }
        }

        void unprotect() {
            wanted.peers().forEach(peer -> context().unprotect(peer, protection()));
        }
    }
}
