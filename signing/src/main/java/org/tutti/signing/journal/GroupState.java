package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What matters of one group's entries in a journal. Whoever starts from a journal starts from
/// this, and whoever compacts one writes [#records]: so what is left out when a journal is
/// compacted is what a start would not have looked at.
public final class GroupState {
    private final Map<SessionId, KeptSession> sessions = new LinkedHashMap<>();
    private final Map<SessionId, JournalRecord.Settled> settled = new LinkedHashMap<>();
    private final OwnHeads ownHeads;
    private final long requestLifetime;
    private final Map<Integer, JournalRecord.Agreed> agreed = new TreeMap<>();
    private final RecoveryState recovery = new RecoveryState();
    private JournalRecord.@Nullable Sign lastSign;
    private JournalRecord.@Nullable Refused refused;
    private long forgottenUntil;

    /// Unix time in milliseconds that all members have agreed to.
    private long agreedMillis = Long.MIN_VALUE;

    /// @param journal id of the journal, 16 bytes
    /// @param requestLifetime longest time from a request's creation to its expiry
    GroupState(Bytes journal, Duration requestLifetime) {
        this.ownHeads = new OwnHeads(journal);
        this.requestLifetime = requestLifetime.toMillis();
    }

    void accept(JournalRecord record, @Nullable JournalHead head) {
        if (head != null) {
            ownHeads.add(head);
        }
        switch (record) {
            case JournalRecord.Ready ready -> ready(ready);
            case JournalRecord.Sign sign -> {
                lastSign = sign;
                KeptSession known = sessions.get(sign.session());
                if (known != null) {
                    known.signed(sign);
                }
                signedByAll(sign.session());
            }
            case JournalRecord.Final end -> {
                ended(end.session(), end);
                signedByAll(end.session());
            }
            case JournalRecord.Ended end -> ended(end.session(), end);
            case JournalRecord.ConflictAllowed allowed -> {
                KeptSession known = sessions.get(allowed.session());
                if (known != null) {
                    known.allowConflict();
                }
            }
            case JournalRecord.Settled over -> {
                KeptSession known = sessions.get(over.session());
                if (known != null) {
                    known.settled();
                }
                if (!over.idempotencyKey().isEmpty()) {
                    settled.put(over.session(), over);
                }
            }
            case JournalRecord.Agreed said -> agreed.put(said.signer(), said);
            case JournalRecord.Refused no -> refused = refused == null ? no : refused;
            case JournalRecord.Heads heads -> {
                ownHeads.restore(heads);
                forgottenUntil = Math.max(forgottenUntil, heads.forgottenUntilMillis());
                if (heads.agreedMillis() > 0) {
                    agreedMillis = Math.max(agreedMillis, heads.agreedMillis());
                }
            }
            case JournalRecord.OfRecovery of -> recovery.accept(of);
            case JournalRecord.Started _, JournalRecord.SnapshotEnd _ -> {}
        }
    }

    private void ready(JournalRecord.Ready ready) {
        KeptSession known = sessions.get(ready.session());
        if (!ready.requestEnvelope().isEmpty() && (known == null || known.endedInVain())) {
            // Of one that had ended: it had been forgotten, and its request came again.
            sessions.remove(ready.session());
            known = new KeptSession(ready);
            sessions.put(ready.session(), known);
        }
        if (known != null) {
            known.ready(ready);
        }
    }

    /// SAFETY 30: nobody signs before all are ready, and nobody is ready for a request that its own
    /// clock takes to be of the future. So one member's clock, this node's among them, proves no
    /// time.
    private void signedByAll(SessionId id) {
        KeptSession known = sessions.get(id);
        if (known != null) {
            agreedMillis = Math.max(agreedMillis, known.expiresMillis() - requestLifetime);
        }
    }

    private void ended(SessionId id, JournalRecord end) {
        KeptSession known = sessions.get(id);
        if (known != null) {
            known.ended(end);
        }
    }

    /// Forgets what nothing depends on any more.
    ///
    /// @param cutoff Unix time in milliseconds
    /// @param skew how long a request is remembered after it expired, in milliseconds
    /// @param all also sessions whose end was not written: only if no entry about them follows
    void forget(long cutoff, long skew, boolean all) {
        sessions.values()
                .removeIf(session -> {
                    boolean over =
                            (all || session.end().isPresent()) && session.mayForget(cutoff - skew);
                    if (over) {
                        forgottenUntil = Math.max(forgottenUntil, session.expiresMillis() + skew);
                    }
                    return over;
                });
        if (agreedMillis > Long.MIN_VALUE) {
            long time = Math.min(cutoff, agreedMillis) - skew;
            settled.values().removeIf(over -> over.keyFreeAt().toEpochMilli() <= time);
        }
    }

    int size() {
        return sessions.size() + settled.size();
    }

    /// By session, in the order of their first entries.
    public Map<SessionId, KeptSession> sessions() {
        return Collections.unmodifiableMap(sessions);
    }

    /// Settled holds that had an idempotency key; some keys are free again.
    public Collection<JournalRecord.Settled> settled() {
        return List.copyOf(settled.values());
    }

    /// The nonces of the last attempt that was signed in, all signers': the others' statements with
    /// the highest heads of their journals. Empty if none was.
    public List<Bytes> lastNonces() {
        return lastSign == null ? List.of() : lastSign.nonceEnvelopes();
    }

    /// The last heads of the group's chain.
    public OwnHeads ownHeads() {
        return ownHeads;
    }

    /// The last agreement of each signer.
    public List<JournalRecord.Agreed> agreed() {
        return List.copyOf(agreed.values());
    }

    /// What it says of lost journals.
    public RecoveryState recovery() {
        return recovery;
    }

    /// Whether this journal must not be used for the group any more.
    public boolean refused() {
        return refused != null;
    }

    /// A request that could be taken for a new one until this time, or an earlier one, may be that
    /// of a session that was forgotten.
    public Instant forgottenUntil() {
        return Instant.ofEpochMilli(forgottenUntil);
    }

    /// A time that is over by the clocks of all members, as far as one of them is right: that of
    /// the newest request that all were ready to sign. Empty if nothing was signed.
    public Optional<Instant> agreedTime() {
        return agreedMillis == Long.MIN_VALUE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(agreedMillis));
    }

    /// Frees the requests, which may be large.
    public void clear() {
        sessions.clear();
        settled.clear();
        lastSign = null;
    }

    /// The fewest records from which the same state is read again, one after the other.
    Stream<JournalRecord> records() {
        Stream<JournalRecord> bySession =
                sessions.values().stream().flatMap(session -> session.records().stream());
        // The last Sign once more if its session is kept: the order of the sessions is that of
        // their first entries.
        Stream<JournalRecord> single =
                Stream.of(
                                Optional.ofNullable(refused),
                                Optional.ofNullable(lastSign),
                                ownHeads.count() > 0
                                        ? Optional.of(heads())
                                        : Optional.<JournalRecord>empty())
                        .flatMap(Optional::stream);
        return Stream.of(
                        recovery.records().stream(),
                        bySession,
                        settled.values().stream(),
                        agreed.values().stream(),
                        single)
                .flatMap(records -> records);
    }

    private JournalRecord heads() {
        return new JournalRecord.Heads(
                ownHeads.count(), ownHeads.kept(), forgottenUntil, Math.max(0, agreedMillis));
    }
}
