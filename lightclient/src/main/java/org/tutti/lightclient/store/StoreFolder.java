package org.tutti.lightclient.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The folder of a store, locked while it is open. A test implementation loses what was not forced.
interface StoreFolder extends AutoCloseable {

    /// Opens a file to read and write, and makes it if there is none.
    StoreFile open(String name) throws IOException;

    /// Gives a file another file's name, whose place it takes.
    void rename(String name, String newName) throws IOException;

    /// Returns when the names of the files survive a crash of the machine.
    void forceNames() throws IOException;

    /// Gives up the lock.
    @Override
    void close() throws IOException;

    /// One file.
    interface StoreFile extends AutoCloseable {
        long size() throws IOException;

        /// Fills the rest of the buffer with what the file has from `at` on.
        void read(long at, ByteBuffer target) throws IOException;

        /// Writes the rest of the buffer.
        void write(long at, ByteBuffer source) throws IOException;

        void truncate(long size) throws IOException;

        /// A part of the file that will not change any more, little-endian, without a copy in
        /// memory.
        ByteBuffer map(long at, int length) throws IOException;

        /// Returns when what was written survives a crash of the machine.
        void force() throws IOException;

        @Override
        void close() throws IOException;
    }
}
