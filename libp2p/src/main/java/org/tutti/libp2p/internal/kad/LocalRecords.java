package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.kad.records.QuorumRead;
import org.tutti.libp2p.internal.kad.records.Source;
import org.tutti.libp2p.kad.record.SeenSequence;

import java.util.List;
import java.util.Optional;

/// What this node keeps for others, and how it reads what others keep. Called by the engine, one
/// call at a time: returns at once, and takes its time from `now`.
public interface LocalRecords {
    /// What became of a value that somebody wants kept.
    enum Verdict {
        /// It is kept, or was.
        KEPT,
        /// It is valid, but a better one is there: the asker is behind, not bad.
        OUTDATED,
        /// It has expired. The sender's clock may be slow, so nothing is held against it.
        EXPIRED,
        /// There is no room for it.
        FULL,
        /// No namespace of ours, which a peer cannot know.
        UNKNOWN_NAMESPACE,
        /// It does not belong under its key.
        INVALID
    }

    /// The value that is kept under a key and has not expired.
    Optional<Bytes> value(Bytes key, Now now);

    /// Keeps a value if it is valid and the best, and there is room.
    Verdict put(Bytes key, Bytes value, Source from, Now now);

    /// Begins to read what others keep under a key.
    ///
    /// @param quorum how many valid answers are enough, at least 1
    QuorumRead read(Bytes key, int quorum);

    /// The highest sequences that this node was shown, of all that it has read, as long as older
    /// ones can be valid.
    List<SeenSequence> seen(Now now);

    /// What it was shown when it ran last.
    void remember(List<SeenSequence> before, Now now);

    /// The keys whose values nobody put for an hour; they are due again an hour later.
    ///
    /// @param most how many at once
    List<Bytes> dueForReplication(Now now, int most);

    /// Whether there is any value.
    boolean hasValues();

    /// Peers that said that they provide a key, with their addresses.
    List<Contact> providers(Bytes key, Now now);

    /// Notes that a peer provides a key.
    ///
    /// @return false if it is no key for providers, or there is no room
    boolean addProvider(Bytes key, Contact provider, Source from, Now now);
}
