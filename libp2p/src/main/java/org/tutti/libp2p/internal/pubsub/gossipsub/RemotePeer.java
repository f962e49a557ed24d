package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Set;

/// What the router knows of a connected peer (gossipsub-v1.0.md, "Peering State").
final class RemotePeer {
    /// What an `IDONTWANT` takes beside its id.
    private static final int UNWANTED = 150;

    /// What all ids that a peer does not want may take; the oldest are forgotten.
    static final int MAX_UNWANTED_MEMORY = 512 << 10;

    /// What a subscription takes beside its topic's name.
    private static final int SUBSCRIPTION = 150;

    /// What the names of all topics that a peer is subscribed to may take; others are ignored.
    static final int MAX_TOPIC_MEMORY = 256 << 10;

    final PeerId id;
    final boolean outbound;

    /// Whether there is an agreement with it.
    final boolean explicit;

    /// Null while we have no stream to it.
    @Nullable Version version;

    final Set<String> topics = new LinkedHashSet<>();
    private int topicMemory;

    // Since the last heartbeat:
    int ihaveRpcs;
    int idsAsked;
    int idsServed;
    int idontwantRpcs;
    int idontwantIds;

    /// Ids it does not want, with the heartbeat after which that is forgotten.
    private final LinkedHashMap<Bytes, Long> unwanted = new LinkedHashMap<>();

    private int unwantedMemory;

    RemotePeer(PeerId id, boolean outbound, boolean explicit) {
        this.id = id;
        this.outbound = outbound;
        this.explicit = explicit;
    }

    /// Whether it can be in a mesh.
    boolean meshes() {
        Version known = version;
        return known != null && known != Version.FLOODSUB;
    }

    boolean canBeSentTo() {
        return version != null;
    }

    /// What a subscription takes in memory.
    static int cost(String topic) {
        return SUBSCRIPTION + 2 * topic.length();
    }

    /// @return false if it was subscribed, or there is no room for one more
    boolean subscribe(String topic) {
        if (topicMemory + cost(topic) > MAX_TOPIC_MEMORY || !topics.add(topic)) {
            return false;
        }
        topicMemory += cost(topic);
        return true;
    }

    boolean unsubscribe(String topic) {
        if (!topics.remove(topic)) {
            return false;
        }
        topicMemory -= cost(topic);
        return true;
    }

    void doesNotWant(Bytes message, long untilHeartbeat) {
        if (unwanted.putLast(message, untilHeartbeat) == null) {
            unwantedMemory += UNWANTED + message.length();
        }
        while (unwantedMemory > MAX_UNWANTED_MEMORY) {
            unwantedMemory -= UNWANTED + unwanted.pollFirstEntry().getKey().length();
        }
    }

    boolean wants(Bytes message) {
        return !unwanted.containsKey(message);
    }

    void heartbeat(long number) {
        ihaveRpcs = 0;
        idsAsked = 0;
        idsServed = 0;
        idontwantRpcs = 0;
        idontwantIds = 0;
        while (!unwanted.isEmpty() && unwanted.firstEntry().getValue() <= number) {
            unwantedMemory -= UNWANTED + unwanted.pollFirstEntry().getKey().length();
        }
    }

    void streamClosed() {
        version = null;
        unwanted.clear();
        unwantedMemory = 0;
    }

    int unwantedMemory() {
        return unwantedMemory;
    }

    int topicMemory() {
        return topicMemory;
    }
}
