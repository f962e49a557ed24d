package org.tutti.signing.journal;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Journals of tests: their id, and what is in them.
public final class TestJournals {
    /// The id of journals that tests make.
    public static final Bytes ID = Bytes.fromHex("a1".repeat(JournalHead.JOURNAL_ID_BYTES));

    /// The id of a group, where it does not matter which.
    public static final Bytes GROUP = Bytes.fromHex("60".repeat(32));

    /// A head before any entry.
    public static final JournalHead NO_ENTRY = JournalHead.start(ID, GROUP);

    private TestJournals() {}

    /// Opens a journal; nothing that it has matters.
    public static Journal open(JournalFiles files) throws IOException {
        return open(files, state(Instant.EPOCH));
    }

    public static Journal open(JournalFiles files, JournalState state) throws IOException {
        return Journal.open(files, () -> ID, state);
    }

    /// A state that accumulates what matters at this time.
    public static JournalState state(Instant now) {
        return new JournalState(JournalRetention.of(SigningLimits.DEFAULT), now);
    }

    /// The state of a journal with these records of one group.
    public static JournalState state(
            SigningLimits limits, Instant now, Bytes group, List<JournalRecord> records) {
        JournalState state = new JournalState(JournalRetention.of(limits), now);
        state.begin(ID);
        JournalHead head = JournalHead.start(ID, group);
        for (JournalRecord record : records) {
            head = head.next(record.type(), record.payload());
            state.accept(new JournalEntry(group, record), head);
        }
        return state;
    }

    /// The head after these records of one group.
    public static JournalHead head(Bytes group, List<JournalRecord> records) {
        JournalHead head = JournalHead.start(ID, group);
        for (JournalRecord record : records) {
            head = head.next(record.type(), record.payload());
        }
        return head;
    }

    /// A head of a journal of this id.
    public static JournalHead head(long count, Bytes hash) {
        return new JournalHead(ID, count, hash);
    }

    /// All entries, of whatever group.
    public static List<JournalEntry> entries(JournalFiles files) throws IOException {
        List<JournalEntry> entries = new ArrayList<>();
        try (JournalSource source = files.source()) {
            Journal.read(source, (entry, _) -> entries.add(entry));
        }
        return entries;
    }

    /// All records, of whatever group.
    public static List<JournalRecord> records(JournalFiles files) throws IOException {
        return entries(files).stream().map(JournalEntry::record).toList();
    }
}
