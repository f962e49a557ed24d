package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// A journal in memory that knows what was forced, contents and names apart, and loses the rest in
/// a crash, as a crash of the machine does; killing the process would not.
public final class MemoryJournalFiles implements JournalFiles {
    /// Called before each operation; throws to stop the process there.
    public interface Probe {
        void before(String operation);
    }

    private final boolean forceWorks;
    private Probe probe = _ -> {};
    private @Nullable Memory journal;
    private @Nullable Memory durableJournal;
    private @Nullable Memory temporary;
    private int forces;
    private BooleanSupplier failing = () -> false;
    private BooleanSupplier full = () -> false;
    private BooleanSupplier namesFail = () -> false;
    private boolean closeFails;

    public MemoryJournalFiles() {
        this(true);
    }

    /// @param forceWorks false to simulate code without the force of the journal
    public MemoryJournalFiles(boolean forceWorks) {
        this.forceWorks = forceWorks;
    }

    public void probe(Probe value) {
        probe = value;
    }

    /// Loses everything that was not forced.
    public void crash() {
        journal = durableJournal;
        temporary = null;
        if (journal != null) {
            journal.written = journal.durable.clone();
        }
    }

    /// Loses everything that was not forced, except the names, which the system happened to write.
    public void crashWithNames() {
        durableJournal = journal;
        crash();
    }

    /// A copy that holds what would survive a crash now.
    public MemoryJournalFiles durableCopy() {
        return copy(durable());
    }

    /// What would survive a crash now; not to be changed, and another array after each force.
    byte[] durable() {
        return durableJournal == null ? new byte[0] : durableJournal.durable;
    }

    /// A backup: everything that is in the file now.
    public MemoryJournalFiles backup() {
        return copy(content());
    }

    private static MemoryJournalFiles copy(byte[] content) {
        MemoryJournalFiles copy = new MemoryJournalFiles();
        copy.content(content);
        return copy;
    }

    /// The disk fails at every force of the journal for which this returns true.
    public void failing(BooleanSupplier value) {
        failing = value;
    }

    /// Nothing can be written into a temporary file while this returns true.
    public void full(BooleanSupplier value) {
        full = value;
    }

    /// The names cannot be forced while this returns true.
    public void namesFail(BooleanSupplier value) {
        namesFail = value;
    }

    /// Whether a file cannot be closed.
    public void closeFails(boolean value) {
        closeFails = value;
    }

    /// How often the journal was forced.
    public int forces() {
        return forces;
    }

    /// What is in the journal; empty if there is none.
    public byte[] content() {
        return journal == null ? new byte[0] : journal.written.clone();
    }

    /// Replaces the journal. Without content there is none.
    public void content(byte[] value) {
        journal = value.length == 0 ? null : new Memory(value);
        durableJournal = journal;
    }

    /// Whether a temporary file was left.
    public boolean hasTemporary() {
        return temporary != null;
    }

    @Override
    public Optional<JournalFile> journal() {
        return Optional.ofNullable(journal);
    }

    @Override
    public JournalSource source() throws IOException {
        if (journal == null) {
            throw new IOException("no journal");
        }
        return journal;
    }

    @Override
    public JournalFile createTemporary() {
        probe.before("create temporary");
        Memory fresh = new Memory(new byte[0]);
        temporary = fresh;
        return fresh;
    }

    @Override
    public void deleteTemporary() {
        temporary = null;
    }

    @Override
    public void replaceByTemporary() throws IOException {
        probe.before("replace");
        if (temporary == null) {
            throw new IOException("no temporary file");
        }
        journal = temporary;
        temporary = null;
    }

    @Override
    public void forceNames() throws IOException {
        probe.before("force names");
        if (namesFail.getAsBoolean()) {
            throw new IOException("Input/output error");
        }
        durableJournal = journal;
        probe.before("after force names");
    }

    @Override
    public void close() {}

    /// One file.
    private final class Memory implements JournalFile {
        private byte[] written;
        private byte[] durable;

        Memory(byte[] content) {
            this.written = content.clone();
            this.durable = content.clone();
        }

        @Override
        public long size() {
            return written.length;
        }

        @Override
        public int read(long position, ByteBuffer target) {
            if (position >= written.length) {
                return -1;
            }
            int length = Math.min(target.remaining(), written.length - (int) position);
            target.put(written, (int) position, length);
            return length;
        }

        @Override
        public void append(ByteBuffer source) throws IOException {
            probe.before("append");
            if (isTemporary() && full.getAsBoolean()) {
                throw new IOException("No space left on device");
            }
            int at = written.length;
            written = Arrays.copyOf(written, at + source.remaining());
            source.get(written, at, written.length - at);
        }

        private boolean isTemporary() {
            return equals(temporary);
        }

        @Override
        public void force() throws IOException {
            probe.before("force");
            if (!isTemporary() && failing.getAsBoolean()) {
                throw new IOException("No space left on device");
            }
            if (forceWorks || isTemporary()) {
                durable = written.clone();
            }
            forces++;
            probe.before("after force");
        }

        @Override
        public void truncate(long size) {
            written = Arrays.copyOf(written, (int) size);
        }

        @Override
        public void close() throws IOException {
            if (closeFails) {
                throw new IOException("Input/output error");
            }
        }
    }
}
