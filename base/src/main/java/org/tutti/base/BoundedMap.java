package org.tutti.base;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map of at most so many entries that forgets the entry used least recently: a cache of what can
/// be made or asked again. Reading counts as use.
///
/// Not safe for threads: reading changes the order, so every use belongs under its owner's lock.
public final class BoundedMap<K, V> {
    private final LinkedHashMap<K, V> entries;

    /// @param maxEntries at least 1
    public BoundedMap(int maxEntries) {
        if (maxEntries < 1) {
            throw new IllegalArgumentException("a bound of " + maxEntries + " entries");
        }
        entries =
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                        return size() > maxEntries;
                    }
                };
    }

    public @Nullable V get(K key) {
        return entries.get(key);
    }

    /// Puts the entry; the one used least recently is forgotten if there would be too many.
    public void put(K key, V value) {
        entries.put(key, value);
    }

    public @Nullable V remove(K key) {
        return entries.remove(key);
    }

    public int size() {
        return entries.size();
    }
}
