package org.tutti.libp2p.host;

import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.swarm.SwarmListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.SwarmException;

import java.util.List;
import java.util.function.Consumer;

/// Passes on to the behaviours, of which there are none before the host is built.
///
/// A behaviour that fails when it is told of a new connection costs that connection. Whatever else
/// it fails at is logged, and the others are told all the same.
record Behaviours(List<NetworkBehaviour> all) implements SwarmListener {
    private static final System.Logger LOG = System.getLogger(Behaviours.class.getName());

    @Override
    public void connectionOpened(Connection connection) {
        all.forEach(b -> b.connectionOpened(connection));
    }

    @Override
    public void connectionClosed(Connection connection) {
        tell(b -> b.connectionClosed(connection));
    }

    @Override
    public void dialFailed(PeerId peer, SwarmException cause) {
        tell(b -> b.dialFailed(peer, cause));
    }

    @Override
    public void inboundRefused(Multiaddr remoteAddress, String code, String detail) {
        tell(b -> b.inboundRefused(remoteAddress, code, detail));
    }

    @Override
    public void addressesChanged() {
        tell(NetworkBehaviour::addressesChanged);
    }

    @Override
    public void protocolsChanged() {
        tell(NetworkBehaviour::protocolsChanged);
    }

    void started() {
        tell(NetworkBehaviour::started);
    }

    @Override
    public void stopping() {
        tell(NetworkBehaviour::stopping);
    }

    private void tell(Consumer<NetworkBehaviour> what) {
        for (NetworkBehaviour behaviour : all) {
            try {
                what.accept(behaviour);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a behaviour failed: " + behaviour, e);
            }
        }
    }
}
