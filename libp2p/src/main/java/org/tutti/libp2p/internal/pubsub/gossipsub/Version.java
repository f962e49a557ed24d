package org.tutti.libp2p.internal.pubsub.gossipsub;

import java.util.List;

/// What a peer speaks, in rising order.
enum Version {
    /// No mesh and no gossip: it gets all messages of its topics.
    FLOODSUB("/floodsub/1.0.0"),
    V1_0("/meshsub/1.0.0"),
    /// Backoff and peer exchange in prunes.
    V1_1("/meshsub/1.1.0"),
    /// `IDONTWANT`.
    V1_2("/meshsub/1.2.0");

    final String protocol;

    Version(String protocol) {
        this.protocol = protocol;
    }

    static List<String> protocols() {
        return List.of(V1_2.protocol, V1_1.protocol, V1_0.protocol, FLOODSUB.protocol);
    }

    static Version of(String protocol) {
        for (Version version : values()) {
            if (version.protocol.equals(protocol)) {
                return version;
            }
        }
        throw new IllegalArgumentException("not a protocol of GossipSub: " + protocol);
    }
}
