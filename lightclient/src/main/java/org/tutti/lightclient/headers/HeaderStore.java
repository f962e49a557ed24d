package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

import java.util.List;

/// Where headers lie: one after the other in the order in which they were taken, each at a position
/// that it keeps. The header at position 0 is the start's. What was written is never changed; the
/// end can be cut off.
///
/// Owned by the one thread that owns the chain. Every method but [#close] throws
/// [HeaderStoreException] when the environment fails.
public interface HeaderStore extends AutoCloseable {

    /// Something that is known of a header beside its 80 bytes.
    ///
    /// @param block whose it is; perhaps one that is not stored
    record Mark(Kind kind, BlockHash block) {
        /// What is known.
        public enum Kind {
            /// The block was found invalid, and so is all that follows it.
            INVALID,
            /// Our owner has declared the block invalid, with all that follows it.
            DECLARED_INVALID,
            /// It is not, whatever was said before.
            RECONSIDERED,
            /// The tip of a signet's chain whose blocks were verified.
            VERIFIED_TIP
        }
    }

    /// Where the chain begins.
    ChainStart start();

    /// How many headers there are, the first one included.
    int size();

    /// Adds headers of 80 bytes each. They survive the end of this process at once, that of the
    /// machine after [#force].
    void append(byte[] headers, int offset, int count);

    /// Forgets all headers from this position on.
    ///
    /// @param size at least 1
    void truncate(int size);

    /// 32 bits of a header, little-endian.
    ///
    /// @param offset from 0 to 76
    int i32(int position, int offset);

    /// 64 bits of a header, little-endian.
    ///
    /// @param offset from 0 to 72
    long i64(int position, int offset);

    /// Copies a header's 80 bytes.
    void copy(int position, byte[] target, int at);

    /// The marks in the order in which they were made.
    List<Mark> marks();

    /// Adds a mark. It survives what headers survive.
    void mark(Mark mark);

    /// Returns when all that was added survives a crash of the machine; at once where nothing was
    /// added.
    void force();

    @Override
    void close();
}
