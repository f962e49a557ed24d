package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.SessionId;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a journal says about one session.
public final class KeptSession {
    private final SessionId id;
    private final Bytes requestEnvelope;
    private final long expiresMillis;
    private Hold hold;
    private int attempt;
    private int restarts;
    private boolean conflictAllowed;
    private JournalRecord.@Nullable Sign sign;
    private @Nullable JournalRecord end;

    /// @param first with the request
    KeptSession(JournalRecord.Ready first) {
        this.id = first.session();
        this.requestEnvelope = first.requestEnvelope();
        this.expiresMillis = first.expiresMillis();
        this.hold = first.hold();
    }

    void ready(JournalRecord.Ready ready) {
        attempt = Math.max(attempt, ready.attempt());
        restarts = Math.max(restarts, ready.restarts());
        // Once the partial signatures have left, it holds what it held then.
        hold = sign == null ? ready.hold() : hold;
    }

    void signed(JournalRecord.Sign record) {
        sign = record;
    }

    void ended(JournalRecord record) {
        end = record;
    }

    void settled() {
        hold = Hold.NONE;
    }

    void allowConflict() {
        conflictAllowed = true;
    }

    /// As it was signed by the requester.
    public Bytes requestEnvelope() {
        return requestEnvelope;
    }

    /// What it holds; none once it is settled.
    public Hold hold() {
        return hold;
    }

    /// The highest that may have been announced.
    public int attempt() {
        return attempt;
    }

    /// How often it was resumed after a restart.
    public int restarts() {
        return restarts;
    }

    /// Whether the operator lets another operation make it impossible.
    public boolean conflictAllowed() {
        return conflictAllowed;
    }

    /// The last attempt for which this node's partial signatures left.
    public Optional<JournalRecord.Sign> sign() {
        return Optional.ofNullable(sign);
    }

    /// How it ended: a [JournalRecord.Final] or [JournalRecord.Ended].
    public Optional<JournalRecord> end() {
        return Optional.ofNullable(end);
    }

    /// When its request expires: Unix time in milliseconds.
    public long expiresMillis() {
        return expiresMillis;
    }

    /// Whether its request has expired at this time, so that it cannot be signed any more.
    ///
    /// @param millis Unix time
    public boolean expired(long millis) {
        return millis >= expiresMillis;
    }

    /// Nothing depends on it any more at this time.
    ///
    /// @param millis Unix time
    public boolean mayForget(long millis) {
        return expired(millis) && holdsNothing();
    }

    /// Its signatures cannot exist, or what they use is settled.
    boolean holdsNothing() {
        return !bindsHold() || hold.isNone();
    }

    /// Its signatures may exist, or do (SAFETY 25).
    private boolean bindsHold() {
        return sign != null || end instanceof JournalRecord.Final;
    }

    /// It ended, and no partial signature of this node's left.
    boolean endedInVain() {
        return end != null && !bindsHold();
    }

    /// The fewest records that say the same.
    List<JournalRecord> records() {
        List<JournalRecord> records = new ArrayList<>();
        records.add(
                new JournalRecord.Ready(
                        id, attempt, restarts, requestEnvelope, hold, expiresMillis));
        sign().ifPresent(records::add);
        if (conflictAllowed) {
            records.add(new JournalRecord.ConflictAllowed(id));
        }
        end().ifPresent(records::add);
        return records;
    }
}
