package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.GatedException;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.SwarmClosedException;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.swarm.WrongPeerException;
import org.tutti.libp2p.transport.CapableConnection;
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
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Dials peers: one dial per peer at a time, which others who want the same peer wait for, and its
/// addresses in order, each with its own time.
///
/// Threads: a dial runs on its caller's thread. The lock guards `dials`.
final class Dialer {
    private final Swarm swarm;
    private final Map<PeerId, Attempt> dials = new HashMap<>();

    /// How a dial ended. `Abandoned`: its thread was interrupted, which says nothing about the
    /// peer.
    private sealed interface Outcome {
        record Connected(Connection connection) implements Outcome {}

        record Failed(SwarmException cause) implements Outcome {}

        record Abandoned() implements Outcome {}
    }

    /// A dial under way.
    private record Attempt(DialOptions options, CompletableFuture<Outcome> outcome) {
        /// Whether its outcome is one to somebody with these options: the same addresses, and no
        /// connection of one's own wanted.
        boolean answers(DialOptions wanted) {
            return !wanted.isFurtherConnection()
                    && wanted.onlyAddresses().equals(options.onlyAddresses());
        }
    }

    Dialer(Swarm swarm) {
        this.swarm = swarm;
    }

    /// @param known where to dial if the options do not say it
    Connection connect(PeerId peer, DialOptions options, Supplier<List<Multiaddr>> known)
            throws IOException {
        if (peer.equals(swarm.self())) {
            throw new IllegalArgumentException("a host does not dial itself");
        }
        while (true) {
            Optional<Connection> open =
                    options.isFurtherConnection()
                            ? Optional.empty()
                            : swarm.connection(peer, options.allowsLimited());
            if (open.isPresent()) {
                return open.get();
            }
            if (!swarm.isRunning()) {
                throw new SwarmClosedException();
            }
            if (options.isNoDial()) {
                throw new NotConnectedException(peer);
            }
            Attempt mine = new Attempt(options, new CompletableFuture<>());
            Optional<Attempt> other = claim(peer, mine);
            Outcome outcome;
            if (other.isEmpty()) {
                outcome = run(peer, mine, options.onlyAddresses().orElseGet(known));
            } else {
                outcome = await(other.get().outcome());
                if (!other.get().answers(options)) {
                    // It ended, well or not, for somebody who wanted another connection.
                    continue;
                }
            }
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
    private synchronized Optional<Attempt> claim(PeerId peer, Attempt mine)
            throws LimitExceededException {
        Attempt other = dials.get(peer);
        if (other != null) {
            return Optional.of(other);
        }
        if (dials.size() >= swarm.limits().maxDials()) {
            throw new LimitExceededException("maxDials", swarm.limits().maxDials());
        }
        dials.put(peer, mine);
        return Optional.empty();
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

    private Outcome run(PeerId peer, Attempt mine, List<Multiaddr> addresses) {
        Outcome outcome = new Outcome.Abandoned();
        try {
            // Another dial may have ended since there was no connection, and before this one began.
            Optional<Connection> open =
                    mine.options().isFurtherConnection()
                            ? Optional.empty()
                            : swarm.connection(peer, mine.options().allowsLimited());
            outcome =
                    new Outcome.Connected(open.isPresent() ? open.get() : dialled(peer, addresses));
        } catch (SwarmException e) {
            if (!Thread.currentThread().isInterrupted()) {
                swarm.dialFailed(peer, e);
                outcome = new Outcome.Failed(e);
            }
        } finally {
            synchronized (this) {
                dials.remove(peer);
            }
            mine.outcome().complete(outcome);
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
        CapableConnection upgraded = upgraded(peer, address);
        // Checked here too, in case a transport from elsewhere does not check it.
        if (!upgraded.remotePeer().equals(peer)) {
            upgraded.muxed().close();
            throw new WrongPeerException(
                    peer, address, new IOException("it is " + upgraded.remotePeer()));
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
    }

    private CapableConnection upgraded(PeerId peer, Multiaddr address) throws IOException {
        try {
            return transport(address).dial(address, peer, swarm.limits().dialTimeout());
        } catch (HandshakeException e) {
            throw e.code() == HandshakeException.Code.WRONG_PEER
                    ? new WrongPeerException(peer, address, e)
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
