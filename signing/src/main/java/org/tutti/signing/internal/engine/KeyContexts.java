package org.tutti.signing.internal.engine;

import org.tutti.base.BoundedMap;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.keys.MessageKeys;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.util.List;

/// The aggregate key of one group under each recently used derivation and tweak.
public final class KeyContexts {
    /// Most tweaks kept.
    static final int MAX_KEPT = 64;

    private final KeyAggContext untweaked;
    private final BoundedMap<Key, KeyAggContext> kept = new BoundedMap<>(MAX_KEPT);

    private record Key(KeyTweak tweak, List<Integer> path) {}

    public KeyContexts(SignerGroup group) {
        this.untweaked = group.aggregate();
    }

    /// The key of a message.
    public KeyAggContext of(MessageToSign message) {
        Key key = new Key(message.tweak(), message.path());
        KeyAggContext known = kept.get(key);
        if (known != null) {
            return known;
        }
        KeyAggContext made = MessageKeys.of(untweaked, message);
        kept.put(key, made);
        return made;
    }
}
