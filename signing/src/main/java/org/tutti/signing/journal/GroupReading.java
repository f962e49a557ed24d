package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.time.Instant;

/// Reads what a journal says of one group up to some moment, on another thread than the one that
/// goes on writing the journal.
public final class GroupReading implements AutoCloseable {
    private final JournalSource source;
    private final long prefix;
    private final Bytes group;

    GroupReading(JournalSource source, long prefix, Bytes group) {
        this.source = source;
        this.prefix = prefix;
        this.group = group;
    }

    /// Reads to the end, once. Entries of other groups are passed over.
    ///
    /// @param now by the wall clock
    public JournalState read(JournalRetention retention, Instant now) throws IOException {
        JournalState state = new JournalState(retention, now);
        JournalReader reader = new JournalReader(source, prefix);
        state.begin(reader.journal());
        reader.readAll((entry, head) -> {
            if (entry.group().equals(group)) {
                state.accept(entry, head);
            }
        });
        state.forgetAll();
        return state;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
