package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Reachable;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The peer of each key, by its newest contact or advert. When the table is full, the key is
/// dropped that was renewed longest ago and that no request needs.
final class Contacts {
    private final int max;
    private final Map<PublicKey, Known> byKey = new LinkedHashMap<>();

    /// An advert counts for hours and a contact for days: when the newer of them no longer counts,
    /// the other may.
    private record Known(@Nullable Contact contact, @Nullable Advert advert) {
        private Stream<Reachable> all() {
            return Stream.<Optional<? extends Reachable>>of(
                            Optional.ofNullable(contact), Optional.ofNullable(advert))
                    .flatMap(Optional::stream);
        }

        private static long sequence(@Nullable Reachable one) {
            return one == null ? Long.MIN_VALUE : one.header().sequence();
        }

        private boolean isOlderThan(Reachable one) {
            return switch (one) {
                case Contact newer -> sequence(contact) < sequence(newer);
                case Advert newer -> sequence(advert) < sequence(newer);
            };
        }

        private Known with(Reachable one) {
            return switch (one) {
                case Contact newer -> new Known(newer, advert);
                case Advert newer -> new Known(contact, newer);
            };
        }
    }

    private static final Known NOTHING = new Known(null, null);

    Contacts(int max) {
        this.max = max;
    }

    /// Takes a contact or advert if it is newer than what is known.
    ///
    /// @param needed keys that must stay
    /// @return false if nothing was changed
    boolean learn(Reachable one, Predicate<PublicKey> needed) {
        PublicKey key = one.header().key();
        Known known = byKey.getOrDefault(key, NOTHING);
        if (!known.isOlderThan(one)) {
            return false;
        }
        if (!byKey.containsKey(key) && byKey.size() >= max && !needed.test(key)) {
            Optional<PublicKey> oldest =
                    byKey.keySet().stream().filter(k -> !needed.test(k)).findFirst();
            if (oldest.isEmpty()) {
                return false;
            }
            byKey.remove(oldest.get());
        }
        byKey.remove(key); // To the end.
        byKey.put(key, known.with(one));
        return true;
    }

    int size() {
        return byKey.size();
    }

    /// What is known, whether it counts or not, older first: told in this order it is learnt again.
    Stream<Reachable> all(PublicKey key) {
        return byKey.getOrDefault(key, NOTHING).all().sorted(Contacts::bySequence);
    }

    private static int bySequence(Reachable one, Reachable other) {
        return Long.compare(one.header().sequence(), other.header().sequence());
    }

    /// What was said last, whether it counts or not.
    Optional<Reachable> newest(PublicKey key) {
        return all(key).reduce((_, newer) -> newer);
    }

    /// What was said last of that which counts now.
    Optional<Reachable> get(PublicKey key, Instant now) {
        return all(key).filter(one -> one.header().notAfter().isAfter(now))
                .reduce((_, newer) -> newer);
    }
}
