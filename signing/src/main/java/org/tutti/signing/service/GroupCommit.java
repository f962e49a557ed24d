package org.tutti.signing.service;

import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.session.EngineInput;
import org.tutti.signing.session.EngineOutput;
import org.tutti.signing.session.SessionEngine;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Does what the engine says, with at most one force of the journal for a whole batch of events.
final class GroupCommit {
    /// What is done with actions other than Append.
    interface Outside {
        void perform(EngineOutput action);
    }

    private final SessionEngine engine;
    private final Journal journal;
    private final Outside outside;
    private boolean failed;

    GroupCommit(SessionEngine engine, Journal journal, Outside outside) {
        this.engine = engine;
        this.journal = journal;
        this.outside = outside;
    }

    /// Whether the journal could not be written.
    boolean failed() {
        return failed;
    }

    /// SAFETY 3: nothing that follows an entry which must be on disk leaves before it is there.
    /// What follows another entry waits until it is written: a killed process must not have told an
    /// answer that its journal does not know. What comes before the first entry does not wait.
    void perform(List<EngineOutput> actions, Instant now) {
        List<JournalRecord> records = new ArrayList<>();
        int written = actions.size();
        int forced = actions.size();
        for (int i = 0; i < actions.size(); i++) {
            if (actions.get(i) instanceof EngineOutput.Append(JournalRecord record)) {
                records.add(record);
                written = Math.min(written, i);
                forced = record.mustForce() ? Math.min(forced, i) : forced;
            }
        }
        actions.subList(0, written).forEach(this::performOne);
        if (!records.isEmpty() && !tried(() -> journal.append(records), now)) {
            abandon(actions.subList(written, actions.size()));
            return;
        }
        actions.subList(written, forced).forEach(this::performOne);
        if (forced < actions.size() && !tried(journal::force, now)) {
            abandon(actions.subList(forced, actions.size()));
            return;
        }
        actions.subList(forced, actions.size()).forEach(this::performOne);
    }

    /// What was to be sent may rest on entries that are not there. The rest is only for this node
    /// to know.
    private void abandon(List<EngineOutput> waiting) {
        waiting.stream()
                .filter(action ->
                        !(action instanceof EngineOutput.Send
                                || action instanceof EngineOutput.Broadcast))
                .forEach(this::performOne);
    }

    private void performOne(EngineOutput action) {
        if (!(action instanceof EngineOutput.Append)) {
            outside.perform(action);
        }
    }

    /// Something done to the journal.
    private interface Write {
        void run() throws IOException;
    }

    private boolean tried(Write write, Instant now) {
        try {
            write.run();
            return true;
        } catch (IOException e) {
            fail("the journal cannot be written: " + e.getMessage(), now);
            return false;
        }
    }

    /// Ends the signing, once.
    void fail(String reason, Instant now) {
        if (!failed) {
            failed = true;
            engine.handle(new EngineInput.JournalFailed(reason), now).forEach(this::performOne);
        }
    }
}
