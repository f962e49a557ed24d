package org.tutti.signing.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/// A journal file in memory that knows what was forced, and loses the rest in a crash, as a crash
/// of the machine does; killing the process would not.
public final class RecordingJournalFile implements JournalFile {
    /// Called before each operation on the file; throws to stop the process there.
    public interface Probe {
        void before(String operation);
    }

    private final boolean forceWorks;
    private Probe probe = _ -> {};
    private byte[] written = new byte[0];
    private byte[] durable = new byte[0];
    private int forces;
    private BooleanSupplier failing = () -> false;

    public RecordingJournalFile() {
        this(true);
    }

    /// @param forceWorks false to simulate code without the force
    public RecordingJournalFile(boolean forceWorks) {
        this.forceWorks = forceWorks;
    }

    public void probe(Probe value) {
        probe = value;
    }

    /// Loses everything that was not forced.
    public void crash() {
        written = durable.clone();
    }

    /// A copy that holds what would survive a crash now.
    public RecordingJournalFile durableCopy() {
        return copy(durable);
    }

    /// A backup: everything that is in the file now.
    public RecordingJournalFile backup() {
        return copy(written);
    }

    private static RecordingJournalFile copy(byte[] content) {
        RecordingJournalFile copy = new RecordingJournalFile();
        copy.written = content.clone();
        copy.durable = content.clone();
        return copy;
    }

    /// The disk fails at every force for which this returns true.
    public void failing(BooleanSupplier value) {
        failing = value;
    }

    public int forces() {
        return forces;
    }

    public byte[] content() {
        return written.clone();
    }

    public void content(byte[] value) {
        written = value.clone();
        durable = value.clone();
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
    public void append(ByteBuffer source) {
        probe.before("append");
        int at = written.length;
        written = Arrays.copyOf(written, at + source.remaining());
        source.get(written, at, written.length - at);
    }

    @Override
    public void force() throws IOException {
        probe.before("force");
        if (failing.getAsBoolean()) {
            throw new IOException("No space left on device");
        }
        if (forceWorks) {
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
    public void close() {}
}
