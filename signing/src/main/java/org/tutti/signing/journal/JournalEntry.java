package org.tutti.signing.journal;

import org.tutti.base.Bytes;

/// A record, and whose it is.
///
/// @param group id of the group, 32 bytes
public record JournalEntry(Bytes group, JournalRecord record) {
    public JournalEntry {
        group.requireLength(32, "group id");
    }
}
