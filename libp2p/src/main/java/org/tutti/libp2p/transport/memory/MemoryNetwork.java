package org.tutti.libp2p.transport.memory;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.TransportException.Code;

import java.util.HashMap;
import java.util.Map;

/// A network of its own: what listens on one is reached only from transports of the same one. Safe
/// for all threads; the lock guards `listeners` and the two counters.
///
/// Bytes arrive in the order in which they were written, at once, and are cut into the same pieces
/// whatever the threads do: pieces of at most `chunk` bytes.
public final class MemoryNetwork {
    /// Bytes under way in one direction of a connection; above it the writer waits, as on a socket.
    static final int WINDOW = 256 * 1024;

    /// Connections that a listener keeps before they are accepted; above it dialling is refused.
    static final int BACKLOG = 128;

    private final int chunk;
    private final Map<Long, MemoryListener> listeners = new HashMap<>();
    private long nextPort = 1_000_000;
    private long nextDialer = 2_000_000;

    public MemoryNetwork() {
        this(WINDOW);
    }

    /// @param chunk the most bytes that one read gives: 1 shakes out readers that count on more
    public MemoryNetwork(int chunk) {
        if (chunk < 1) {
            throw new IllegalArgumentException("chunk must be at least 1");
        }
        this.chunk = chunk;
    }

    /// A transport into this network. All are alike.
    public RawTransport transport() {
        return new MemoryTransport(this);
    }

    /// Opens a listener; port 0 takes a free one.
    synchronized MemoryListener listen(Multiaddr address, long wanted) throws TransportException {
        long port = wanted == 0 ? nextPort++ : wanted;
        if (listeners.containsKey(port)) {
            throw new TransportException(Code.ADDRESS_IN_USE, address, "the port is in use");
        }
        MemoryListener listener = new MemoryListener(this, port);
        listeners.put(port, listener);
        return listener;
    }

    synchronized void unlisten(long port, MemoryListener listener) {
        listeners.remove(port, listener);
    }

    /// Connects to a listener.
    MemoryConnection dial(Multiaddr address, long port) throws TransportException {
        MemoryListener listener;
        Multiaddr from;
        synchronized (this) {
            listener = listeners.get(port);
            from = address(nextDialer++);
        }
        MemoryConnection.Pair pair = MemoryConnection.pair(from, address(port), chunk);
        if (!offer(listener, pair.listener())) {
            throw new TransportException(Code.REFUSED, address, "nobody listens there");
        }
        return pair.dialer();
    }

    private static boolean offer(@Nullable MemoryListener listener, MemoryConnection connection) {
        return listener != null && listener.offer(connection);
    }

    static Multiaddr address(long port) {
        return Multiaddr.parse("/memory/" + port);
    }
}
