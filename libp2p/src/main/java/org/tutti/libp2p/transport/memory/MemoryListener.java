package org.tutti.libp2p.transport.memory;

import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A listener in memory. The lock guards `waiting` and `closed`; `accept` waits under it, as
/// conditions do.
final class MemoryListener implements RawListener {
    private final MemoryNetwork network;
    private final long port;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<MemoryConnection> waiting = new ArrayDeque<>();
    private boolean closed;

    MemoryListener(MemoryNetwork network, long port) {
        this.network = network;
        this.port = port;
    }

    /// @return false if the listener is closed or has too many waiting
    boolean offer(MemoryConnection connection) {
        lock.lock();
        try {
            if (closed || waiting.size() >= MemoryNetwork.BACKLOG) {
                return false;
            }
            waiting.add(connection);
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public RawConnection accept() throws ClosedChannelException {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (closed) {
                    throw new ClosedChannelException();
                }
                changed.awaitUninterruptibly();
            }
            return waiting.remove();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Multiaddr> addresses() {
        return List.of(MemoryNetwork.address(port));
    }

    @Override
    public void close() {
        network.unlisten(port, this);
        lock.lock();
        try {
            closed = true;
            waiting.forEach(MemoryConnection::close);
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
