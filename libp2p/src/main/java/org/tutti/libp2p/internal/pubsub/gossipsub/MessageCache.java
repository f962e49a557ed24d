package org.tutti.libp2p.internal.pubsub.gossipsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// The messages of the last heartbeats, which peers may ask for (gossipsub-v1.0.md, "Message
/// Cache"). Bounded in bytes as they lie in memory: the oldest are forgotten sooner.
final class MessageCache {
    /// What all messages together may take.
    static final int MAX_MEMORY = 32 << 20;

    /// What one takes beside itself.
    private static final int OVERHEAD = 200;

    /// What a peer takes that one was sent to on request.
    private static final int RECIPIENT = 56;

    private static final class Cached {
        final Message message;

        /// How often it was sent to peers that asked for it.
        final Map<PeerId, Integer> sent = new HashMap<>(2);

        Cached(Message message) {
            this.message = message;
        }
    }

    private final int length;
    private final int gossip;
    private final int maxMemory;
    private final Map<Bytes, Cached> messages = new HashMap<>();

    /// The ids of each heartbeat, the current one first.
    private final Deque<Deque<Bytes>> windows = new ArrayDeque<>();

    private long memory;

    /// @param length `mcache_len`
    /// @param gossip `mcache_gossip`
    MessageCache(int length, int gossip, int maxMemory) {
        this.length = length;
        this.gossip = gossip;
        this.maxMemory = maxMemory;
        windows.add(new ArrayDeque<>());
    }

    void put(Bytes id, Message message) {
        if (messages.putIfAbsent(id, new Cached(message)) != null) {
            return;
        }
        windows.getFirst().addLast(id);
        memory += cost(id, message);
        while (memory > maxMemory && messages.size() > 1) {
            forgetOldest();
        }
    }

    private static int cost(Bytes id, Message message) {
        return OVERHEAD + id.length() + message.memory();
    }

    private void forgetOldest() {
        Deque<Bytes> last = windows.getLast();
        Bytes oldest = last.pollFirst();
        if (oldest == null) {
            windows.removeLast();
        } else {
            forget(oldest);
        }
    }

    private void forget(Bytes id) {
        Cached gone = messages.remove(id);
        if (gone != null) {
            memory -= cost(id, gone.message) + RECIPIENT * gone.sent.size();
        }
    }

    /// Whether it can still be asked for.
    boolean contains(Bytes id) {
        return messages.containsKey(id);
    }

    /// A message for a peer that asks for it, and counts that.
    ///
    /// @return null if there is none, or the peer got it so often already
    @Nullable Message take(Bytes id, PeerId peer, int most) {
        Cached cached = messages.get(id);
        if (cached == null) {
            return null;
        }
        int before = cached.sent.getOrDefault(peer, 0);
        if (before >= most) {
            return null;
        }
        memory += before == 0 ? RECIPIENT : 0;
        cached.sent.put(peer, before + 1);
        return cached.message;
    }

    /// What is gossiped about in a topic.
    List<Bytes> gossipIds(String topic) {
        return ids(topic, gossip);
    }

    /// All that can be asked for in a topic.
    List<Bytes> ids(String topic) {
        return ids(topic, length);
    }

    private List<Bytes> ids(String topic, int heartbeats) {
        List<Bytes> ids = new ArrayList<>();
        Iterator<Deque<Bytes>> some = windows.iterator();
        for (int i = 0; i < heartbeats && some.hasNext(); i++) {
            for (Bytes id : some.next()) {
                Cached cached = messages.get(id);
                if (cached != null && cached.message.topic().equals(topic)) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }

    /// A heartbeat is over.
    void shift() {
        windows.addFirst(new ArrayDeque<>());
        while (windows.size() > length) {
            windows.removeLast().forEach(this::forget);
        }
    }

    long memory() {
        return memory;
    }

    int size() {
        return messages.size();
    }
}
