package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Listener;
import org.tutti.libp2p.transport.PendingConnection;

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
    private final Deadlines upgrades;
    private final PendingConnections pending;
    // What to close when the swarm closes.
    private final Set<PendingConnection> upgrading = ConcurrentHashMap.newKeySet();

    Acceptor(Swarm swarm, Deadlines upgrades) {
        this.swarm = swarm;
        this.upgrades = upgrades;
        this.pending =
                new PendingConnections(
                        swarm.limits().maxPendingConnections(),
                        swarm.limits().maxPendingConnectionsPerHost());
    }

    /// Accepts until the listener is closed.
    void run(Listener listener) {
        while (true) {
            PendingConnection incoming;
            try {
                incoming = listener.accept();
            } catch (IOException e) {
                return;
            }
            try {
                take(incoming);
            } catch (RuntimeException e) {
                // The gater failed: a connection that it could not judge is refused.
                refuse(incoming, "DEFECT", e.toString());
            }
        }
    }

    private void take(PendingConnection incoming) {
        Multiaddr address = incoming.remoteAddress();
        if (!swarm.config().gater().allowAccept(address)) {
            refuse(incoming, "GATED", "not allowed to connect");
            return;
        }
        String host = RemoteHost.of(address);
        try {
            synchronized (pending) {
                pending.admit(host);
            }
        } catch (LimitExceededException e) {
            refuse(incoming, e.code(), String.valueOf(e.getMessage()));
            return;
        }
        upgrading.add(incoming);
        swarm.tasks().start("libp2p-inbound", () -> upgrade(incoming, host));
    }

    private void upgrade(PendingConnection incoming, String host) {
        Deadlines.Deadline deadline = upgrades.start(incoming::close);
        SwarmConnection connection;
        try {
            connection = connect(incoming, deadline, host);
        } catch (IOException e) {
            boolean inTime = deadline.cancel();
            refuse(incoming, inTime ? code(e) : "TIMEOUT", String.valueOf(e.getMessage()));
            return;
        } catch (RuntimeException e) {
            // A defect, of ours or of the gater: it costs this connection and nothing else.
            deadline.cancel();
            refuse(incoming, "DEFECT", e.toString());
            return;
        }
        swarm.run(connection);
    }

    /// No longer counts the connection as pending before it becomes known how the upgrade ended.
    private SwarmConnection connect(
            PendingConnection incoming, Deadlines.Deadline deadline, String host)
            throws IOException {
        try {
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            CapableConnection upgraded = incoming.upgrade();
            if (!deadline.cancel()) {
                upgraded.muxed().close();
                throw new IOException("closed at the deadline");
            }
            return swarm.register(upgraded, false);
        } finally {
            upgrading.remove(incoming);
            synchronized (pending) {
                pending.release(host);
            }
        }
    }

    private static String code(IOException e) {
        return e instanceof SwarmException s ? s.code() : "HANDSHAKE_FAILED";
    }

    private void refuse(PendingConnection incoming, String code, String detail) {
        incoming.close();
        swarm.inboundRefused(incoming.remoteAddress(), code, detail);
    }

    /// Ends every upgrade.
    void close() {
        upgrading.forEach(PendingConnection::close);
    }
}
