package org.tutti.lightclient.headers;

import java.util.Arrays;

/// Finds the position of a header by its hash: 256 hash tables of plain numbers, which grow one by
/// one, so that the table never doubles as a whole.
///
/// A slot holds 32 bits of the mixed hash and the position plus one; zero is an empty slot. About
/// 14 bytes a header. Whoever looks up says whether a position has the hash: two headers may share
/// the 32 bits. The hash is mixed with a secret number, so that nobody can mine headers that all
/// fall into one slot.
final class HeaderIndex {
    private static final int SHARDS = 256;
    private static final int FIRST_SLOTS = 16;
    private static final long POSITION = 0xffff_ffffL;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final long secret;
    private final long[][] shards = new long[SHARDS][];
    private final int[] used = new int[SHARDS];

    /// Whether the header at a position has a hash.
    interface Match {
        boolean isAt(int position, long[] hash, int at);
    }

    HeaderIndex(long secret) {
        this.secret = secret;
        clear();
    }

    void clear() {
        Arrays.setAll(shards, _ -> new long[FIRST_SLOTS]);
        Arrays.fill(used, 0);
    }

    /// The position of the header with this hash, or -1.
    ///
    /// @param hash words, the first of them at `at`
    int find(long[] hash, int at, Match match) {
        long mixed = mix(hash[at]);
        long[] slots = shards[(int) (mixed >>> 56)];
        int tag = (int) mixed;
        int mask = slots.length - 1;
        for (int i = tag & mask; slots[i] != 0; i = (i + 1) & mask) {
            if ((int) (slots[i] >>> 32) == tag) {
                int position = (int) (slots[i] & POSITION) - 1;
                if (match.isAt(position, hash, at)) {
                    return position;
                }
            }
        }
        return -1;
    }

    /// Adds a header that is not in the index yet.
    void add(long[] hash, int at, int position) {
        long mixed = mix(hash[at]);
        int shard = (int) (mixed >>> 56);
        if (4 * (used[shard] + 1) > 3 * shards[shard].length) {
            grow(shard);
        }
        used[shard]++;
        put(shards[shard], (mixed << 32) | (position + 1L));
    }

    private void grow(int shard) {
        long[] old = shards[shard];
        long[] larger = new long[2 * old.length];
        for (long slot : old) {
            if (slot != 0) {
                put(larger, slot);
            }
        }
        shards[shard] = larger;
    }

    private static void put(long[] slots, long slot) {
        int mask = slots.length - 1;
        int i = (int) (slot >>> 32) & mask;
        while (slots[i] != 0) {
            i = (i + 1) & mask;
        }
        slots[i] = slot;
    }

    /// The lowest word of a block's hash is random whatever its proof of work.
    private long mix(long word) {
        long mixed = (word ^ secret) * MULTIPLIER;
        return (mixed ^ (mixed >>> 32)) * MULTIPLIER;
    }
}
