package org.tutti.libp2p.internal.kad.records;

/// How much somebody may have in a store.
///
/// @param entries at least 1
/// @param bytes as they lie in memory, at least 1
public record Bound(int entries, long bytes) {
    public Bound {
        if (entries < 1 || bytes < 1) {
            throw new IllegalArgumentException("a bound of " + entries + " entries, " + bytes);
        }
    }

    boolean holds(int otherEntries, long otherBytes) {
        return otherEntries <= entries && otherBytes <= bytes;
    }
}
