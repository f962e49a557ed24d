package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.List;
import java.util.Optional;

/// What this node keeps for others, and what it knows of the validity of values. Called by the
/// engine with its lock held: returns at once, and takes its time from `now`.
public interface LocalRecords {
    /// What became of a value that somebody wants kept.
    enum Verdict {
        /// It is kept, or was.
        KEPT,
        /// It is valid, but a better one is there: the asker is behind, not bad.
        OUTDATED,
        /// There is no room for it.
        FULL,
        /// No namespace of ours, which a peer cannot know.
        UNKNOWN_NAMESPACE,
        /// It is not valid for this key, at this time.
        INVALID
    }

    /// The value that is kept under a key and has not expired.
    Optional<Value> value(Bytes key, Now now);

    /// Keeps a value if it is valid and the best, and there is room.
    ///
    /// @param from who sent it
    Verdict put(PeerId from, Value value, Now now);

    /// Whether a value is valid for the key.
    boolean isValid(Bytes key, Bytes value, Now now);

    /// Whether `candidate` is better than `than`; both are valid.
    boolean isBetter(Bytes key, Bytes candidate, Bytes than);

    /// Peers that said that they provide a key, with their addresses.
    List<Contact> providers(Bytes key, Now now);

    /// Notes that a peer provides a key.
    ///
    /// @return false if there is no room
    boolean addProvider(Bytes key, Contact provider, Now now);

    /// Keeps nothing and finds nothing valid: for nodes that only look for peers.
    static LocalRecords none() {
        return NoRecords.INSTANCE;
    }
}
