package org.tutti.signing.internal.engine;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.signing.request.KeyTweak;

import java.util.List;
import java.util.Optional;

/// The aggregate key of one group under each recently used tweak. Key aggregation takes 17 µs per
/// key.
public final class KeyContexts {
    /// Most tweaks kept.
    static final int MAX_KEPT = 64;

    private final KeyAggContext untweaked;
    private final BoundedMap<KeyTweak, KeyAggContext> kept = new BoundedMap<>(MAX_KEPT);

    public KeyContexts(List<PublicKey> keys) {
        this.untweaked = KeyAggContext.of(keys);
    }

    public KeyAggContext of(KeyTweak tweak) {
        KeyAggContext known = kept.get(tweak);
        if (known != null) {
            return known;
        }
        KeyAggContext made =
                switch (tweak) {
                    case KeyTweak.None _ -> untweaked;
                    case KeyTweak.Bip341KeyPath(Optional<Bytes> root) ->
                            untweaked.withTapTweak(root);
                };
        kept.put(tweak, made);
        return made;
    }
}
