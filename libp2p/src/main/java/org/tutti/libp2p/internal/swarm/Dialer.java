package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.dns.AddressResolver;
import org.tutti.libp2p.internal.time.Deadlines;
import org.tutti.libp2p.internal.upgrade.Upgrader;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.swarm.WrongPeerException;
import org.tutti.libp2p.transport.RawConnection;
import org.tutti.libp2p.transport.Transport;
import org.tutti.libp2p.transport.TransportException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// Dials peers: one dial per peer at a time, which others who want the same peer wait for, and its
/// addresses in order, each with its own time.
///
/// Threads: a dial runs on its caller's thread. The lock guards `dials`.
final class Dialer {
    private final Swarm swarm;
    private final Upgrader upgrader;
    private final Deadlines upgrades;
    private final Map<PeerId, CompletableFuture<Outcome>> dials = new HashMap<>();

    /// How a dial ended. `Abandoned`: its thread was interrupted, which says nothing about the
    /// peer.
    private sealed interface Outcome {
        record Connected(Connection connection) implements Outcome {}

        record Failed(SwarmException cause) implements Outcome {}

        record Abandoned() implements Outcome {}
    }

    Dialer(Swarm swarm, Upgrader upgrader, Deadlines upgrades) {
        this.swarm = swarm;
        this.upgrader = upgrader;
        this.upgrades = upgrades;
    }

    Connection connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
        if (peer.equals(swarm.config().self())) {
            throw new IllegalArgumentException("a host does not dial itself");
        }
        while (true) {
            Optional<Connection> open = swarm.connection(peer);
            if (open.isPresent() && open.get().isOpen()) {
                return open.get();
            }
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            CompletableFuture<Outcome> mine = new CompletableFuture<>();
            CompletableFuture<Outcome> other = claim(peer, mine);
            Outcome outcome = other == null ? run(peer, addresses, mine) : await(other);
            switch (outcome) {
                case Outcome.Connected(Connection connection) -> {
                    return connection;
                }
                case Outcome.Failed(SwarmException cause) -> throw cause;
                case Outcome.Abandoned() -> {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new java.io.InterruptedIOException("interrupted while dialling");
                    }
                }
            }
        }
    }

    /// Makes the dial to this peer ours, or returns the one that another thread began.
    private synchronized @Nullable CompletableFuture<Outcome> claim(
            PeerId peer, CompletableFuture<Outcome> mine) throws LimitExceededException {
        CompletableFuture<Outcome> other = dials.get(peer);
        if (other != null) {
            return other;
        }
        if (dials.size() >= swarm.limits().maxDials()) {
            throw new LimitExceededException("maxDials", swarm.limits().maxDials());
        }
        dials.put(peer, mine);
        return null;
    }

    private static Outcome await(CompletableFuture<Outcome> other) throws IOException {
        try {
            return other.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while waiting for a dial");
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private Outcome run(
            PeerId peer, List<Multiaddr> addresses, CompletableFuture<Outcome> promise) {
        Outcome outcome = new Outcome.Abandoned();
        try {
            // Another dial may have ended since there was no connection, and before this one began.
            Optional<Connection> open = swarm.connection(peer);
            outcome =
                    new Outcome.Connected(open.isPresent() ? open.get() : dialled(peer, addresses));
        } catch (SwarmException e) {
            if (!Thread.currentThread().isInterrupted()) {
                swarm.publish(new SwarmEvent.DialFailed(peer, e));
                outcome = new Outcome.Failed(e);
            }
        } finally {
            synchronized (this) {
                dials.remove(peer);
            }
            promise.complete(outcome);
        }
        return outcome;
    }

    private Connection dialled(PeerId peer, List<Multiaddr> addresses) throws SwarmException {
        SwarmConnection connection = dial(peer, addresses);
        swarm.tasks().start("libp2p-outbound", () -> swarm.run(connection));
        return connection;
    }

    private SwarmConnection dial(PeerId peer, List<Multiaddr> addresses) throws SwarmException {
        List<DialFailedException.Attempt> attempts = new ArrayList<>();
        boolean gated = false;
        AddressResolver.Resolved resolved = swarm.config().names().resolve(peer, addresses);
        resolved.failures()
                .forEach(
                        f -> attempts.add(new DialFailedException.Attempt(f.address(), f.cause())));
        List<Multiaddr> tried =
                resolved.addresses().stream()
                        .distinct()
                        .limit(swarm.limits().maxAddressesPerDial())
                        .toList();
        for (Multiaddr address : tried) {
            if (!swarm.config().gater().allowDial(peer, address)) {
                gated = true;
                continue;
            }
            try {
                return dial(peer, address);
            } catch (GatedException | LimitExceededException | SwarmClosedException e) {
                // Ours to answer for, and the same at every address.
                throw e;
            } catch (IOException e) {
                attempts.add(new DialFailedException.Attempt(address, e));
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
            }
        }
        if (gated && attempts.isEmpty()) {
            throw new GatedException(peer);
        }
        if (attempts.size() == 1 && attempts.getFirst().cause() instanceof WrongPeerException e) {
            throw e;
        }
        throw new DialFailedException(peer, attempts);
    }

    private SwarmConnection dial(PeerId peer, Multiaddr address) throws IOException {
        RawConnection raw = transport(address).dial(address, swarm.limits().dialTimeout());
        Deadlines.Deadline deadline = upgrades.start(raw::close);
        try {
            Upgrader.Upgraded upgraded = upgrade(raw, peer);
            if (!deadline.cancel()) {
                upgraded.muxed().close();
                throw new IOException("closed at the deadline");
            }
            SwarmConnection connection = swarm.register(upgraded, true);
            try {
                // Unless a behaviour spoke, the remote still waits for our last word.
                upgraded.muxed().flush();
            } catch (IOException e) {
                // It is registered, and broken: whoever uses it is told why.
                connection.close();
            }
            return connection;
        } catch (IOException e) {
            raw.close();
            if (deadline.cancel()) {
                throw e;
            }
            throw new TransportException(
                    TransportException.Code.TIMEOUT,
                    address,
                    "connected, but the handshake did not end in time");
        }
    }

    private Upgrader.Upgraded upgrade(RawConnection raw, PeerId peer) throws IOException {
        try {
            return upgrader.outbound(raw, peer);
        } catch (HandshakeException e) {
            throw e.code() == HandshakeException.Code.WRONG_PEER
                    ? new WrongPeerException(peer, raw.remoteAddress(), e)
                    : e;
        }
    }

    private Transport transport(Multiaddr address) throws TransportException {
        Stream<Transport> able =
                swarm.config().transports().stream().filter(t -> t.handles(address));
        return able.findFirst()
                .orElseThrow(() ->
                        new TransportException(
                                TransportException.Code.UNSUPPORTED_ADDRESS,
                                address,
                                "no transport for this kind of address"));
    }
}
