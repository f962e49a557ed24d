package org.tutti.libp2p.host;

import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.internal.swarm.Swarm;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What all behaviours of a host share.
///
/// @param handlerReadTimeout with which a stream is given to its handler, zero for none
record HostContext(
        Swarm swarm,
        PeerStore store,
        PeerScores peerScores,
        Timer timer,
        Duration handlerReadTimeout)
        implements BehaviourContext {
    @Override
    public PeerId self() {
        return swarm.self();
    }

    @Override
    public Connection dial(PeerId peer, DialOptions options) throws IOException {
        return swarm.connect(peer, options, () -> store.addresses(peer));
    }

    @Override
    public Stream openStream(PeerId peer, DialOptions options, String... protocols)
            throws IOException {
        return dial(peer, options).openStream(protocols);
    }

    @Override
    public List<Connection> connections() {
        return swarm.connections();
    }

    @Override
    public List<Connection> connections(PeerId peer) {
        return swarm.connections(peer);
    }

    @Override
    public void remoteSupports(Connection connection, Set<String> protocols) {
        swarm.remoteSupports(connection, protocols);
    }

    @Override
    public void protect(PeerId peer, String tag) {
        swarm.protections().protect(peer, tag);
    }

    @Override
    public boolean unprotect(PeerId peer, String tag) {
        return swarm.protections().unprotect(peer, tag);
    }

    @Override
    public void tag(PeerId peer, String tag, int value) {
        swarm.protections().tag(peer, tag, value);
    }

    @Override
    public void untag(PeerId peer, String tag) {
        swarm.protections().untag(peer, tag);
    }

    @Override
    public void handle(InboundProtocol protocol) {
        StreamHandler handler = protocol.handler();
        swarm.handle(
                protocol.id(),
                protocol.maxStreamsPerPeer(),
                stream -> {
                    stream.setReadTimeout(handlerReadTimeout);
                    handler.handle(stream);
                });
    }

    @Override
    public void unhandle(String protocol) {
        swarm.unhandle(protocol);
    }

    @Override
    public List<String> protocols() {
        return swarm.protocols();
    }

    @Override
    public void emit(HostEvent event) {
        swarm.publish(event);
    }

    @Override
    public <E extends HostEvent> AutoCloseable subscribe(
            Class<E> type, Consumer<? super E> subscriber) {
        return swarm.subscribe(type, subscriber);
    }

    @Override
    public List<Multiaddr> addresses(PeerId peer) {
        return store.addresses(peer);
    }

    @Override
    public void addAddresses(PeerId peer, List<Multiaddr> addresses) {
        for (Multiaddr address : addresses.reversed()) {
            store.addAddress(peer, address, PeerStore.LEARNT);
        }
    }

    @Override
    public boolean addPeerRecord(SignedEnvelope envelope) throws EnvelopeException {
        return store.certify(envelope, PeerStore.LEARNT);
    }

    @Override
    public Optional<SignedEnvelope> peerRecord(PeerId peer) {
        return store.record(peer);
    }

    @Override
    public Optional<List<Multiaddr>> certifiedAddresses(PeerId peer) {
        return store.certifiedAddresses(peer);
    }

    @Override
    public Optional<PeerInfo> peerInfo(PeerId peer) {
        return store.info(peer);
    }

    @Override
    public void rememberPeerInfo(PeerInfo info) {
        store.identified(info);
    }

    @Override
    public List<Multiaddr> listenAddresses() {
        return swarm.listenAddresses();
    }

    @Override
    public List<Multiaddr> externalAddresses() {
        return swarm.externalAddresses();
    }

    @Override
    public void addExternalAddress(Multiaddr address) {
        swarm.addExternalAddress(address.withoutPeerId());
    }

    @Override
    public void removeExternalAddress(Multiaddr address) {
        swarm.removeExternalAddress(address.withoutPeerId());
    }

    @Override
    public void observedAddress(Connection connection, Multiaddr observed) {
        swarm.observed(connection, observed);
    }

    @Override
    public void start(String name, Runnable task) {
        swarm.tasks().start(name, task);
    }
}
