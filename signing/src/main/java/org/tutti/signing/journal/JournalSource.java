package org.tutti.signing.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A journal that is read, by whatever thread owns this handle.
public interface JournalSource extends AutoCloseable {
    /// Bytes in the file.
    long size() throws IOException;

    /// Reads into `target` from `position` on, at least one byte.
    ///
    /// @return how many, -1 at the end
    int read(long position, ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;
}
