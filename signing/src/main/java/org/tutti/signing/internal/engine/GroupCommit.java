package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.session.AbortCode;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Performs the outputs of the engines of all groups, with one write and at most one force of the
/// journal for a whole batch of inputs.
public final class GroupCommit {
    private final Collection<GroupEngine> engines;
    private final Journal journal;
    private boolean failed;
    private @Nullable Throwable failure;

    /// @param engines whose outputs are performed, as they are at each time: all stop when the
    ///   journal fails
    public GroupCommit(Collection<GroupEngine> engines, Journal journal) {
        this.engines = engines;
        this.journal = journal;
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
    /// before the first entry do not wait. Groups share the order, so an output may wait for an
    /// entry of another group.
    public void perform(List<GroupOutput> outputs, EngineTime now) {
        List<JournalEntry> entries = new ArrayList<>();
        int written = outputs.size();
        int forced = outputs.size();
        for (int i = 0; i < outputs.size(); i++) {
            GroupOutput of = outputs.get(i);
            if (of.output() instanceof EngineOutput.Append(JournalRecord record)) {
                entries.add(new JournalEntry(of.from().group(), record));
                written = Math.min(written, i);
                forced = record.mustForce() ? Math.min(forced, i) : forced;
            }
        }
        perform(outputs, 0, written);
        if (!entries.isEmpty() && !tried(() -> journal.append(entries), now)) {
            abandon(outputs.subList(written, outputs.size()));
            return;
        }
        perform(outputs, written, forced);
        if (forced < outputs.size() && !tried(journal::force, now)) {
            abandon(outputs.subList(forced, outputs.size()));
            return;
        }
        perform(outputs, forced, outputs.size());
    }

    private static void perform(List<GroupOutput> outputs, int from, int to) {
        for (int i = from; i < to; i++) {
            outputs.get(i).perform();
        }
    }

    /// As [#perform(List, EngineTime)], by a wall clock that nobody sets.
    public void perform(List<GroupOutput> outputs, Instant now) {
        perform(outputs, EngineTime.of(now));
    }

    /// Lets the journal be compacted, after a batch.
    public void compact(JournalCompactor compactor, EngineTime now) {
        if (!failed) {
            tried(compactor::step, now);
        }
    }

    /// What may depend on entries that were not written does not leave: neither messages nor
    /// signatures, which their owner would use. A journal that does not know of them would let the
    /// next process sign what conflicts with them. The other outputs stay within this node.
    private static void abandon(List<GroupOutput> waiting) {
        for (GroupOutput of : waiting) {
            switch (of.output()) {
                case EngineOutput.Send _,
                        EngineOutput.SendToAllConnections _,
                        EngineOutput.Broadcast _,
                        EngineOutput.HandOver _,
                        EngineOutput.Emit(SessionEvent.Signed _) -> {}
                case EngineOutput.HoldChanged changed ->
                        of.from().perform(withoutSignatures(changed));
                case EngineOutput.Finish(SessionOutcome.Signed signed) ->
                        of.from().perform(new EngineOutput.Finish(notOnDisk(of.from(), signed)));
                case EngineOutput.Finish _,
                        EngineOutput.Emit _,
                        EngineOutput.AskApproval _,
                        EngineOutput.Append _,
                        EngineOutput.SaveEvidence _,
                        EngineOutput.CannotSign _ ->
                        of.perform();
            }
        }
    }

    private static EngineOutput.HoldChanged withoutSignatures(EngineOutput.HoldChanged changed) {
        return changed.change() == EngineOutput.HoldChanged.Change.SIGNED
                ? new EngineOutput.HoldChanged(
                        EngineOutput.HoldChanged.Change.UNKNOWN,
                        changed.request(),
                        changed.hold(),
                        List.of(),
                        changed.at())
                : changed;
    }

    private static SessionOutcome notOnDisk(GroupEngine of, SessionOutcome.Signed signed) {
        return new SessionOutcome.Aborted(
                signed.sessionId(),
                of.engine().self(),
                AbortCode.JOURNAL_FAILED.name(),
                List.of(),
                List.of(),
                List.of(),
                "it was signed, but the journal could not be written",
                Optional.empty(),
                true);
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

    /// Stops signing, in all groups. Only the first call has an effect.
    public void fail(Throwable cause, String reason, EngineTime now) {
        if (!failed) {
            failed = true;
            failure = cause;
            for (GroupEngine each : engines) {
                // An engine looks at its deadlines first, and may be ready for another attempt,
                // with a head that was never written: what it says now is never written either.
                abandon(
                        each.outputs(
                                each.engine().handle(new EngineInput.JournalFailed(reason), now)));
            }
        }
    }
}
