package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalRecord;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Performs the outputs of the engine, with at most one force of the journal for a whole batch of
/// inputs.
public final class GroupCommit {
    /// Performs outputs other than Append.
    public interface OutputHandler {
        void perform(EngineOutput output);
    }

    private final SessionEngine engine;
    private final Bytes group;
    private final Journal journal;
    private final OutputHandler handler;
    private boolean failed;
    private @Nullable Throwable failure;

    /// @param group id of the engine's group, 32 bytes
    public GroupCommit(SessionEngine engine, Bytes group, Journal journal, OutputHandler handler) {
        this.engine = engine;
        this.group = group;
        this.journal = journal;
        this.handler = handler;
    }

    /// Whether the journal could not be written.
    public boolean failed() {
        return failed;
    }

    /// Why it failed, once.
    public Optional<Throwable> failure() {
        Optional<Throwable> first = Optional.ofNullable(failure);
        failure = null;
        return first;
    }

    /// SAFETY 3: no output that follows an entry which must be on disk is performed before that
    /// entry is on disk. Outputs that follow another entry wait until it is written: a process must
    /// not have reported a result, and then be killed, if its journal does not have it. Outputs
    /// before the first entry do not wait.
    public void perform(List<EngineOutput> outputs, EngineTime now) {
        List<JournalRecord> records = new ArrayList<>();
        int written = outputs.size();
        int forced = outputs.size();
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i) instanceof EngineOutput.Append(JournalRecord record)) {
                records.add(record);
                written = Math.min(written, i);
                forced = record.mustForce() ? Math.min(forced, i) : forced;
            }
        }
        outputs.subList(0, written).forEach(this::performOne);
        if (!records.isEmpty() && !tried(() -> journal.append(group, records), now)) {
            abandon(outputs.subList(written, outputs.size()));
            return;
        }
        outputs.subList(written, forced).forEach(this::performOne);
        if (forced < outputs.size() && !tried(journal::force, now)) {
            abandon(outputs.subList(forced, outputs.size()));
            return;
        }
        outputs.subList(forced, outputs.size()).forEach(this::performOne);
    }

    /// As [#perform(List, EngineTime)], by a wall clock that nobody sets.
    public void perform(List<EngineOutput> outputs, Instant now) {
        perform(outputs, EngineTime.of(now));
    }

    /// Lets the journal be compacted, after a batch.
    public void compact(JournalCompactor compactor, EngineTime now) {
        if (!failed) {
            tried(compactor::step, now);
        }
    }

    /// Messages are discarded, because they may depend on entries that were not written. The other
    /// outputs stay within this node.
    private void abandon(List<EngineOutput> waiting) {
        waiting.stream()
                .filter(output ->
                        !(output instanceof EngineOutput.Send
                                || output instanceof EngineOutput.Broadcast))
                .forEach(this::performOne);
    }

    private void performOne(EngineOutput output) {
        if (!(output instanceof EngineOutput.Append)) {
            handler.perform(output);
        }
    }

    /// An operation on the journal.
    private interface Write {
        void run() throws IOException;
    }

    private boolean tried(Write write, EngineTime now) {
        try {
            write.run();
            return true;
        } catch (IOException e) {
            fail(e, "the journal cannot be written: " + e.getMessage(), now);
            return false;
        }
    }

    /// Stops signing. Only the first call has an effect.
    public void fail(Throwable cause, String reason, EngineTime now) {
        if (!failed) {
            failed = true;
            failure = cause;
            engine.handle(new EngineInput.JournalFailed(reason), now).forEach(this::performOne);
        }
    }
}
