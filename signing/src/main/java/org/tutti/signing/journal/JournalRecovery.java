package org.tutti.signing.journal;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/// A journal that takes the place of one that is lost, damaged or went back, made by the operator's
/// command while the node does not run. With a journal that is only missing a node would begin
/// afresh, and the others would show it that it has forgotten; with this one it asks them.
public final class JournalRecovery {
    private JournalRecovery() {}

    /// What a journal is good for, in one group.
    public enum State {
        /// It is used, or may be.
        GOOD,
        /// A member has shown that it went back.
        WENT_BACK,
        /// It took the place of a lost one, and not all have handed over what they remember.
        RECOVERING
    }

    /// Reads a journal to its end.
    ///
    /// @param id its id, 16 bytes
    public record Found(Bytes id, State state) {}

    /// Reads the journal that is there.
    ///
    /// @param files closed
    /// @param group id of the group, 32 bytes
    /// @throws JournalException if it cannot be read; with `CORRUPT` or `TOO_LARGE` it is damaged
    public static Found read(JournalFiles files, Bytes group) throws IOException {
        JournalState state = state();
        try (files;
                JournalSource source = files.source()) {
            JournalReader reader = new JournalReader(source, source.size());
            state.begin(reader.journal());
            reader.readAll(state);
            GroupState of = state.group(group);
            RecoveryState recovery = of.recovery();
            if (of.refused()) {
                return new Found(reader.journal(), State.WENT_BACK);
            }
            return new Found(
                    reader.journal(),
                    recovery.began() && !recovery.over() ? State.RECOVERING : State.GOOD);
        }
    }

    /// Nothing is forgotten: the time is long ago.
    private static JournalState state() {
        return new JournalState(JournalRetention.of(SigningLimits.DEFAULT), Instant.EPOCH);
    }

    /// Makes a journal with which a node asks the others for what they remember, in each of its
    /// groups; or notes in one that waits for that what the operator knows. It is on disk when this
    /// returns.
    ///
    /// @param files closed
    /// @param id of a new journal, 16 random bytes; not used if there is one
    /// @param groups ids of the groups, 32 bytes each
    /// @param earlierUnknown the operator knows that all members have lost their journals
    public static void begin(
            JournalFiles files, Bytes id, Collection<Bytes> groups, boolean earlierUnknown)
            throws IOException {
        try (Journal journal = Journal.open(files, () -> id, state())) {
            for (Bytes group : groups) {
                journal.append(group, List.of(new JournalRecord.Recovering(earlierUnknown)));
            }
            journal.force();
        }
    }
}
