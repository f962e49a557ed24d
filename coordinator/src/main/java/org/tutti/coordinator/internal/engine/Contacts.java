package org.tutti.coordinator.internal.engine;

import org.tutti.coordinator.message.Contact;
import org.tutti.musig.keys.PublicKey;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The peer of each key, by its newest contact. When the table is full, the contact is dropped that
/// was renewed longest ago and that no request needs.
final class Contacts {
    private final int max;
    private final Map<PublicKey, Contact> byKey = new LinkedHashMap<>();

    Contacts(int max) {
        this.max = max;
    }

    /// Takes a contact if it is newer than what is known.
    ///
    /// @param needed keys that must stay
    /// @return false if nothing was changed
    boolean learn(Contact contact, Predicate<PublicKey> needed) {
        PublicKey key = contact.header().key();
        Contact known = byKey.get(key);
        if (known != null && known.header().sequence() >= contact.header().sequence()) {
            return false;
        }
        if (known == null && byKey.size() >= max && !needed.test(key)) {
            Optional<PublicKey> oldest =
                    byKey.keySet().stream().filter(k -> !needed.test(k)).findFirst();
            if (oldest.isEmpty()) {
                return false;
            }
            byKey.remove(oldest.get());
        }
        byKey.remove(key); // To the end.
        byKey.put(key, contact);
        return true;
    }

    int size() {
        return byKey.size();
    }

    /// What was learned last, whether it counts or not.
    Optional<Contact> newest(PublicKey key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /// What counts now.
    Optional<Contact> get(PublicKey key, Instant now) {
        return Optional.ofNullable(byKey.get(key))
                .filter(contact -> contact.header().notAfter().isAfter(now));
    }
}
