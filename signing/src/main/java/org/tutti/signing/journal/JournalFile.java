package org.tutti.signing.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The file operations of a journal; a test implementation can lose what was not forced.
public interface JournalFile extends JournalSource {
    /// Writes all of `source` at the end. Need not survive a crash.
    void append(ByteBuffer source) throws IOException;

    /// Returns when everything appended before would survive a crash of the machine.
    void force() throws IOException;

    /// Cuts the file.
    void truncate(long size) throws IOException;
}
