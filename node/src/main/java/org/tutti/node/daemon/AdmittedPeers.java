package org.tutti.node.daemon;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.AdmissionPolicy;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.signing.group.Member;

import java.util.Collection;

/// Who may connect to a node: the members of its group for everything, and peers that its operator
/// names to identify and ping it. A stranger is closed after the handshake. Safe for all threads.
final class AdmittedPeers {
    private final PeerLists allowed;
    private final AdmissionPolicy policy;

    /// @param others beside the members
    AdmittedPeers(Setup setup, Collection<PeerId> others) {
        this.allowed = PeerLists.only(others);
        PeerClass infrastructure = PeerClass.infrastructure();
        this.policy =
                AdmissionPolicy.of(
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
                                .build());
    }

    ConnectionGater gater() {
        return policy;
    }

    /// The operator names others: who is no longer named is disconnected at once.
    void allowOnly(Collection<PeerId> others) {
        allowed.allowOnly(others);
    }
}
