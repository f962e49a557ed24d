package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;

/// Receives what a journal has, oldest first.
public interface JournalListener {
    /// @param head of the group's chain after this entry; null for an entry of a snapshot, which is
    ///   in no group's chain
    void accept(JournalEntry entry, @Nullable JournalHead head);
}
