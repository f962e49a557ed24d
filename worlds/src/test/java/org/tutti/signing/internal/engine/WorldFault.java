package org.tutti.signing.internal.engine;

/// The classes of fault of a simulated world. Each is counted when it hits a session that is live:
/// in readiness, nonces or partial signatures, on a node that it concerns.
enum WorldFault {
    /// The machine stops between two inputs, or while it sends to all, and loses what was not
    /// forced; or only the process does.
    POWER_LOSS,
    /// It stops between writing an entry and forcing it, and a part of the entry is on disk.
    TORN_WRITE,
    DISK_ERROR,
    SHUTDOWN,
    RESTORED_JOURNAL,
    /// A second process with the same identity, keys and journal, connected to all members or some.
    COPY,
    CLOCK_FORWARD,
    CLOCK_BACK,
    /// Time passes while messages wait, as if all machines slept.
    SLEEP,
    REFUSAL,
    STRICTER_POLICY,
    SLOW_APPROVAL,
    BROKEN_LINK,
    /// Several inputs share one force of the journal.
    BATCH,
    /// Blocks that had transactions leave the chain.
    REORGANISATION,
    /// A request for what a live session holds.
    CROSSING,
    SILENCE,
    FORGED_ABORT,
    FORGED_FINAL,
    /// Other nonces to one than to another, or a nonce set that is not the one signed for.
    FALSE_VIEW,
    EQUIVOCATION,
    BAD_PARTIAL,
    REPLAY,
    WITHHELD_PARTIAL,
    /// A node takes no part in one of its groups any more, with a session that is live in it.
    GROUP_DROPPED,
    /// It does again, and resumes a session or has one in another group.
    GROUP_ADDED,
    /// Entries of two groups share one force of the journal.
    FORCE_OF_TWO_GROUPS,
    /// A message of a group that the receiver is not in now, or that its sender is not in.
    OTHER_GROUP,
    /// What is said in one group is said in the other, or given to its engine.
    MIXED_UP_GROUPS,
    /// One machine is asked for the same resource, or the same idempotency key, in both groups.
    SAME_NAMES_IN_TWO_GROUPS
}
