package org.tutti.wallet.request;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.coordinator.message.RequestId;
import org.tutti.wallet.payments.PaymentOutcome;
import org.tutti.wallet.request.FollowedRequest.State;
import org.tutti.wallet.spend.Confirmation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The transactions of requests that may be signed, in the order in which this node learned of
/// them, until each is final or impossible. Time and chain come in, nothing happens by itself.
///
/// Not safe for threads: its owner's lock guards it.
final class RequestLedger {
    /// How long others wait for the broadcast of the requester and of the elected signer.
    static final Duration REBROADCAST_AFTER = Duration.ofSeconds(10);

    /// How long after a broadcast the next one follows.
    static final Duration REBROADCAST_AGAIN = Duration.ofMinutes(1);

    /// The most bytes of signed transactions before no further request is approved.
    static final long MAX_BYTES = 64L << 20;

    /// What spends an input otherwise.
    private record Spender(Txid by, int height) {}

    private static final class Entry {
        final RequestId request;
        final Txid txid;
        final List<OutPoint> coins;

        /// Whether this node sends it at once.
        boolean first;

        State state = State.NOT_SIGNED;
        @Nullable Transaction complete;
        long bytes;
        Instant sendAt = Instant.MAX;
        int seenBy;
        @Nullable Confirmation confirmation;
        int depthTold;
        final Map<OutPoint, Spender> spenders = new HashMap<>();

        Entry(RequestId request, Txid txid, List<OutPoint> coins, boolean first) {
            this.request = request;
            this.txid = txid;
            this.coins = List.copyOf(coins);
            this.first = first;
        }

        Optional<Spender> conflict() {
            return spenders.values().stream().min(Comparator.comparingInt(Spender::height));
        }

        boolean isInBlock() {
            return confirmation != null || !spenders.isEmpty();
        }

        boolean maySend() {
            return complete != null
                    && (state == State.CHECKED || state == State.SENT)
                    && !isInBlock();
        }

        FollowedRequest snapshot() {
            return new FollowedRequest(
                    request,
                    txid,
                    state,
                    seenBy,
                    Optional.ofNullable(confirmation),
                    conflict().map(Spender::by));
        }
    }

    /// A request of which nothing can change any more.
    record Final(RequestId request, Txid txid, PaymentOutcome outcome) {}

    private final int maxFollowed;
    private final int finalDepth;
    private final Map<RequestId, Entry> entries = new LinkedHashMap<>();
    private final Map<OutPoint, Set<Entry>> byCoin = new HashMap<>();
    private final Map<Txid, Set<Entry>> byTxid = new HashMap<>();
    private long bytes;

    /// @param maxFollowed from how many on there is no room for another
    RequestLedger(int maxFollowed, int finalDepth) {
        this.maxFollowed = maxFollowed;
        this.finalDepth = finalDepth;
    }

    /// Whether another may be approved. Those that are approved already are followed in any case:
    /// there are no more of them than the coordinator has requests.
    boolean hasRoom() {
        return entries.size() < maxFollowed && bytes < MAX_BYTES;
    }

    /// How many of them spend only coins that nobody has seen.
    ///
    /// @param seen whether the chain has shown a coin
    long unseen(Predicate<OutPoint> seen) {
        return entries.values().stream()
                .filter(entry -> entry.coins.stream().noneMatch(seen))
                .count();
    }

    /// @param coins of all inputs: whatever spends one of them makes it impossible
    /// @param first whether this node sends it at once
    /// @return false if it is followed already
    boolean follow(RequestId request, Txid txid, List<OutPoint> coins, boolean first) {
        if (entries.containsKey(request)) {
            return false;
        }
        Entry entry = new Entry(request, txid, coins, first);
        entries.put(request, entry);
        byTxid.computeIfAbsent(txid, _ -> new LinkedHashSet<>()).add(entry);
        for (OutPoint coin : entry.coins) {
            Set<Entry> others = byCoin.computeIfAbsent(coin, _ -> new LinkedHashSet<>());
            // What the chain did before is known where another follows the coin.
            others.stream().findFirst().ifPresent(other -> copySpender(coin, other, entry));
            others.add(entry);
        }
        return true;
    }

    private static void copySpender(OutPoint coin, Entry from, Entry to) {
        Spender spender = from.spenders.get(coin);
        if (spender == null && from.confirmation != null) {
            spender = new Spender(from.txid, from.confirmation.height());
        }
        if (spender == null) {
            return;
        }
        if (!spender.by().equals(to.txid)) {
            to.spenders.put(coin, spender);
        }
    }

    /// Its signatures are here.
    ///
    /// @return whether they are to be checked: not when they were before
    boolean signed(RequestId request) {
        Entry entry = entries.get(request);
        if (entry == null || entry.state != State.NOT_SIGNED) {
            return false;
        }
        entry.state = State.SIGNED;
        return true;
    }

    /// The signatures are right.
    void checked(RequestId request, Transaction complete, Instant now) {
        Entry entry = entries.get(request);
        if (entry != null && entry.state == State.SIGNED) {
            entry.state = State.CHECKED;
            entry.complete = complete;
            entry.bytes = complete.serializedLength();
            bytes += entry.bytes;
            entry.sendAt = entry.first ? now : now.plus(REBROADCAST_AFTER);
        }
    }

    /// The signatures alone do not make a transaction.
    ///
    /// @param state `INCOMPLETE` or `FAILED`
    void notSent(RequestId request, State state) {
        Entry entry = entries.get(request);
        if (entry != null && entry.state == State.SIGNED) {
            entry.state = state;
        }
    }

    /// This node is to send it.
    void sendFirst(RequestId request, Instant now) {
        Entry entry = entries.get(request);
        if (entry != null && !entry.first) {
            entry.first = true;
            if (entry.state == State.CHECKED) {
                entry.sendAt = now;
            }
        }
    }

    /// What is to be sent by now, each once; again after [#REBROADCAST_AGAIN], for as long as it
    /// takes.
    List<RequestId> takeDue(Instant now) {
        Map<Txid, RequestId> due = new LinkedHashMap<>();
        for (Entry entry : entries.values()) {
            if (entry.maySend() && isDue(entry.sendAt, now)) {
                due.putIfAbsent(entry.txid, entry.request);
                entry.sendAt = now.plus(REBROADCAST_AGAIN);
            }
        }
        return List.copyOf(due.values());
    }

    /// No time is ever set further away than [#REBROADCAST_AGAIN]: one that is was set before the
    /// wall clock went back, and waiting for it might take years.
    private static boolean isDue(Instant at, Instant now) {
        return !at.isAfter(now) || Duration.between(now, at).compareTo(REBROADCAST_AGAIN) > 0;
    }

    Optional<Transaction> complete(RequestId request) {
        return Optional.ofNullable(entries.get(request)).map(entry -> entry.complete);
    }

    /// A Bitcoin peer has it.
    ///
    /// @return the requests whose transaction it is
    List<RequestId> sent(Txid txid) {
        for (Entry entry : of(txid)) {
            if (entry.state == State.CHECKED) {
                entry.state = State.SENT;
            }
        }
        return ids(of(txid));
    }

    /// Bitcoin peers have it that did not get it from this node.
    List<RequestId> seen(Txid txid, int peers) {
        of(txid).forEach(entry -> entry.seenBy = Math.max(entry.seenBy, peers));
        return sent(txid);
    }

    List<RequestId> requests(Txid txid) {
        return ids(of(txid));
    }

    private Set<Entry> of(Txid txid) {
        return byTxid.getOrDefault(txid, Set.of());
    }

    private static List<RequestId> ids(Set<Entry> entries) {
        return entries.stream().map(entry -> entry.request).toList();
    }

    /// Takes the next block of the best chain.
    ///
    /// @return what it makes impossible
    List<RequestEvent.Conflicted> connect(int height, Block block) {
        List<RequestEvent.Conflicted> conflicts = new ArrayList<>();
        if (byCoin.isEmpty()) {
            return conflicts;
        }
        for (Transaction transaction : block.transactions()) {
            for (TxIn input : transaction.inputs()) {
                Set<Entry> spent = byCoin.get(input.outPoint());
                if (spent != null) {
                    spend(spent, input.outPoint(), transaction.txid(), height, conflicts);
                }
            }
        }
        return conflicts;
    }

    private static void spend(
            Set<Entry> spent,
            OutPoint coin,
            Txid by,
            int height,
            List<RequestEvent.Conflicted> conflicts) {
        for (Entry entry : spent) {
            if (!entry.txid.equals(by)) {
                if (entry.spenders.isEmpty()) {
                    conflicts.add(
                            new RequestEvent.Conflicted(entry.request, entry.txid, by, height));
                }
                entry.spenders.putIfAbsent(coin, new Spender(by, height));
            }
        }
    }

    /// It is in a block of the best chain.
    void confirmed(Confirmation confirmation) {
        for (Entry entry : of(confirmation.txid())) {
            if (!confirmation.equals(entry.confirmation)) {
                entry.confirmation = confirmation;
                entry.depthTold = 0;
            }
        }
    }

    /// It is in no block of the best chain.
    ///
    /// @return the requests of which that is new
    List<RequestId> unconfirmed(Txid txid) {
        List<RequestId> lost = new ArrayList<>();
        for (Entry entry : of(txid)) {
            if (entry.confirmation != null) {
                entry.confirmation = null;
                entry.depthTold = 0;
                lost.add(entry.request);
            }
        }
        return lost;
    }

    /// A block of the best chain is taken back.
    void disconnect(int height) {
        for (Entry entry : entries.values()) {
            entry.spenders.values().removeIf(spender -> spender.height() == height);
        }
    }

    /// The txids of which no block is known.
    List<Txid> open() {
        return byTxid.entrySet().stream()
                .filter(e -> e.getValue().stream().allMatch(entry -> entry.confirmation == null))
                .map(Map.Entry::getKey)
                .toList();
    }

    /// The depths that were not told, up to the one that is final.
    List<RequestEvent.Confirmed> deepened(int tipHeight) {
        List<RequestEvent.Confirmed> told = new ArrayList<>();
        for (Entry entry : entries.values()) {
            Confirmation confirmation = entry.confirmation;
            if (confirmation != null) {
                int depth = Math.min(confirmation.depth(tipHeight), finalDepth);
                if (depth > entry.depthTold) {
                    entry.depthTold = depth;
                    told.add(new RequestEvent.Confirmed(entry.request, confirmation, depth));
                }
            }
        }
        return told;
    }

    /// Takes out what is final: its block is deep enough, or that of something else that spends one
    /// of its inputs.
    List<Final> takeFinal(int tipHeight) {
        List<Final> done = new ArrayList<>();
        for (Entry entry : List.copyOf(entries.values())) {
            Confirmation confirmation = entry.confirmation;
            Optional<Spender> conflict = entry.conflict();
            if (confirmation != null && confirmation.depth(tipHeight) >= finalDepth) {
                done.add(outcome(entry, true, entry.txid));
            } else if (conflict.isPresent()
                    && tipHeight - conflict.get().height() + 1 >= finalDepth) {
                done.add(outcome(entry, false, conflict.get().by()));
            }
        }
        done.forEach(end -> forget(end.request()));
        return done;
    }

    private static Final outcome(Entry entry, boolean made, Txid by) {
        return new Final(entry.request, entry.txid, new PaymentOutcome(made, by));
    }

    /// Follows it no longer.
    ///
    /// @return its txid, if no other request has it
    Optional<Txid> forget(RequestId request) {
        Entry entry = entries.remove(request);
        if (entry == null) {
            return Optional.empty();
        }
        bytes -= entry.bytes;
        for (OutPoint coin : entry.coins) {
            Set<Entry> others = byCoin.get(coin);
            if (others != null) {
                others.remove(entry);
                if (others.isEmpty()) {
                    byCoin.remove(coin);
                }
            }
        }
        Set<Entry> same = of(entry.txid);
        same.remove(entry);
        if (!same.isEmpty()) {
            return Optional.empty();
        }
        byTxid.remove(entry.txid);
        return Optional.of(entry.txid);
    }

    boolean follows(Txid txid) {
        return byTxid.containsKey(txid);
    }

    Optional<FollowedRequest> find(RequestId request) {
        return Optional.ofNullable(entries.get(request)).map(Entry::snapshot);
    }

    /// Oldest first.
    List<FollowedRequest> all() {
        return entries.values().stream().map(Entry::snapshot).toList();
    }
}
