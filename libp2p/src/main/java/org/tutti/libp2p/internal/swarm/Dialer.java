package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.swarm.WrongPeerException;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.TransportException;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Dials peers: one dial per peer at a time, which others who want the same peer wait for. How a
/// dial goes is in [PendingDial].
///
/// Threads: callers wait on their own. The lock guards `dials` and `closed`, that of `backoff` the
/// addresses that failed.
final class Dialer {
    /// How many connections one attempt closes at most because descriptors have run out.
    static final int MAX_EVICTIONS = 3;

    private final Swarm swarm;

    /// Under way, or decided with attempts that have not ended yet.
    private final Map<PeerId, PendingDial> dials = new HashMap<>();

    /// Attempts beyond the first of each dial.
    private final AtomicInteger further = new AtomicInteger();

    private final DialBackoff backoff;
    private boolean closed;

    Dialer(Swarm swarm) {
        this.swarm = swarm;
        this.backoff = new DialBackoff(swarm.config().random());
    }

    /// @param known where to dial if the options do not say it
    Connection connect(PeerId peer, DialOptions options, Supplier<List<Multiaddr>> known)
            throws IOException {
        if (peer.equals(swarm.self())) {
            throw new IllegalArgumentException("a host does not dial itself");
        }
        while (true) {
            Optional<Connection> open = open(peer, options);
            if (open.isPresent()) {
                return open.get();
            }
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            if (options.isNoDial()) {
                throw new NotConnectedException(peer);
            }
            PendingDial mine = new PendingDial(swarm, this, peer, options);
            PendingDial dial = claim(mine);
            if (dial == mine) {
                start(mine, peer, options, known);
                return dial.await();
            }
            if (!dial.answers(options) || !dial.join()) {
                // It ends, well or not, for somebody who wanted another connection.
                dial.awaitEnd();
                continue;
            }
            Connection connection = dial.await();
            // What another's dial led to is as good as an open connection, and no better.
            if (!connection.isLimited() || options.allowsLimited()) {
                return connection;
            }
        }
    }

    private Optional<Connection> open(PeerId peer, DialOptions options) {
        return options.isFurtherConnection()
                ? Optional.empty()
                : swarm.connection(peer, options.allowsLimited());
    }

    private void start(
            PendingDial dial, PeerId peer, DialOptions options, Supplier<List<Multiaddr>> known) {
        // Another dial may have ended since there was no connection, and before this one began.
        Optional<Connection> open = open(peer, options);
        if (open.isPresent()) {
            dial.finish(open.get());
        } else {
            dial.start(() -> options.onlyAddresses().orElseGet(known));
        }
    }

    /// Makes the dial to this peer ours, or returns the one that another thread began.
    private synchronized PendingDial claim(PendingDial mine) throws SwarmException {
        PendingDial other = dials.get(mine.peer());
        if (other != null) {
            return other;
        }
        if (closed) {
            throw new SwarmClosedException();
        }
        if (dials.size() >= swarm.limits().maxDials()) {
            throw new LimitExceededException("maxDials", swarm.limits().maxDials());
        }
        dials.put(mine.peer(), mine);
        return mine;
    }

    /// None of its attempts runs any more.
    synchronized void ended(PendingDial dial) {
        dials.remove(dial.peer(), dial);
    }

    /// Ends every dial.
    void close() {
        List<PendingDial> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(dials.values());
        }
        all.forEach(PendingDial::close);
    }

    // For attempts.

    /// Takes a place for an attempt beside others of the same dial.
    ///
    /// @return false if there is none
    boolean takeFurther() {
        if (further.incrementAndGet() <= swarm.limits().maxFurtherDialAttempts()) {
            return true;
        }
        further.decrementAndGet();
        return false;
    }

    void releaseFurther() {
        further.decrementAndGet();
    }

    /// An attempt of ours has failed, or a name stands for nothing.
    void failed(PeerId peer, Multiaddr address) {
        synchronized (backoff) {
            backoff.failed(peer, address, swarm.config().timer().nanoTime());
        }
    }

    /// How long an address is left alone, because it failed.
    ///
    /// @return nanoseconds; 0 if it is not
    long backoffLeft(PeerId peer, Multiaddr address) {
        synchronized (backoff) {
            return backoff.left(peer, address, swarm.config().timer().nanoTime());
        }
    }

    /// Whether there is a transport for this kind of address.
    boolean handles(Multiaddr address) {
        return transport(address).isPresent();
    }

    private Optional<Transport> transport(Multiaddr address) {
        return swarm.config().transports().stream().filter(t -> t.handles(address)).findFirst();
    }

    static TransportException unsupported(Multiaddr address) {
        return new TransportException(
                TransportException.Code.UNSUPPORTED_ADDRESS,
                address,
                "no transport for this kind of address");
    }

    /// One attempt. Blocks; ends soon when the thread is interrupted.
    ///
    /// @throws LimitExceededException if descriptors have run out and no connection can be closed
    ///   for it
    CapableConnection dial(PeerId peer, Multiaddr address) throws IOException {
        CapableConnection upgraded;
        try {
            upgraded = dialMakingRoom(peer, address);
        } catch (HandshakeException e) {
            throw e.code() == HandshakeException.Code.WRONG_PEER
                    ? new WrongPeerException(peer, address, e)
                    : e;
        }
        // Checked here too, in case a transport from elsewhere does not check it.
        if (!upgraded.remotePeer().equals(peer)) {
            upgraded.muxed().close();
            throw new WrongPeerException(
                    peer, address, new IOException("it is " + upgraded.remotePeer()));
        }
        return upgraded;
    }

    /// What one attempt evicts may be taken by somebody else before it dials again.
    private CapableConnection dialMakingRoom(PeerId peer, Multiaddr address) throws IOException {
        Transport transport = transport(address).orElseThrow(() -> unsupported(address));
        for (int evictions = 0; ; evictions++) {
            try {
                return transport.dial(address, peer, swarm.limits().dialTimeout());
            } catch (TransportException e) {
                if (e.code() != TransportException.Code.DESCRIPTORS) {
                    throw e;
                }
                if (evictions == MAX_EVICTIONS || !swarm.freeDescriptor()) {
                    throw LimitExceededException.descriptors();
                }
            }
        }
    }

    /// Takes in what an attempt led to.
    SwarmConnection register(CapableConnection upgraded) throws SwarmException {
        SwarmConnection connection = swarm.register(upgraded, true);
        synchronized (backoff) {
            backoff.clear(upgraded.remotePeer());
        }
        try {
            // Unless a behaviour spoke, the remote still waits for our last word.
            upgraded.muxed().flush();
        } catch (IOException e) {
            // It is registered, and broken: whoever uses it is told why.
            connection.close();
        }
        return connection;
    }
}
