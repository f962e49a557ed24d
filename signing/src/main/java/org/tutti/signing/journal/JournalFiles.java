package org.tutti.signing.journal;

import java.io.IOException;
import java.util.Optional;

/// The journal's place: its file, and beside it the temporary file that is to take its name. Locked
/// while it is open, so that two processes never write the same journal. A test implementation
/// crashes between any two of these operations.
public interface JournalFiles extends AutoCloseable {
    /// The journal, to be read and appended to; empty if there is none yet.
    Optional<JournalFile> journal() throws IOException;

    /// The journal, to be read beside what writes it.
    JournalSource source() throws IOException;

    /// An empty file beside the journal, readable only by its owner. One that was there is gone.
    JournalFile createTemporary() throws IOException;

    /// Deletes the temporary file, if there is one.
    void deleteTemporary() throws IOException;

    /// Gives the temporary file the journal's name, in one step. A handle of the file stays good.
    /// Until [#forceNames] a crash may bring back the file that had the name before.
    void replaceByTemporary() throws IOException;

    /// Returns when the names would survive a crash of the machine.
    void forceNames() throws IOException;

    /// Gives up the lock. The files are closed by whoever opened them.
    @Override
    void close() throws IOException;
}
