package org.tutti.libp2p.kad;

/// What was done under a topic.
public sealed interface TopicResult {
    /// Hops are the most of any look-up; messages those of all of them.
    LookupStats stats();

    /// An entry was published, or withdrawn.
    ///
    /// @param replicas how many peers keep the record now
    /// @param shards in how many shards this host is named as an author; 0 after it was withdrawn,
    ///   because what others keep of that expires by itself
    record Published(int replicas, int shards, LookupStats stats) implements TopicResult {}

    /// Entries were listed.
    ///
    /// @param entries how many
    /// @param end whether these are all
    /// @param shards how many were read
    /// @param records how many were asked for
    /// @param failures look-ups that failed, of shards and of records
    record Listed(int entries, End end, int shards, int records, int failures, LookupStats stats)
            implements TopicResult {}

    /// Why a listing ended.
    enum End {
        /// Everything that replicas named was read.
        COMPLETE,
        /// There are as many entries as were wanted, and there may be more.
        ENTRIES,
        /// There are more shards than were to be read.
        SHARDS,
        /// There are more authors than were to be asked for.
        RECORDS
    }
}
