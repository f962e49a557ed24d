package org.tutti.libp2p.kad;

/// When a listing of a topic stops: strangers can make a topic as long as they like.
///
/// @param entries how many entries to give, at least 1
/// @param shards how many shards to read, at least 1
/// @param records how many records to ask for, at least 1
public record ListLimits(int entries, int shards, int records) {
    /// 1,000 entries, out of at most 1,000 shards and 3,000 records.
    public static final ListLimits DEFAULT = new ListLimits(1_000, 1_000, 3_000);

    public ListLimits {
        if (entries < 1 || shards < 1 || records < 1) {
            throw new IllegalArgumentException("a limit below 1");
        }
    }

    /// So many entries, out of three times as many records.
    public static ListLimits entries(int most) {
        return new ListLimits(most, DEFAULT.shards, Math.multiplyExact(3, most));
    }
}
