package org.tutti.wallet.payments;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.payments.TrackedPayment.Origin;
import org.tutti.wallet.policy.FeeLadder;
import org.tutti.wallet.spend.Confirmation;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/// The group's payments in the order in which this node learned of them. Time and chain come in,
/// nothing happens by itself.
///
/// A payment of which a partial signature of this node's left is never forgotten before it is
/// settled: [#hasRoom] says when no further one should be approved. What can no longer be signed,
/// is settled, or was only found in a block, is history: the oldest beyond a bound is forgotten.
///
/// Not safe for threads: its owner's lock guards it.
final class PaymentLedger {
    /// How long the requester's own broadcast is waited for.
    static final Duration REBROADCAST_AFTER = Duration.ofSeconds(10);

    /// How long after a rebroadcast the next one follows.
    static final Duration REBROADCAST_AGAIN = Duration.ofMinutes(1);

    /// After how many blocks without it a payment's next rung is sent.
    static final int CLIMB_AFTER = 3;

    /// How deep a block is that is taken for final.
    static final int FINAL_DEPTH = 6;

    /// The most bytes of open transactions, without their signatures.
    static final long MAX_OPEN_BYTES = 16L << 20;

    /// What this node itself knows of a payment; the chain may know better.
    private enum Phase {
        FOUND,
        RESERVED,
        COMMITTED,
        UNKNOWN,
        RELEASED,
        SIGNED,
        CHECKED,
        SENT,
        FAILED
    }

    /// Signatures that have not been checked.
    record Unchecked(Origin origin, List<SchnorrSignature> signatures, Instant at) {
        Unchecked {
            signatures = List.copyOf(signatures);
        }

        SessionId session() {
            return origin.session();
        }

        Transaction unsigned() {
            return origin.unsigned();
        }
    }

    private static final class Entry {
        final Txid txid;
        final @Nullable Origin origin;
        final long bytes;
        Phase phase;

        /// When a session that was only reserved ends, by the request.
        Instant expires = Instant.MAX;

        @Nullable Unchecked unchecked;
        @Nullable Transaction complete;
        Instant rebroadcastAt = Instant.MAX;
        OptionalInt height = OptionalInt.empty();
        @Nullable Confirmation confirmation;
        @Nullable Txid conflict;

        /// Whether what spends a coin of it otherwise is another version of it, and final.
        boolean replaced;

        /// Whether it is a rung of a ladder that is not climbed to yet: it is not sent.
        boolean above;

        /// When it waited first, signed and not above.
        @Nullable Instant waitsSince;

        /// The height from which blocks are counted that do not have it.
        int waitsFrom;

        int seenBy;
        @Nullable PaymentState lastState;
        Instant since = Instant.EPOCH;
        boolean settling;
        boolean settled;

        Entry(Txid txid, @Nullable Origin origin, Phase phase) {
            this.txid = txid;
            this.origin = origin;
            this.phase = phase;
            this.above = origin != null && origin.rung() > 1;
            this.bytes = origin == null ? 0 : origin.unsigned().serializeWithoutWitness().length();
        }

        PaymentState state() {
            if (phase == Phase.RELEASED) {
                return PaymentState.GIVEN_UP;
            }
            if (conflict != null) {
                return replaced ? PaymentState.REPLACED : PaymentState.CONFLICTED;
            }
            if (height.isPresent()) {
                return PaymentState.CONFIRMED;
            }
            return switch (phase) {
                case RESERVED -> PaymentState.PROPOSED;
                case COMMITTED -> PaymentState.SIGNING;
                case UNKNOWN -> PaymentState.UNKNOWN;
                // A block that was found left the chain: its signatures are not known here.
                case FOUND -> PaymentState.UNKNOWN;
                case SIGNED, CHECKED -> PaymentState.SIGNED;
                case SENT -> seenBy > 0 ? PaymentState.SEEN : PaymentState.SENT;
                case FAILED -> PaymentState.FAILED;
                case RELEASED -> PaymentState.GIVEN_UP;
            };
        }

        boolean isHistory() {
            return settled || phase == Phase.RELEASED || phase == Phase.FOUND;
        }

        /// Whether its partial signatures left and its session is over: it may be settled.
        boolean maySettle() {
            return !settled
                    && switch (phase) {
                        case UNKNOWN, SIGNED, CHECKED, SENT, FAILED -> true;
                        case FOUND, RESERVED, COMMITTED, RELEASED -> false;
                    };
        }

        TrackedPayment snapshot() {
            return new TrackedPayment(
                    txid,
                    state(),
                    Optional.ofNullable(origin),
                    Optional.ofNullable(complete),
                    height,
                    Optional.ofNullable(confirmation),
                    Optional.ofNullable(conflict),
                    since,
                    seenBy,
                    settled);
        }
    }

    private final int maxOpen;
    private final int maxHistory;

    /// By session, and by rung where it has several; what was found in a block without one, by its
    /// txid.
    private final Map<Bytes, Entry> payments = new LinkedHashMap<>();

    private final List<Txid> forgotten = new ArrayList<>();

    /// @param maxOpen from how many on, not settled, there is no room for another
    /// @param maxHistory the most others
    PaymentLedger(int maxOpen, int maxHistory) {
        this.maxOpen = maxOpen;
        this.maxHistory = maxHistory;
    }

    /// Whether another payment may be approved. Those that are approved at the same time may go
    /// beyond the bound, by as many as signing has sessions.
    boolean hasRoom() {
        long bytes = 0;
        int open = 0;
        for (Entry entry : payments.values()) {
            if (!entry.isHistory() && entry.origin != null) {
                open++;
                bytes += entry.bytes;
            }
        }
        return open < maxOpen && bytes < MAX_OPEN_BYTES;
    }

    /// @param expires when its request ends
    void reserved(Origin origin, Instant expires) {
        Entry entry = entry(origin, Phase.RESERVED);
        if (entry.phase == Phase.RELEASED) {
            entry.phase = Phase.RESERVED;
        }
        entry.expires = expires;
    }

    void committed(Origin origin) {
        Entry entry = entry(origin, Phase.COMMITTED);
        if (entry.phase == Phase.RESERVED || entry.phase == Phase.RELEASED) {
            entry.phase = Phase.COMMITTED;
        }
    }

    void unknown(Origin origin) {
        Entry entry = entry(origin, Phase.UNKNOWN);
        switch (entry.phase) {
            case RESERVED, COMMITTED, RELEASED -> entry.phase = Phase.UNKNOWN;
            case FOUND, UNKNOWN, SIGNED, CHECKED, SENT, FAILED -> {
                // Further already.
            }
        }
    }

    /// One of which a partial signature left is not given up, whoever says so.
    void released(SessionId session) {
        for (Entry entry : rungs(session)) {
            if (entry.phase == Phase.RESERVED) {
                entry.phase = Phase.RELEASED;
            }
        }
        trim();
    }

    void settled(SessionId session) {
        rungs(session).forEach(entry -> entry.settled = true);
        trim();
    }

    /// @param complete with the signatures
    void signed(Origin origin, Unchecked signed, Transaction complete, Instant now) {
        Entry entry = entry(origin, Phase.SIGNED);
        switch (entry.phase) {
            case CHECKED, SENT, FAILED -> {
                // Told once more.
            }
            case FOUND, RESERVED, COMMITTED, UNKNOWN, RELEASED, SIGNED -> {
                entry.phase = Phase.SIGNED;
                entry.unchecked = signed;
                entry.complete = complete;
                entry.rebroadcastAt = now.plus(REBROADCAST_AFTER);
            }
        }
    }

    /// What a session signs.
    private List<Entry> rungs(SessionId session) {
        List<Entry> rungs = new ArrayList<>();
        for (int rung = 1; rung <= FeeLadder.MAX_RUNGS; rung++) {
            Entry entry = payments.get(Origin.idOf(session, rung));
            if (entry != null) {
                rungs.add(entry);
            }
        }
        return rungs;
    }

    private Entry entry(Origin origin, Phase phase) {
        Entry known = payments.get(origin.id());
        if (known != null) {
            return known;
        }
        Txid txid = origin.unsigned().txid();
        Entry entry = new Entry(txid, origin, phase);
        Entry found = payments.remove(txid.bytes());
        if (found != null) {
            entry.height = found.height;
            entry.confirmation = found.confirmation;
        }
        payments.put(origin.id(), entry);
        return entry;
    }

    /// What waits to be checked, oldest first.
    List<Unchecked> unchecked() {
        List<Unchecked> unchecked = new ArrayList<>();
        for (Entry entry : payments.values()) {
            if (entry.unchecked != null) {
                unchecked.add(entry.unchecked);
            }
        }
        return unchecked;
    }

    /// Whether it still waited for its check; it does no longer.
    boolean take(Unchecked unchecked) {
        Entry entry = payments.get(unchecked.origin().id());
        if (entry == null || !unchecked.equals(entry.unchecked)) {
            return false;
        }
        entry.unchecked = null;
        return true;
    }

    /// Notes how the check of the signatures ended.
    ///
    /// @return the state afterwards: after a restart it may be in a block already
    PaymentState checked(Origin origin, boolean valid) {
        Entry entry = payments.get(origin.id());
        if (entry == null) {
            return PaymentState.GIVEN_UP;
        }
        if (entry.phase == Phase.SIGNED) {
            entry.phase = valid ? Phase.CHECKED : Phase.FAILED;
        }
        return entry.state();
    }

    /// A Bitcoin peer asked for it and got it, or has it.
    void sent(Txid txid) {
        for (Entry entry : of(txid)) {
            if (entry.phase == Phase.CHECKED) {
                entry.phase = Phase.SENT;
            }
        }
    }

    /// Bitcoin peers have it that did not get it from this node.
    ///
    /// @param peers how many by now
    void seen(Txid txid, int peers) {
        of(txid).forEach(entry -> entry.seenBy = Math.max(entry.seenBy, peers));
    }

    /// To be called after each change: notes since when each payment is in its state.
    void note(Instant now) {
        for (Entry entry : payments.values()) {
            PaymentState state = entry.state();
            if (state != entry.lastState) {
                entry.lastState = state;
                entry.since = now;
            }
        }
    }

    void confirmed(Confirmation confirmation) {
        Collection<Entry> known = of(confirmation.txid());
        if (known.isEmpty()) {
            Entry found = new Entry(confirmation.txid(), null, Phase.FOUND);
            payments.put(confirmation.txid().bytes(), found);
            known = List.of(found);
        }
        for (Entry entry : known) {
            entry.confirmation = confirmation;
            entry.height = OptionalInt.of(confirmation.height());
            entry.conflict = null;
        }
        trim();
    }

    void unconfirmed(Txid txid) {
        for (Entry entry : of(txid)) {
            entry.confirmation = null;
            entry.height = OptionalInt.empty();
        }
    }

    private List<Entry> of(Txid txid) {
        return payments.values().stream().filter(entry -> entry.txid.equals(txid)).toList();
    }

    /// Looks at the chain again: which coins are spent, by what, and how deep. A chain that does
    /// not have the coins, as after a restart, changes nothing.
    ///
    /// @return sessions to settle, and their outcome: their payment, or what spends one of its
    ///   coins otherwise, is final
    Map<SessionId, PaymentOutcome> look(
            Function<OutPoint, Optional<UtxoState>> chain, int tipHeight) {
        Map<SessionId, PaymentOutcome> settle = new LinkedHashMap<>();
        for (Entry entry : payments.values()) {
            if (entry.origin == null) {
                continue;
            }
            look(entry, entry.origin, chain);
            boolean isFinal =
                    entry.height.isPresent()
                            && tipHeight - entry.height.getAsInt() + 1 >= FINAL_DEPTH;
            entry.replaced = isFinal && isByVersion(entry.conflict, entry.origin);
            if (isFinal && entry.maySettle() && !entry.settling) {
                entry.settling = true;
                settle.put(entry.origin.session(), outcome(entry, entry.origin));
            }
        }
        return settle;
    }

    /// A rung that has waited for [#CLIMB_AFTER] blocks makes room for the next one. Only blocks
    /// count that were made while this process knew of it: after a start, which hears of old ones
    /// again, the lowest rung is the first again. What was sent before waits in the peers' memory
    /// pools, and they refuse what pays less.
    ///
    /// @param tipTime the last block's own
    void climb(int tipHeight, Instant tipTime, Instant now) {
        for (Entry entry : List.copyOf(payments.values())) {
            boolean checked = entry.phase == Phase.CHECKED || entry.phase == Phase.SENT;
            if (entry.origin == null || entry.above || !checked || entry.height.isPresent()) {
                continue;
            }
            if (entry.waitsSince == null) {
                // Blocks have whole seconds.
                entry.waitsSince = now.truncatedTo(ChronoUnit.SECONDS);
                entry.waitsFrom = tipHeight;
            }
            if (tipTime.isBefore(entry.waitsSince) || tipHeight < entry.waitsFrom) {
                entry.waitsFrom = tipHeight;
            }
            Entry next = payments.get(Origin.idOf(entry.origin.session(), entry.origin.rung() + 1));
            if (next != null
                    && next.above
                    && next.phase == Phase.CHECKED
                    && tipHeight - entry.waitsFrom >= CLIMB_AFTER) {
                next.above = false;
                next.waitsSince = entry.waitsSince;
                next.waitsFrom = tipHeight;
                next.rebroadcastAt = Instant.MIN;
            }
        }
    }

    /// Of a fee ladder one rung is mined, and spends the coins of the others.
    private PaymentOutcome outcome(Entry entry, Origin origin) {
        Txid conflict = entry.conflict;
        if (conflict == null) {
            return new PaymentOutcome(true, entry.txid);
        }
        boolean isRung =
                of(conflict).stream()
                        .anyMatch(by ->
                                by.origin != null && by.origin.session().equals(origin.session()));
        return new PaymentOutcome(isRung, conflict);
    }

    private boolean isByVersion(@Nullable Txid conflict, Origin origin) {
        return conflict != null
                && of(conflict).stream()
                        .anyMatch(by -> by.origin != null && by.origin.isVersionOf(origin));
    }

    private static void look(
            Entry entry, Origin origin, Function<OutPoint, Optional<UtxoState>> chain) {
        boolean known = false;
        UtxoState.@Nullable Spent own = null;
        UtxoState.@Nullable Spent other = null;
        for (OutPoint coin : origin.coins()) {
            Optional<UtxoState> state = chain.apply(coin);
            known |= state.isPresent();
            if (state.orElse(null) instanceof UtxoState.Spent spent) {
                if (spent.by().equals(entry.txid)) {
                    own = spent;
                } else if (other == null || spent.height() < other.height()) {
                    other = spent;
                }
            }
        }
        if (!known) {
            return;
        }
        UtxoState.@Nullable Spent first = other == null ? own : other;
        entry.conflict = other == null ? null : other.by();
        entry.height = first == null ? OptionalInt.empty() : OptionalInt.of(first.height());
        if (own == null) {
            entry.confirmation = null;
        }
    }

    /// The transactions that should be in a block by now and are not; each is returned again after
    /// [#REBROADCAST_AGAIN], for as long as it takes. What is only reserved and has expired is
    /// given up.
    List<Transaction> takeOverdue(Instant now) {
        Map<Txid, Transaction> overdue = new LinkedHashMap<>();
        for (Entry entry : payments.values()) {
            if (entry.phase == Phase.RESERVED && !entry.expires.isAfter(now)) {
                entry.phase = Phase.RELEASED;
            }
            boolean checked = entry.phase == Phase.CHECKED || entry.phase == Phase.SENT;
            // Neither it nor what spends one of its coins otherwise is in a block.
            boolean waits = entry.height.isEmpty();
            if (checked
                    && waits
                    && !entry.above
                    && isDue(entry.rebroadcastAt, now)
                    && entry.complete != null
                    && !hasNewerVersion(entry)) {
                overdue.put(entry.txid, entry.complete);
                entry.rebroadcastAt = now.plus(REBROADCAST_AGAIN);
            }
        }
        trim();
        return List.copyOf(overdue.values());
    }

    /// Whether it is to be sent by now, and no later version of the same payment has all
    /// signatures, checked or not.
    boolean isNext(Origin origin) {
        Entry entry = payments.get(origin.id());
        return entry == null
                || (!entry.above
                        && !hasNewer(entry, Set.of(Phase.SIGNED, Phase.CHECKED, Phase.SENT)));
    }

    /// Whether a later version of the same payment is ready to be sent: it pays more.
    private boolean hasNewerVersion(Entry entry) {
        return hasNewer(entry, Set.of(Phase.CHECKED, Phase.SENT));
    }

    private boolean hasNewer(Entry entry, Set<Phase> phases) {
        boolean after = false;
        for (Entry other : payments.values()) {
            if (other == entry) {
                after = true;
            } else if (after
                    && entry.origin != null
                    && other.origin != null
                    && !other.above
                    && other.origin.isVersionOf(entry.origin)
                    && phases.contains(other.phase)) {
                return true;
            }
        }
        return false;
    }

    /// No time is ever set further away than [#REBROADCAST_AGAIN]: one that is was set before the
    /// wall clock went back, and waiting for it might take years.
    private static boolean isDue(Instant at, Instant now) {
        return !at.isAfter(now) || Duration.between(now, at).compareTo(REBROADCAST_AGAIN) > 0;
    }

    private void trim() {
        long history = payments.values().stream().filter(Entry::isHistory).count();
        List<Bytes> oldest =
                payments.entrySet().stream()
                        .filter(e -> e.getValue().isHistory())
                        .map(Map.Entry::getKey)
                        .limit(Math.max(0, history - maxHistory))
                        .toList();
        for (Bytes id : oldest) {
            Entry entry = payments.remove(id);
            if (entry != null && of(entry.txid).isEmpty()) {
                forgotten.add(entry.txid);
            }
        }
    }

    /// The transactions that were forgotten since this was asked last.
    List<Txid> takeForgotten() {
        List<Txid> gone = List.copyOf(forgotten);
        forgotten.clear();
        return gone;
    }

    Optional<TrackedPayment> find(SessionId session) {
        return Optional.ofNullable(payments.get(session.bytes())).map(Entry::snapshot);
    }

    /// Oldest first.
    List<TrackedPayment> all() {
        return payments.values().stream().map(Entry::snapshot).toList();
    }
}
