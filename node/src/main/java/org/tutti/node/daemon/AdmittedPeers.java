package org.tutti.node.daemon;

import org.tutti.coordinator.service.CoordinatorProtocol;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.AdmissionPolicy;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.signing.service.SigningService;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Who may connect to a node: the members of its group for everything, peers that its operator
/// names to identify and ping it, and where it takes requests anybody to make them, within bounds
/// that leave the others theirs. Who signs a request with it may use what signing uses, for the
/// request's life. Any other stranger is closed after the handshake. Safe for all threads.
final class AdmittedPeers {
    private final PeerLists allowed;
    private final AdmissionPolicy policy;

    /// Connections to servers of the DHT, beside those that the operator named.
    private static final int MAX_DHT_CONNECTIONS = 64;

    private static final int MAX_DHT_STREAMS = 128;
    private static final long MAX_DHT_MEMORY = 4L << 20;

    /// Connections of all strangers together, servers of the DHT among them.
    static final int MAX_PUBLIC_CONNECTIONS = 256;

    /// Streams that they have opened, all together: some for each connection's gossip and requests.
    static final int MAX_PUBLIC_STREAMS = 1_024;

    /// What they have sent and nobody has read, all together.
    static final long MAX_PUBLIC_MEMORY = 16L << 20;

    /// Beside what tells the two who they are.
    private static final Set<String> PUBLIC_PROTOCOLS =
            Set.of(
                    CoordinatorProtocol.ID,
                    "/meshsub/1.2.0",
                    "/meshsub/1.1.0",
                    "/meshsub/1.0.0",
                    "/floodsub/1.0.0");

    /// @param members of the group
    /// @param others beside the members
    /// @param usesDht whether this node asks servers of a DHT, whoever they are
    /// @param signsWith where this node takes requests, whether it signs one with this peer
    AdmittedPeers(
            Collection<PeerId> members,
            Collection<PeerId> others,
            boolean usesDht,
            Optional<Predicate<PeerId>> signsWith) {
        this.allowed = PeerLists.only(others);
        Set<String> infrastructure = PeerClass.infrastructure().protocols();
        List<PeerClass> classes = new ArrayList<>();
        classes.add(PeerClass.builder("member").peers(PeerLists.only(members)).build());
        classes.add(
                PeerClass.builder("allowed")
                        .peers(allowed)
                        .protocols(infrastructure)
                        .evictedFirst()
                        .build());
        if (signsWith.isPresent()) {
            // They are connected as strangers. No connections of its own: the answer changes
            // while they are.
            classes.add(
                    PeerClass.builder("signer")
                            .peers(signsWith.get())
                            .protocols(Set.of(SigningService.PROTOCOL))
                            .maxConnections(0)
                            .build());
            classes.add(
                    PeerClass.builder("public")
                            .protocols(union(infrastructure, PUBLIC_PROTOCOLS))
                            .maxConnections(MAX_PUBLIC_CONNECTIONS)
                            .maxStreams(MAX_PUBLIC_STREAMS)
                            .maxReceiveMemory(MAX_PUBLIC_MEMORY)
                            .evictedFirst()
                            .build());
        } else if (usesDht) {
            // Asked by this node, and nothing else: they may not connect to it, and what they may
            // open is what tells the two who they are.
            classes.add(
                    PeerClass.builder("public")
                            .protocols(infrastructure)
                            .maxConnections(MAX_DHT_CONNECTIONS)
                            .maxStreams(MAX_DHT_STREAMS)
                            .maxReceiveMemory(MAX_DHT_MEMORY)
                            .evictedFirst()
                            .dialledOnly()
                            .build());
        }
        this.policy = AdmissionPolicy.of(classes.toArray(PeerClass[]::new));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }

    ConnectionGater gater() {
        return policy;
    }

    /// The operator names others: who is no longer named is disconnected at once.
    void allowOnly(Collection<PeerId> others) {
        allowed.allowOnly(others);
    }
}
