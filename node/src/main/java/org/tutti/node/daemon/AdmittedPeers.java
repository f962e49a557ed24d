package org.tutti.node.daemon;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.AdmissionPolicy;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.signing.group.Member;

import java.util.Collection;
import java.util.List;

/// Who may connect to a node: the members of its group for everything, and peers that its operator
/// names to identify and ping it. A stranger is closed after the handshake. Safe for all threads.
final class AdmittedPeers {
    private final PeerLists allowed;
    private final AdmissionPolicy policy;

    /// Connections to servers of the DHT, beside those that the operator named.
    private static final int MAX_DHT_CONNECTIONS = 64;

    private static final int MAX_DHT_STREAMS = 128;
    private static final long MAX_DHT_MEMORY = 4L << 20;

    /// @param others beside the members
    /// @param usesDht whether this node asks servers of a DHT, whoever they are
    AdmittedPeers(Setup setup, Collection<PeerId> others, boolean usesDht) {
        this.allowed = PeerLists.only(others);
        PeerClass infrastructure = PeerClass.infrastructure();
        List<PeerClass> classes =
                List.of(
                        PeerClass.builder("member")
                                .peers(
                                        PeerLists.only(
                                                setup.group().members().stream()
                                                        .map(Member::peerId)
                                                        .toList()))
                                .build(),
                        PeerClass.builder("allowed")
                                .peers(allowed)
                                .protocols(infrastructure.protocols())
                                .evictedFirst()
                                .build(),
                        // Asked by this node, and nothing else: they may not connect to it, and
                        // what they may open is what tells the two who they are.
                        PeerClass.builder("public")
                                .protocols(infrastructure.protocols())
                                .maxConnections(MAX_DHT_CONNECTIONS)
                                .maxStreams(MAX_DHT_STREAMS)
                                .maxReceiveMemory(MAX_DHT_MEMORY)
                                .evictedFirst()
                                .dialledOnly()
                                .build());
        this.policy =
                AdmissionPolicy.of(classes.subList(0, usesDht ? 3 : 2).toArray(PeerClass[]::new));
    }

    ConnectionGater gater() {
        return policy;
    }

    /// The operator names others: who is no longer named is disconnected at once.
    void allowOnly(Collection<PeerId> others) {
        allowed.allowOnly(others);
    }
}
