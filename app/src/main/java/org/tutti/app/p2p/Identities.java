package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;

import java.util.List;
import java.util.Map;

/// What identify reported, as fields.
final class Identities {
    private Identities() {}

    static void describe(Map<String, @Nullable Object> fields, PeerInfo info) {
        fields.put("peerId", info.peer());
        fields.put("agentVersion", info.agentVersion());
        fields.put("protocolVersion", info.protocolVersion());
        fields.put("protocols", info.protocols());
        fields.put("listenAddresses", texts(info.listenAddresses()));
    }

    static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }
}
