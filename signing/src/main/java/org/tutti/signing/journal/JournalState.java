package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// What matters of a journal, accumulated while it is read, so that a long journal needs no more
/// memory than what matters of it.
///
/// What time has made void is forgotten by the earlier of two times: that of the wall clock, and
/// the newest that the journal itself proves, which is when the newest of its requests can have
/// been made at the earliest. So a wall clock that is far ahead at a start forgets nothing.
/// Idempotency keys are forgotten by what all members have proven alone: [GroupState#agreedTime].
public final class JournalState implements JournalListener {
    /// So many sessions and keys are kept before expired ones are looked for.
    private static final int FIRST_SWEEP = 1_024;

    private final JournalRetention retention;
    private final Instant now;
    private final Map<Bytes, GroupState> groups = new LinkedHashMap<>();
    private @Nullable Bytes journal;
    private long proven = Long.MIN_VALUE;
    private int size;
    private int sweepAt = FIRST_SWEEP;

    /// @param now by the wall clock
    public JournalState(JournalRetention retention, Instant now) {
        this.retention = retention;
        this.now = now;
    }

    /// Whose entries follow. Called once, before the first of them.
    ///
    /// @param id of the journal, 16 bytes
    void begin(Bytes id) {
        journal = id;
    }

    @Override
    public void accept(JournalEntry entry, @Nullable JournalHead head) {
        GroupState group = group(entry.group());
        int before = group.size();
        group.accept(entry.record(), head);
        size += group.size() - before;
        if (entry.record() instanceof JournalRecord.Ready ready
                && !ready.requestEnvelope().isEmpty()) {
            long lifetime = retention.requestLifetime().toMillis();
            proven = Math.max(proven, ready.expiresMillis() - lifetime);
        }
        if (size >= sweepAt) {
            forgetEnded();
            sweepAt = Math.max(FIRST_SWEEP, 2 * size);
        }
    }

    /// Forgets the sessions and keys that nothing depends on any more, except sessions whose end
    /// was not written: their partial signatures may leave yet.
    void forgetEnded() {
        forget(false);
    }

    /// Forgets all that nothing depends on any more. The entries end here, and what is not kept
    /// will not be resumed.
    void forgetAll() {
        forget(true);
        groups.values().forEach(group -> group.forgetAhead(now.toEpochMilli()));
    }

    private void forget(boolean all) {
        long cutoff = Math.min(now.toEpochMilli(), proven);
        long skew = retention.clockSkew().toMillis();
        if (proven > Long.MIN_VALUE) {
            groups.values().forEach(group -> group.forget(cutoff, skew, all));
        }
        size = groups.values().stream().mapToInt(GroupState::size).sum();
    }

    /// What matters of this group's entries; nothing, if it has none.
    ///
    /// @param id of the group, 32 bytes
    public GroupState group(Bytes id) {
        if (journal == null) {
            throw new IllegalStateException("no journal has been read");
        }
        Bytes own = journal;
        return groups.computeIfAbsent(id, _ -> new GroupState(own, retention));
    }

    /// The wall clock's time for which this was made.
    public Instant now() {
        return now;
    }

    JournalRetention retention() {
        return retention;
    }

    /// The fewest entries from which the same state is read again.
    Stream<JournalEntry> entries() {
        return groups.entrySet().stream()
                .flatMap(group ->
                        group.getValue()
                                .records()
                                .map(record -> new JournalEntry(group.getKey(), record)));
    }
}
