package org.tutti.libp2p.behaviour;

import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What a host offers to its behaviours, the built-in ones no more than others. Safe for all
/// threads. Methods that reach the network block, and are not called from those of
/// [NetworkBehaviour], which must return at once: use `start`.
public interface BehaviourContext {
    /// Who this host is to its peers.
    PeerId self();

    // Connections and streams.

    /// An open connection to a peer, or a new one, as the options say.
    ///
    /// @throws org.tutti.libp2p.swarm.SwarmException saying why there is none
    Connection dial(PeerId peer, DialOptions options) throws IOException;

    /// Opens a stream to a peer for the first of these protocols that it supports, on a connection
    /// as `dial` gives it. See `Connection.openStream`.
    Stream openStream(PeerId peer, DialOptions options, String... protocols) throws IOException;

    /// The open connections.
    List<Connection> connections();

    /// The open connections to a peer.
    List<Connection> connections(PeerId peer);

    /// Notes what the remote said that it answers, so that `Connection.openStream` can save a round
    /// trip.
    void remoteSupports(Connection connection, Set<String> protocols);

    /// Keeps the connections of a peer from being closed to make room for others, until the same
    /// tag is taken away.
    void protect(PeerId peer, String tag);

    /// @return whether the peer is still protected, by another tag
    boolean unprotect(PeerId peer, String tag);

    /// Says how much the connections of a peer are worth, beside what other tags say: those of
    /// least worth are closed above the high water mark.
    void tag(PeerId peer, String tag, int value);

    /// Takes a value away again.
    void untag(PeerId peer, String tag);

    // What this host answers.

    /// Answers a protocol from now on. Every behaviour hears of it.
    ///
    /// @throws IllegalArgumentException if it has a handler already
    void handle(InboundProtocol protocol);

    /// Answers the protocol no longer; streams that are open go on.
    void unhandle(String protocol);

    /// The protocols that are answered, in alphabetical order.
    List<String> protocols();

    // Events.

    /// Tells whoever subscribes to events of this type ([org.tutti.libp2p.host.Host] has the same
    /// `subscribe`). Returns at once.
    void emit(HostEvent event);

    /// Calls the subscriber with every event of this type from now on, in order and on a thread of
    /// its own, until the result is closed.
    <E extends HostEvent> AutoCloseable subscribe(Class<E> type, Consumer<? super E> subscriber);

    // Addresses of peers, without `/p2p`.

    /// Where to dial a peer, best first.
    List<Multiaddr> addresses(PeerId peer);

    /// Remembers addresses that were learnt of a peer, the best first.
    void addAddresses(PeerId peer, List<Multiaddr> addresses);

    /// Remembers the addresses in a sealed [org.tutti.libp2p.peerstore.PeerRecord] of any peer,
    /// from wherever it came, in place of an older record and of addresses that were learnt without
    /// a signature.
    ///
    /// @return false if a newer record of the peer is known, or this one is too long
    /// @throws EnvelopeException if it is no peer record, or not signed by the peer that it names
    boolean addPeerRecord(SignedEnvelope envelope) throws EnvelopeException;

    /// The newest record that a peer signed, to be handed on.
    Optional<SignedEnvelope> peerRecord(PeerId peer);

    /// The addresses in that record.
    Optional<List<Multiaddr>> certifiedAddresses(PeerId peer);

    /// What a peer last said about itself.
    Optional<PeerInfo> peerInfo(PeerId peer);

    /// Remembers what a peer said about itself, in place of what it said before.
    void rememberPeerInfo(PeerInfo info);

    /// What is held against peers, by all behaviours of this host together.
    PeerScores peerScores();

    // Our own addresses, without `/p2p`.

    /// Where this host listens: each interface of a listener on all of them.
    List<Multiaddr> listenAddresses();

    /// Where this host can be reached beside its listen addresses: announced by the operator, or
    /// confirmed by a protocol.
    List<Multiaddr> externalAddresses();

    /// Adds an address at which this host can be reached; nothing happens if it is known, or if
    /// there are too many. Every behaviour hears of a change.
    void addExternalAddress(Multiaddr address);

    /// Takes it away again.
    void removeExternalAddress(Multiaddr address);

    /// Notes how the peer at the other end says that it sees ours. Addresses that several peers in
    /// different networks agree on become external addresses; one that a single peer claims does
    /// not.
    void observedAddress(Connection connection, Multiaddr observed);

    // Threads and time.

    /// Runs a task on a virtual thread, which the host waits for when it is closed.
    ///
    /// @param name for thread dumps
    void start(String name, Runnable task);

    /// Where deadlines get their time from: [org.tutti.libp2p.time.Deadlines] for many of one
    /// length. A test moves it.
    Timer timer();
}
