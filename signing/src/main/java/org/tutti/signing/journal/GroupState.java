package org.tutti.signing.journal;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What matters of one group's entries in a journal. Whoever starts from a journal starts from
/// this, and whoever compacts one writes [#records]: so what is left out when a journal is
/// compacted is what a start would not have looked at.
public final class GroupState {
    /// Most sessions that are kept at a start though they ended and are dated so far ahead that
    /// their requests could not be taken now; as many as a node remembers of all that have ended.
    static final int MAX_AHEAD = 1 << 16;

    private final Map<SessionId, KeptSession> sessions = new LinkedHashMap<>();
    private final Map<SessionId, JournalRecord.Settled> settled = new LinkedHashMap<>();
    private final OwnHeads ownHeads;
    private final JournalRetention retention;
    private final ForgottenTimes forgotten = new ForgottenTimes();
    private final Map<Integer, JournalRecord.Agreed> agreed = new TreeMap<>();
    private final RecoveryState recovery = new RecoveryState();
    private JournalRecord.@Nullable Sign lastSign;
    private JournalRecord.@Nullable Refused refused;

    /// The latest time at which a settled key is free.
    private Instant lastKeyFreeAt = Instant.MIN;

    /// Unix time in milliseconds that all members have agreed to.
    private long agreedMillis = Long.MIN_VALUE;

    /// @param journal id of the journal, 16 bytes
    GroupState(Bytes journal, JournalRetention retention) {
        this.ownHeads = new OwnHeads(journal);
        this.retention = retention;
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
                signedByAll(sign.session(), true);
            }
            case JournalRecord.Final end -> {
                ended(end.session(), end);
                signedByAll(end.session(), false);
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
                    lastKeyFreeAt = later(lastKeyFreeAt, over.keyFreeAt());
                }
            }
            case JournalRecord.Agreed said -> agreed.put(said.signer(), said);
            case JournalRecord.Refused no -> refused = refused == null ? no : refused;
            case JournalRecord.Heads heads -> {
                ownHeads.restore(heads);
                heads.forgotten().forEach(forgotten::add);
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
    ///
    /// @param now whether they sign at this point of the journal; they may have long before
    private void signedByAll(SessionId id, boolean now) {
        KeptSession known = sessions.get(id);
        if (known == null) {
            return;
        }
        long created = known.expiresMillis() - retention.requestLifetime().toMillis();
        if (created <= agreedMillis) {
            return;
        }
        agreedMillis = created;
        if (now && !(recovery.began() && !recovery.over())) {
            settledBefore(Instant.ofEpochMilli(known.expiresMillis()));
        }
    }

    /// SAFETY 30: what is settled was settled before this time, by the clock of whichever member's
    /// is right. So a key that is taken for longer than from this time on was settled with a clock
    /// that was ahead, and would be taken for good.
    ///
    /// @param expires of a request that all sign now: nobody makes nonces for one that has expired,
    ///   and others' nonces wait for this node's at most as long as a request lives
    private void settledBefore(Instant expires) {
        Instant free =
                expires.plus(retention.requestLifetime())
                        .plus(retention.clockSkew())
                        .plus(JournalRetention.KEY_KEPT);
        if (lastKeyFreeAt.isAfter(free)) {
            settled.replaceAll(
                    (_, over) -> over.keyFreeAt().isAfter(free) ? over.freeAt(free) : over);
            lastKeyFreeAt = free;
        }
    }

    private static Instant later(Instant a, Instant b) {
        return a.isBefore(b) ? b : a;
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
        forget(session -> (all || session.end().isPresent()) && session.mayForget(cutoff - skew));
        if (agreedMillis > Long.MIN_VALUE) {
            long time = Math.min(cutoff, agreedMillis) - skew;
            settled.values().removeIf(over -> over.keyFreeAt().toEpochMilli() <= time);
        }
    }

    /// Forgets the sessions that ended and are dated far ahead if there are too many of them, as
    /// after long with a wrong clock: they would stay until that time comes.
    ///
    /// @param now by the wall clock: Unix time in milliseconds
    void forgetAhead(long now) {
        long longest = retention.clockSkew().plus(retention.requestLifetime()).toMillis();
        Predicate<KeptSession> ahead =
                session ->
                        session.end().isPresent()
                                && session.holdsNothing()
                                && session.expiresMillis() - longest > now;
        if (sessions.values().stream().filter(ahead).count() > MAX_AHEAD) {
            forget(ahead);
        }
    }

    private void forget(Predicate<KeptSession> which) {
        sessions.values()
                .removeIf(session -> {
                    boolean over = which.test(session);
                    if (over) {
                        forgotten.add(session.expiresMillis());
                    }
                    return over;
                });
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

    /// When the requests of the sessions expire that were forgotten.
    public ForgottenTimes forgotten() {
        return forgotten;
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
                ownHeads.count(), ownHeads.kept(), forgotten.ranges(), Math.max(0, agreedMillis));
    }
}
