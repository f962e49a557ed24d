package org.tutti.musig.musig;

import org.tutti.base.Bytes;
import org.tutti.musig.NativeLibraryException;
import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;
import org.tutti.musig.internal.secp256k1.Sizes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.taproot.TapTweak;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The keys of a group in their order, their aggregate, and the tweaks applied to it so far (BIP327
/// KeyAgg and ApplyTweak). Immutable; a tweak makes a new context.
///
/// The order matters: sort with [org.tutti.musig.keys.KeySort] where the group has no order of its
/// own. Equal keys are allowed, as BIP327 allows them; whether they make sense is the caller's
/// policy.
public final class KeyAggContext {
    /// The most keys in one aggregate.
    public static final int MAX_KEYS = 4096;

    private final List<PublicKey> keys;
    private final Map<PublicKey, Integer> places;
    private final byte[] cache;
    private final PublicKey aggregateKey;

    private KeyAggContext(
            List<PublicKey> keys,
            Map<PublicKey, Integer> places,
            byte[] cache,
            PublicKey aggregateKey) {
        this.keys = keys;
        this.places = places;
        this.cache = cache;
        this.aggregateKey = aggregateKey;
    }

    /// The aggregate of the keys in this order.
    ///
    /// @throws IllegalArgumentException for no keys or more than [#MAX_KEYS]
    public static KeyAggContext of(List<PublicKey> keys) {
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException(
                    "an aggregate has 1 to " + MAX_KEYS + " keys, not " + keys.size());
        }
        List<PublicKey> copy = List.copyOf(keys);
        Scratch s = Scratch.take();
        try {
            if (copy.size() <= Scratch.LIST) {
                aggregate(copy, s, s.pointers, s.elements);
            } else {
                try (Arena arena = Arena.ofConfined()) {
                    aggregate(
                            copy,
                            s,
                            NativeList.pointers(arena, copy.size()),
                            elements(arena, copy));
                }
            }
            return new KeyAggContext(
                    copy,
                    places(copy),
                    Scratch.get(s.keyAggCache, Sizes.KEYAGG_CACHE),
                    aggregateKey(s));
        } finally {
            s.giveBack();
        }
    }

    private static MemorySegment elements(Arena arena, List<PublicKey> keys) {
        return arena.allocate((long) keys.size() * Sizes.PUBLIC_KEY);
    }

    private static void aggregate(
            List<PublicKey> keys, Scratch s, MemorySegment pointers, MemorySegment elements) {
        for (int i = 0; i < keys.size(); i++) {
            keys.get(i).writeTo(elements, (long) i * Sizes.PUBLIC_KEY);
        }
        NativeList.point(pointers, elements, keys.size(), Sizes.PUBLIC_KEY);
        if (!LibSecp256k1.aggregateKeys(MemorySegment.NULL, s.keyAggCache, pointers, keys.size())) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "key aggregation failed");
        }
    }

    private static PublicKey aggregateKey(Scratch s) {
        if (!LibSecp256k1.aggregateKey(s.publicKey, s.keyAggCache)) {
            throw new NativeLibraryException(
                    NativeLibraryException.Code.CALL_FAILED, "no aggregate key");
        }
        return PublicKey.ofParsed(s.publicKey);
    }

    private static Map<PublicKey, Integer> places(List<PublicKey> keys) {
        Map<PublicKey, Integer> places = HashMap.newHashMap(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            places.putIfAbsent(keys.get(i), i);
        }
        return places;
    }

    /// The keys, in the order given.
    public List<PublicKey> keys() {
        return keys;
    }

    /// The place of a key, from 0, the first of several equal ones; -1 for a stranger's.
    public int indexOf(PublicKey key) {
        return places.getOrDefault(key, -1);
    }

    /// The aggregate after the tweaks, with the parity of y.
    public PublicKey aggregateKey() {
        return aggregateKey;
    }

    /// The aggregate after the tweaks as BIP340 has it: the key that signatures verify under.
    public XOnlyPublicKey xOnlyKey() {
        return aggregateKey.xOnly();
    }

    /// Adds `tweak·G`, as BIP32 derivation does.
    ///
    /// @param tweak32 32 bytes, big-endian
    /// @throws InvalidTweakException if it is not below n, or leads to infinity
    public KeyAggContext withPlainTweak(Bytes tweak32) {
        return withTweak(tweak32, LibSecp256k1::plainTweak);
    }

    /// The plain tweaks one after the other ([org.tutti.musig.keys.Bip328.Derived#tweaks()]).
    ///
    /// @throws InvalidTweakException as [#withPlainTweak]
    public KeyAggContext withPlainTweaks(List<Bytes> tweaks) {
        KeyAggContext context = this;
        for (Bytes tweak : tweaks) {
            context = context.withPlainTweak(tweak);
        }
        return context;
    }

    /// Takes the key with even y, then adds `tweak·G`, as BIP341 does.
    ///
    /// @param tweak32 32 bytes, big-endian
    /// @throws InvalidTweakException if it is not below n, or leads to infinity
    public KeyAggContext withXOnlyTweak(Bytes tweak32) {
        return withTweak(tweak32, LibSecp256k1::xOnlyTweak);
    }

    /// The Taproot output key with this aggregate as internal key (BIP341).
    ///
    /// @param merkleRoot 32 bytes, empty without scripts
    public KeyAggContext withTapTweak(Optional<Bytes> merkleRoot) {
        return withXOnlyTweak(TapTweak.tweak(xOnlyKey(), merkleRoot));
    }

    private interface Tweak {
        boolean apply(MemorySegment publicKey, MemorySegment cache, MemorySegment tweak);
    }

    private KeyAggContext withTweak(Bytes tweak32, Tweak tweak) {
        tweak32.requireLength(32, "a tweak");
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.bytes32, tweak32.toArray());
            if (!tweak.apply(MemorySegment.NULL, writeTo(s.keyAggCache), s.bytes32)) {
                throw new InvalidTweakException();
            }
            byte[] tweaked = Scratch.get(s.keyAggCache, Sizes.KEYAGG_CACHE);
            return new KeyAggContext(keys, places, tweaked, aggregateKey(s));
        } finally {
            s.giveBack();
        }
    }

    /// Copies libsecp256k1's cache to the start of `target` and returns `target`.
    MemorySegment writeTo(MemorySegment target) {
        return Scratch.put(target, cache);
    }

    /// @throws SigningRefusedException KEY_NOT_IN_GROUP
    void requireMember(PublicKey key) {
        if (!places.containsKey(key)) {
            throw new SigningRefusedException(
                    SigningRefusedException.Code.KEY_NOT_IN_GROUP,
                    "key " + key + " is not among the keys of the aggregate");
        }
    }

    @Override
    public String toString() {
        return "KeyAggContext[" + keys.size() + " keys, aggregate " + aggregateKey + "]";
    }
}
