package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.ResourceLimits;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// How many bytes the connections of a host may keep of what remotes send and do not read: in all,
/// and for each remote host, peer and class. What counts are bytes as they lie in memory.
///
/// A stream begins with a window of 256 KiB, whether there is memory or not: so a full budget
/// cannot be prevented by granting less, and what is counted are the bytes that are there, and the
/// windows only as far as they have grown. When it is full, whoever holds most has to wait for its
/// own application to read, or gives up its fullest stream; others still get a quarter on top until
/// it has. So whoever fills a budget stops itself, and not those beside it.
///
/// Safe for all threads. The lock of this object guards all its fields and those of pools and
/// scopes; holders are called outside it.
public final class MemoryBudget {
    /// The reason that is named.
    static final String REASON = "receiveMemory";

    private static final int QUARTERS = 4;

    /// Looking at so many scopes costs as much as one question does anyway.
    private static final int CHEAP = 8;

    private final long perHost;
    private final Pool total;
    private final Map<String, Pool> hosts = new HashMap<>();
    private final Map<PeerId, Pool> peers = new HashMap<>();
    private final Map<PeerClass, Pool> classes = new HashMap<>();
    private final Function<PeerId, PeerClass> classOf;
    private BiConsumer<PeerId, String> onRefused = (_, _) -> {};

    /// Bytes that are counted together.
    private static final class Pool {
        final long limit;
        final Set<Scope> scopes = new HashSet<>();
        long used;

        /// Who held most when it was last looked for.
        @Nullable Scope most;

        /// How often it was asked for since.
        int asked;

        Pool(long limit) {
            this.limit = limit;
        }

        boolean isExceededBy(long bytes, int quarters) {
            return used + bytes > limit / QUARTERS * quarters;
        }

        void add(Scope scope, long bytes) {
            used += bytes;
            scopes.add(scope);
        }

        void remove(Scope scope, long bytes) {
            used -= bytes;
            if (scope.used == 0) {
                scopes.remove(scope);
            }
        }
    }

    /// @param limits of memory alone
    public MemoryBudget(ResourceLimits limits, Function<PeerId, PeerClass> classOf) {
        this.classOf = classOf;
        this.perHost = limits.maxReceiveMemoryPerHost();
        this.total = new Pool(limits.maxReceiveMemory());
    }

    /// Calls this with the peer and the reason when a stream was reset because there was no memory.
    synchronized void onRefused(BiConsumer<PeerId, String> action) {
        onRefused = action;
    }

    /// The part of one connection.
    public MemoryScope scope(PeerId peer, Multiaddr remoteAddress) {
        return new Scope(peer, RemoteHost.of(remoteAddress), classOf.apply(peer));
    }

    /// Bytes that are reserved in all.
    public synchronized long used() {
        return total.used;
    }

    private boolean reserve(Scope scope, long bytes, MemoryScope.Priority priority) {
        MemoryScope.@Nullable Holder heaviest;
        synchronized (this) {
            boolean optional = priority == MemoryScope.Priority.OPTIONAL;
            Pool full = firstExceeded(scope, bytes, optional ? QUARTERS - 1 : QUARTERS);
            if (full == null) {
                add(scope, bytes);
                return true;
            }
            Scope most = optional ? scope : heaviest(full);
            if (scope.equals(most)) {
                return false;
            }
            if (firstExceeded(scope, bytes, QUARTERS + 1) == null) {
                add(scope, bytes);
                return true;
            }
            heaviest = most == null ? null : most.holder;
        }
        if (heaviest != null) {
            heaviest.shed();
        }
        return false;
    }

    /// With the lock held.
    private @Nullable Pool firstExceeded(Scope scope, long bytes, int quarters) {
        Pool host = hosts.get(scope.host);
        if (host != null && host.isExceededBy(bytes, quarters)) {
            return host;
        }
        Pool peer = peers.get(scope.peer);
        if (peer != null && peer.isExceededBy(bytes, quarters)) {
            return peer;
        }
        Pool ofClass = classes.get(scope.peerClass);
        if (ofClass != null && ofClass.isExceededBy(bytes, quarters)) {
            return ofClass;
        }
        return total.isExceededBy(bytes, quarters) ? total : null;
    }

    /// With the lock held.
    private void add(Scope scope, long bytes) {
        scope.used += bytes;
        hosts.computeIfAbsent(scope.host, _ -> new Pool(perHost)).add(scope, bytes);
        peers.computeIfAbsent(scope.peer, _ -> new Pool(perHost)).add(scope, bytes);
        if (scope.peerClass.maxReceiveMemory() < Long.MAX_VALUE) {
            classes.computeIfAbsent(scope.peerClass, c -> new Pool(c.maxReceiveMemory()))
                    .add(scope, bytes);
        }
        total.add(scope, bytes);
    }

    private synchronized void release(Scope scope, long bytes) {
        if (bytes > scope.used) {
            throw new IllegalStateException("more is released than was reserved");
        }
        if (bytes > 0) {
            scope.used -= bytes;
            release(hosts, scope.host, scope, bytes);
            release(peers, scope.peer, scope, bytes);
            release(classes, scope.peerClass, scope, bytes);
            total.remove(scope, bytes);
        }
    }

    private static <K> void release(Map<K, Pool> pools, K key, Scope scope, long bytes) {
        Pool pool = pools.get(key);
        if (pool != null) {
            pool.remove(scope, bytes);
            if (pool.used == 0) {
                // Identities cost nothing: a pool of nobody is not kept.
                pools.remove(key);
            }
        }
    }

    /// With the lock held. Looked for again only after as many questions as make it cheap: those
    /// that wait ask a hundred times a second.
    private @Nullable Scope heaviest(Pool pool) {
        Scope most = pool.most;
        pool.asked++;
        if (most == null || most.used == 0 || pool.asked * CHEAP > pool.scopes.size()) {
            pool.asked = 0;
            most = pool.equals(total) ? heaviestOfHeaviestHost() : heaviestOf(pool);
            pool.most = most;
        }
        return most;
    }

    private @Nullable Scope heaviestOfHeaviestHost() {
        long most = -1;
        Pool heaviest = total;
        for (Pool host : hosts.values()) {
            long weight = 0;
            for (Scope scope : host.scopes) {
                weight += scope.weight();
            }
            if (weight > most) {
                most = weight;
                heaviest = host;
            }
        }
        return heaviestOf(heaviest);
    }

    private static @Nullable Scope heaviestOf(Pool pool) {
        Scope heaviest = null;
        long most = -1;
        for (Scope scope : pool.scopes) {
            long weight = scope.weight();
            if (weight > most) {
                most = weight;
                heaviest = scope;
            }
        }
        return heaviest;
    }

    private void refused(PeerId peer) {
        BiConsumer<PeerId, String> action;
        synchronized (this) {
            action = onRefused;
        }
        action.accept(peer, REASON);
    }

    /// The part of one connection.
    private final class Scope implements MemoryScope {
        final PeerId peer;
        final String host;
        final PeerClass peerClass;
        long used;
        @Nullable Holder holder;

        Scope(PeerId peer, String host, PeerClass peerClass) {
            this.peer = peer;
            this.host = host;
            this.peerClass = peerClass;
        }

        /// With the lock held: bytes that are there, as far as it is known.
        long weight() {
            return holder == null ? used : used - holder.spareBytes();
        }

        @Override
        public boolean reserve(long bytes, Priority priority) {
            return MemoryBudget.this.reserve(this, bytes, priority);
        }

        @Override
        public void release(long bytes) {
            MemoryBudget.this.release(this, bytes);
        }

        @Override
        public long used() {
            synchronized (MemoryBudget.this) {
                return used;
            }
        }

        @Override
        public void attach(Holder newHolder) {
            synchronized (MemoryBudget.this) {
                holder = newHolder;
            }
        }

        @Override
        public void refused() {
            MemoryBudget.this.refused(peer);
        }
    }
}
