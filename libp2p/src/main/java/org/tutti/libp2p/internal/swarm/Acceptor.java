package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.internal.time.Deadlines;
import org.tutti.libp2p.internal.upgrade.ConnectionUpgrader;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmException;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Takes inbound connections: asks the gater, keeps to the bounds on pending ones, and upgrades
/// each before a deadline.
///
/// Threads: `run` belongs to one virtual thread per listener, `upgrade` to one per connection,
/// which goes on to take the connection's streams. The lock guards `pending`.
final class Acceptor {
    private final Swarm swarm;
    private final ConnectionUpgrader upgrader;
    private final Deadlines upgrades;
    private final PendingConnections pending;
    // What to close when the swarm closes.
    private final Set<RawConnection> upgrading = ConcurrentHashMap.newKeySet();

    Acceptor(Swarm swarm, ConnectionUpgrader upgrader, Deadlines upgrades) {
        this.swarm = swarm;
        this.upgrader = upgrader;
        this.upgrades = upgrades;
        this.pending =
                new PendingConnections(
                        swarm.limits().maxPendingConnections(),
                        swarm.limits().maxPendingConnectionsPerHost());
    }

    /// Accepts until the listener is closed.
    void run(RawListener listener) {
        while (true) {
            RawConnection raw;
            try {
                raw = listener.accept();
            } catch (IOException e) {
                return;
            }
            try {
                take(raw);
            } catch (RuntimeException e) {
                // The gater failed: a connection that it could not judge is refused.
                refuse(raw, "DEFECT", e.toString());
            }
        }
    }

    private void take(RawConnection raw) {
        Multiaddr address = raw.remoteAddress();
        if (!swarm.config().gater().allowAccept(address)) {
            refuse(raw, "GATED", "not allowed to connect");
            return;
        }
        String host = RemoteHost.of(address);
        try {
            synchronized (pending) {
                pending.admit(host);
            }
        } catch (LimitExceededException e) {
            refuse(raw, e.code(), String.valueOf(e.getMessage()));
            return;
        }
        upgrading.add(raw);
        swarm.tasks().start("libp2p-inbound", () -> upgrade(raw, host));
    }

    private void upgrade(RawConnection raw, String host) {
        Deadlines.Deadline deadline = upgrades.start(raw::close);
        SwarmConnection connection;
        try {
            connection = connect(raw, deadline, host);
        } catch (IOException e) {
            boolean inTime = deadline.cancel();
            refuse(raw, inTime ? code(e) : "TIMEOUT", String.valueOf(e.getMessage()));
            return;
        } catch (RuntimeException e) {
            // A defect, of ours or of the gater: it costs this connection and nothing else.
            deadline.cancel();
            refuse(raw, "DEFECT", e.toString());
            return;
        }
        swarm.run(connection);
    }

    /// No longer counts the connection as pending before it becomes known how the upgrade ended.
    private SwarmConnection connect(RawConnection raw, Deadlines.Deadline deadline, String host)
            throws IOException {
        try {
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            ConnectionUpgrader.Upgraded upgraded = upgrader.inbound(raw);
            if (!deadline.cancel()) {
                upgraded.muxed().close();
                throw new IOException("closed at the deadline");
            }
            return swarm.register(upgraded, false);
        } finally {
            upgrading.remove(raw);
            synchronized (pending) {
                pending.release(host);
            }
        }
    }

    private static String code(IOException e) {
        return e instanceof SwarmException s ? s.code() : "HANDSHAKE_FAILED";
    }

    private void refuse(RawConnection raw, String code, String detail) {
        raw.close();
        swarm.publish(new SwarmEvent.InboundRefused(raw.remoteAddress(), code, detail));
    }

    /// Ends every upgrade.
    void close() {
        upgrading.forEach(RawConnection::close);
    }
}
