package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Listener;
import org.tutti.libp2p.transport.PendingConnection;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Takes inbound connections: asks the gater, keeps to the bounds on pending ones by evicting, and
/// upgrades each before a deadline.
///
/// Threads: `run` belongs to one virtual thread per listener, `upgrade` to one per connection,
/// which goes on to take the connection's streams. The lock guards `pending`; connections are
/// closed outside it.
final class Acceptor {
    /// What a failed accept waits before the next: running out of file descriptors lasts a while,
    /// and must not use a whole core.
    private static final long PAUSE_NANOS = 50_000_000;

    /// The upgrades of what was accepted must begin before a flood pushes them out of the table.
    private static final int ACCEPTS_PER_TURN = 2;

    private final Swarm swarm;
    private final Deadlines upgrades;
    private final PendingConnections<Upgrade> pending;
    private boolean closed;

    /// An upgrade under way, which counts as ended once.
    private static final class Upgrade {
        final PendingConnection incoming;

        Upgrade(PendingConnection incoming) {
            this.incoming = incoming;
        }
    }

    Acceptor(Swarm swarm, Deadlines upgrades) {
        this.swarm = swarm;
        this.upgrades = upgrades;
        this.pending = new PendingConnections<>(swarm.limits(), u -> u.incoming.isSilent());
    }

    /// Accepts until the listener is closed.
    void run(Listener listener) {
        Turn turn = new Turn(ACCEPTS_PER_TURN);
        while (true) {
            turn.frame();
            PendingConnection incoming;
            try {
                incoming = listener.accept();
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                if (!swarm.isRunning()) {
                    return;
                }
                // As if a table were full: somebody has to go, or nobody comes in any more.
                swarm.freeDescriptor();
                LockSupport.parkNanos(this, PAUSE_NANOS);
                continue;
            }
            try {
                take(incoming);
            } catch (RuntimeException e) {
                // The gater failed: a connection that it could not judge is refused.
                refuse(incoming, "DEFECT", e.toString());
            }
        }
    }

    /// Closes a connection whose upgrade has not finished, because descriptors have run out.
    ///
    /// @return false if there is none
    boolean evictOne() {
        Optional<PendingConnections.Evicted<Upgrade>> evicted;
        synchronized (this) {
            evicted =
                    pending.evictOne(
                            LimitExceededException.DESCRIPTORS, swarm.config().timer().nanoTime());
        }
        evicted.ifPresent(this::evict);
        return evicted.isPresent();
    }

    private void take(PendingConnection incoming) {
        Multiaddr address = incoming.remoteAddress();
        if (!swarm.config().gater().allowAccept(address)) {
            refuse(incoming, "GATED", "not allowed to connect");
            return;
        }
        Upgrade upgrade = new Upgrade(incoming);
        List<PendingConnections.Evicted<Upgrade>> evicted;
        synchronized (this) {
            if (closed) {
                incoming.close();
                return;
            }
            evicted =
                    pending.admit(
                            upgrade, RemoteHost.of(address), swarm.config().timer().nanoTime());
        }
        // From now on, and not only once its thread runs, which may be late in a flood.
        Deadlines.Deadline deadline = upgrades.start(incoming::close);
        evicted.forEach(this::evict);
        swarm.tasks().start("libp2p-inbound", () -> upgrade(upgrade, deadline));
    }

    /// It is no longer in the table, so its own thread does not report it.
    private void evict(PendingConnections.Evicted<Upgrade> evicted) {
        PendingConnection incoming = evicted.connection().incoming;
        if (evicted.limit().isPresent()) {
            refuse(
                    incoming,
                    "LIMIT_EXCEEDED",
                    evicted.limit().get(),
                    "closed for a newer one: " + evicted.limit().get() + " is reached");
        } else {
            refuse(incoming, "TIMEOUT", "too slow while many others connect");
        }
    }

    private synchronized boolean release(Upgrade upgrade) {
        return pending.release(upgrade);
    }

    private void upgrade(Upgrade upgrade, Deadlines.Deadline deadline) {
        PendingConnection incoming = upgrade.incoming;
        SwarmConnection connection;
        try {
            connection = connect(upgrade, deadline);
        } catch (EvictedException e) {
            deadline.cancel();
            return;
        } catch (IOException e) {
            boolean inTime = deadline.cancel();
            String detail = String.valueOf(e.getMessage());
            if (inTime) {
                refuse(incoming, code(e), reason(e), detail);
            } else {
                refuse(incoming, "TIMEOUT", detail);
            }
            return;
        } catch (RuntimeException e) {
            // A defect, of ours or of the gater: it costs this connection and nothing else.
            deadline.cancel();
            refuse(incoming, "DEFECT", e.toString());
            return;
        }
        swarm.run(connection);
    }

    /// It was evicted, which is reported already.
    private static final class EvictedException extends IOException {
        EvictedException() {
            super("evicted");
        }
    }

    /// No longer counts the connection as pending before it becomes known how the upgrade ended.
    private SwarmConnection connect(Upgrade upgrade, Deadlines.Deadline deadline)
            throws IOException {
        boolean released = false;
        try {
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            CapableConnection upgraded = upgrade.incoming.upgrade();
            boolean inTime = deadline.cancel();
            released = true;
            boolean stayed = release(upgrade);
            if (!inTime || !stayed) {
                upgraded.muxed().close();
                throw inTime ? new EvictedException() : new IOException("closed at the deadline");
            }
            return swarm.register(upgraded, false);
        } catch (IOException | RuntimeException e) {
            if (!released && !release(upgrade)) {
                throw new EvictedException();
            }
            throw e;
        }
    }

    /// What is counted: of limits, which one.
    private static String reason(IOException e) {
        return e instanceof LimitExceededException limit ? limit.limit() : code(e);
    }

    private static String code(IOException e) {
        return e instanceof SwarmException s ? s.code() : "HANDSHAKE_FAILED";
    }

    private void refuse(PendingConnection incoming, String code, String detail) {
        refuse(incoming, code, code, detail);
    }

    private void refuse(PendingConnection incoming, String code, String reason, String detail) {
        incoming.close();
        swarm.inboundRefused(incoming.remoteAddress(), code, reason, detail);
    }

    /// Ends every upgrade.
    void close() {
        List<PendingConnection> open;
        synchronized (this) {
            closed = true;
            open = pending.all().stream().map(u -> u.incoming).toList();
        }
        open.forEach(PendingConnection::close);
    }
}
