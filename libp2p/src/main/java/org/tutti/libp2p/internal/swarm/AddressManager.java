package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.internal.time.Tasks;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.InterfaceSource;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.Timer;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Keeps what a host knows of its own addresses ([OwnAddresses]) up to date, and tells of changes.
///
/// Looks at the interfaces every `POLL` while a listener is open on all of them, on a virtual
/// thread, because asking the operating system takes its time. What a peer observed counts for as
/// long as its connection, and `REMEMBERED` beyond it. It takes effect every `SETTLE` at most:
/// peers decide how often they change their minds, and each change is pushed to all others.
///
/// Safe for all threads; the lock guards `own`, `polling`, `settling` and `closed`. The interfaces
/// are asked, and changes told, outside it.
final class AddressManager {
    /// As often as go looks.
    static final Duration POLL = Duration.ofSeconds(5);

    /// go's `OwnObservedAddrTTL`.
    static final Duration REMEMBERED = Duration.ofMinutes(30);

    /// How long what peers say waits for what others say.
    static final Duration SETTLE = Duration.ofSeconds(10);

    private final InterfaceSource source;
    private final Timer timer;
    private final Tasks tasks;
    private final Consumer<OwnAddresses.Known> onChange;
    private final Deadlines remembered;
    private final OwnAddresses<Connection> own = new OwnAddresses<>();
    private boolean polling;
    private boolean settling;
    private boolean closed;

    /// @param onChange told of each change, by the thread that made it; the newest may be told
    ///   before an older one
    AddressManager(
            InterfaceSource source,
            Timer timer,
            Tasks tasks,
            Consumer<OwnAddresses.Known> onChange) {
        this.source = source;
        this.timer = timer;
        this.tasks = tasks;
        this.onChange = onChange;
        this.remembered = new Deadlines(timer, REMEMBERED);
    }

    /// What is known now.
    synchronized OwnAddresses.Known known() {
        return own.known();
    }

    /// A listener was opened. The caller tells of the change.
    ///
    /// @return the addresses that it stands for
    List<Multiaddr> listening(List<Multiaddr> bound) {
        List<InetAddress> current = source.addresses();
        List<Multiaddr> expanded;
        boolean poll;
        synchronized (this) {
            expanded = own.listening(bound, current);
            poll = own.followsInterfaces() && !polling && !closed;
            polling |= poll;
        }
        if (poll) {
            schedulePoll();
        }
        return expanded;
    }

    private void schedulePoll() {
        timer.schedule(POLL, () -> tasks.start("libp2p-interfaces", this::poll));
    }

    private void poll() {
        List<InetAddress> current = source.addresses();
        boolean changed;
        synchronized (this) {
            if (closed) {
                return;
            }
            changed = own.interfaces(current);
        }
        schedulePoll();
        tell(changed);
    }

    void announce(Multiaddr address) {
        boolean changed;
        synchronized (this) {
            changed = own.announce(address);
        }
        tell(changed);
    }

    void withdraw(Multiaddr address) {
        boolean changed;
        synchronized (this) {
            changed = own.withdraw(address);
        }
        tell(changed);
    }

    /// The peer at the other end said how it sees ours.
    void observed(Connection connection, Multiaddr claimed) {
        boolean settle;
        synchronized (this) {
            settle =
                    own.observed(
                                    connection,
                                    connection.localAddress(),
                                    connection.remoteAddress(),
                                    claimed)
                            && beginToSettle();
        }
        if (settle) {
            scheduleSettled();
        }
        if (!connection.isOpen()) {
            // It may have ended before anything was known of it.
            ended(connection);
        }
    }

    /// With the lock held.
    private boolean beginToSettle() {
        boolean first = !settling && !closed;
        settling |= first;
        return first;
    }

    private void scheduleSettled() {
        timer.schedule(SETTLE, () -> tasks.start("libp2p-addresses", this::settled));
    }

    private void settled() {
        boolean changed;
        synchronized (this) {
            settling = false;
            changed = !closed && own.applyObserved();
        }
        tell(changed);
    }

    /// What was said on the connection is forgotten after a while.
    void ended(Connection connection) {
        boolean counts;
        synchronized (this) {
            counts = own.counts(connection);
        }
        if (counts) {
            // Never cancelled: a connection does not come back.
            var _ = remembered.start(() -> forget(connection));
        }
    }

    private void forget(Connection connection) {
        boolean settle;
        synchronized (this) {
            settle = own.forget(connection) && beginToSettle();
        }
        if (settle) {
            scheduleSettled();
        }
    }

    private void tell(boolean changed) {
        if (changed) {
            onChange.accept(known());
        }
    }

    /// There are no listeners any more, and interfaces do not matter.
    synchronized void close() {
        closed = true;
        own.close();
    }
}
