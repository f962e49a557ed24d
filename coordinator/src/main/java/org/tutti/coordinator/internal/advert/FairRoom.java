package org.tutti.coordinator.internal.advert;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Who has to leave when there is no room: of the place that brought most, the author with most,
/// and of that author the key that was there first. Keys and peer ids cost nothing, so strangers
/// share by where they come from; whoever floods a node pushes out its own.
final class FairRoom {
    /// @param origin where it came from, such as the network of the peer that handed it over
    private record Place(String origin, PeerId author) {}

    private final Map<PublicKey, Place> places = new HashMap<>();
    private final Map<String, LinkedHashMap<PublicKey, PeerId>> byOrigin = new HashMap<>();
    private final Map<PeerId, Integer> byAuthor = new HashMap<>();

    int size() {
        return places.size();
    }

    int of(PeerId author) {
        return byAuthor.getOrDefault(author, 0);
    }

    /// Adds a key, or moves it.
    void put(PublicKey key, String origin, PeerId author) {
        remove(key);
        places.put(key, new Place(origin, author));
        byOrigin.computeIfAbsent(origin, _ -> new LinkedHashMap<>()).put(key, author);
        byAuthor.merge(author, 1, Integer::sum);
    }

    void remove(PublicKey key) {
        Place place = places.remove(key);
        if (place == null) {
            return;
        }
        byOrigin.computeIfPresent(
                place.origin,
                (_, keys) -> {
                    keys.remove(key);
                    return keys.isEmpty() ? null : keys;
                });
        byAuthor.computeIfPresent(place.author, (_, count) -> count == 1 ? null : count - 1);
    }

    /// Who leaves first.
    Optional<PublicKey> first() {
        LinkedHashMap<PublicKey, PeerId> most = new LinkedHashMap<>();
        for (LinkedHashMap<PublicKey, PeerId> keys : byOrigin.values()) {
            if (keys.size() > most.size()) {
                most = keys;
            }
        }
        PublicKey first = null;
        int ofAuthor = 0;
        for (Map.Entry<PublicKey, PeerId> entry : most.entrySet()) {
            int count = of(entry.getValue());
            if (count > ofAuthor) {
                first = entry.getKey();
                ofAuthor = count;
            }
        }
        return Optional.ofNullable(first);
    }
}
