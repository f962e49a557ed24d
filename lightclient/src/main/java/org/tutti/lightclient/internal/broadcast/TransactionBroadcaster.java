package org.tutti.lightclient.internal.broadcast;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.broadcast.Reach;
import org.tutti.lightclient.internal.broadcast.BroadcastOutput.Report;
import org.tutti.lightclient.internal.broadcast.BroadcastOutput.Save;
import org.tutti.lightclient.internal.broadcast.BroadcastOutput.ToPeer;
import org.tutti.lightclient.internal.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.FeeFilter;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.NotFound;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.RejectCode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Hands transactions to peers and follows them until they are deep in a block: a pure engine,
/// owned by one thread.
///
/// **To one peer**: `inv`, wait for `getdata`, `tx`. Nobody answers a `tx`: a peer that took it and
/// one that dropped it look alike, and a `pong` behind it proves nothing. So peers are asked, by
/// `getdata`, whether they have it. Only peers that take transactions are told, by wtxid where both
/// sides said so (BIP339), and only of what pays what they want (BIP133).
///
/// **To all**: in rounds. In the first one a third of the peers, at least one where there are two,
/// is not told: where such a peer has it, it was relayed, which nothing else shows. The second
/// round is told to all, and so is every further one: [#FIRST_REPEAT] after the first, then at
/// times that double up to [#LAST_REPEAT], and after each block. Where nobody has asked
/// [#ASK_DEADLINE] after the first, that is reported, the others are told at once, and those that
/// did not ask get it unasked: btcd ignores announcements while it believes itself behind.
///
/// **The end**: a checked block has it, or spends one of its inputs otherwise. [#BURIED] blocks
/// later it is forgotten; a reorganisation takes it back.
///
/// **Bounds**: peers decide neither how much is remembered (names of configured peers, and what we
/// announced) nor how much is sent: a peer gets a transaction at most [#MAX_SERVED] times over one
/// connection, and is asked a fixed number of times each round.
///
/// It is one file because it is one state machine: what a message or a moment means for a
/// transaction depends on what all peers were told of it, asked for and showed before.
public final class TransactionBroadcaster {
    /// Most transactions followed at once.
    public static final int MAX_TRANSACTIONS = 64;

    /// Most bytes of transactions followed at once.
    public static final long MAX_BYTES = 16L << 20;

    /// How long peers may take to ask for what we announced before it is reported that none did.
    /// Bitcoin Core takes up to four seconds.
    public static final Duration ASK_DEADLINE = Duration.ofSeconds(10);

    /// Time between the first two rounds.
    public static final Duration FIRST_REPEAT = Duration.ofSeconds(30);

    /// Longest time between two rounds.
    public static final Duration LAST_REPEAT = Duration.ofMinutes(10);

    /// Confirmations after which a transaction is no longer followed.
    public static final int BURIED = 6;

    /// How often one connection is sent the same transaction.
    static final int MAX_SERVED = 3;

    /// How often it is said of one transaction and one connection that the peer wants a higher fee:
    /// a peer may change what it wants as often as it likes.
    static final int MAX_FEE_FILTERS_TOLD = 3;

    /// How long a new peer may take to say which fees it wants.
    static final Duration FEE_FILTER_GRACE = Duration.ofSeconds(1);

    /// When a peer is asked whether it has the transaction: after it was sent, or [#QUERY_GRACE]
    /// after it could have asked. Bitcoin Core serves what it took once its next announcements have
    /// gone out.
    static final List<Duration> QUERIES =
            List.of(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(12),
                    Duration.ofSeconds(24));

    static final Duration QUERY_GRACE = Duration.ofSeconds(4);

    /// How often a peer is asked in one round, with the questions that its own announcements cause.
    static final int MAX_QUERIES = 2 * QUERIES.size();

    /// How long after it was sent a peer that does not have it has dropped it.
    static final Duration DROPPED_AFTER = Duration.ofSeconds(10);

    /// What we say of fees (BIP133) while nothing waits to be seen: announce nothing to us.
    static final FeeFilter NO_ANNOUNCEMENTS = new FeeFilter(2_100_000_000_000_000L);

    /// What we say of fees otherwise.
    static final FeeFilter ALL_ANNOUNCEMENTS = new FeeFilter(0);

    private static final class Peer {
        private final long id;
        private final String name;
        private final TransactionRelay relay;
        private final Instant readyAt;
        private boolean feeFilterKnown;
        private long feeFilter;
        private @Nullable FeeFilter told;

        Peer(long id, String name, TransactionRelay relay, Instant readyAt) {
            this.id = id;
            this.name = name;
            this.relay = relay;
            this.readyAt = readyAt;
        }

        boolean mayBeTold(Instant now) {
            return relay.takes() && (feeFilterKnown || isOver(FEE_FILTER_GRACE, readyAt, now));
        }
    }

    /// One transaction at one connection.
    private static final class Offer {
        private boolean announced;
        private int served;
        private boolean unasked;
        private boolean has;
        private boolean refused;
        private boolean dropToldOnce;
        private long feeFilterTold;
        private int feeFiltersTold;

        /// Not told in the first round, to see whether it hears of it.
        private boolean witness;

        private Instant since;
        private int queries;
        private int openQueries;
        private boolean everQueried;

        Offer(Instant since) {
            this.since = since;
        }

        boolean given() {
            return served > 0;
        }

        void restart(Instant now) {
            since = now.plus(QUERY_GRACE);
            queries = 0;
            refused = false;
        }
    }

    private static final class Entry {
        private final PendingTransaction pending;
        private final Transaction transaction;
        private final Txid txid;
        private final Wtxid wtxid;
        private final long bytes;
        private final long virtualBytes;
        private final Instant added;
        private final Map<Long, Offer> offers = new LinkedHashMap<>();
        private final Set<String> announcedTo = new HashSet<>();
        private final Set<String> requestedBy = new HashSet<>();
        private final Set<String> acceptedBy = new HashSet<>();
        private final Set<String> seenBy = new HashSet<>();
        private final Set<String> givenTo;

        private int rounds;
        private Instant roundStart = Instant.MIN;
        private boolean judged;
        private boolean isSoon;
        private int minedAt = -1;
        private int conflictAt = -1;

        Entry(PendingTransaction pending, Instant now) {
            this.pending = pending;
            this.transaction = pending.transaction();
            this.txid = transaction.txid();
            this.wtxid = transaction.wtxid();
            this.bytes = transaction.serialize().length();
            this.virtualBytes = transaction.weight().virtualBytes();
            this.added = now;
            this.givenTo = new HashSet<>(pending.givenTo());
        }

        boolean waits() {
            return minedAt < 0 && conflictAt < 0;
        }

        /// Whether it spends a coin of the other, and pays more: peers that have the other take it
        /// in its place, and must not be told of the other again.
        boolean replaces(Entry other) {
            return other.waits()
                    && pending.fee().isPresent()
                    && other.pending.fee().isPresent()
                    && pending.fee().get().isMoreThan(other.pending.fee().get())
                    && transaction.inputs().stream()
                            .anyMatch(input ->
                                    other.transaction.inputs().stream()
                                            .anyMatch(its ->
                                                    its.outPoint().equals(input.outPoint())));
        }

        int settledAt() {
            return Math.max(minedAt, conflictAt);
        }

        Reach reach() {
            return new Reach(
                    announcedTo.size(), requestedBy.size(), acceptedBy.size(), seenBy.size());
        }

        Duration repeat() {
            Duration time = FIRST_REPEAT.multipliedBy(1L << Math.clamp(rounds - 1, 0, 10));
            return time.compareTo(LAST_REPEAT) > 0 ? LAST_REPEAT : time;
        }

        boolean paysFor(Peer peer) {
            return pending.fee().isEmpty()
                    || peer.feeFilter <= pending.fee().get().value() * 1_000L / virtualBytes;
        }

        Offer offer(Peer peer, Instant now) {
            return offers.computeIfAbsent(peer.id, _ -> new Offer(now.plus(QUERY_GRACE)));
        }

        PendingTransaction saved() {
            return new PendingTransaction(transaction, pending.fee(), givenTo);
        }
    }

    private final Map<Txid, Entry> entries = new LinkedHashMap<>();
    private final Map<Wtxid, Entry> byWtxid = new HashMap<>();
    private final Map<Long, Peer> peers = new LinkedHashMap<>();
    private final RandomGenerator random;

    private List<BroadcastOutput> outputs = new ArrayList<>();

    /// Announcements of this step, to be sent as one message a peer.
    private final Map<Peer, List<InventoryItem>> announcements = new LinkedHashMap<>();

    /// Questions of this step, likewise.
    private final Map<Peer, List<InventoryItem>> questions = new LinkedHashMap<>();

    /// @param random chooses who is told first
    public TransactionBroadcaster(RandomGenerator random) {
        this.random = random;
    }

    // --- what the owner says

    /// Starts to follow a transaction; nothing happens to one that is followed already.
    ///
    /// @param height of the block after our tip
    /// @param medianTime of our tip and the ten blocks under it, in seconds since 1970
    /// @param minedAt height of the block that has it already, if one does
    public List<BroadcastOutput> add(
            PendingTransaction pending,
            int height,
            long medianTime,
            Optional<Integer> minedAt,
            Instant now) {
        Transaction transaction = pending.transaction();
        Txid txid = transaction.txid();
        if (entries.containsKey(txid)) {
            return List.of();
        }
        Optional<BroadcastFault> fault = BroadcastFault.of(transaction, height, medianTime);
        if (fault.isPresent()) {
            return notTaken(transaction, fault.get());
        }
        Entry entry = new Entry(pending, now);
        entries.values().stream().filter(entry::replaces).toList().forEach(this::displace);
        if (!makeRoom(entry, now)) {
            return notTaken(transaction, BroadcastFault.TOO_MANY);
        }
        entries.put(txid, entry);
        byWtxid.put(entry.wtxid, entry);
        minedAt.ifPresent(at -> entry.minedAt = at);
        save();
        minedAt.ifPresent(at -> report(new BroadcastEvent.Confirmed(txid, at)));
        work(entry, now);
        return flush();
    }

    /// Goes on with those that were saved before a restart. They were final when they were taken
    /// on: our tip may not have come as far again yet.
    public List<BroadcastOutput> resume(List<PendingTransaction> saved, Instant now) {
        for (PendingTransaction pending : saved) {
            Entry entry = new Entry(pending, now);
            if (BroadcastFault.of(pending.transaction()).isEmpty() && fits(entry)) {
                entries.put(entry.txid, entry);
                byWtxid.put(entry.wtxid, entry);
            }
        }
        return onTick(now);
    }

    private static List<BroadcastOutput> notTaken(Transaction transaction, BroadcastFault fault) {
        return List.of(
                new Report(
                        new BroadcastEvent.NotTaken(
                                transaction.txid(), fault, fault.text(transaction))));
    }

    /// Forgets the oldest ones that need not be followed any more, or have had their time, until
    /// one more fits.
    private boolean makeRoom(Entry entry, Instant now) {
        while (!fits(entry)) {
            Optional<Entry> oldest =
                    entries.values().stream()
                            .filter(other -> !other.waits())
                            .findFirst()
                            .or(() ->
                                    entries.values().stream()
                                            .filter(other -> isOver(FIRST_REPEAT, other.added, now))
                                            .findFirst());
            if (oldest.isEmpty()) {
                return false;
            }
            displace(oldest.get());
        }
        return true;
    }

    private void displace(Entry entry) {
        forget(entry);
        if (entry.waits()) {
            report(new BroadcastEvent.Displaced(entry.txid));
        }
    }

    private boolean fits(Entry entry) {
        long bytes = entries.values().stream().mapToLong(other -> other.bytes).sum();
        return entries.size() < MAX_TRANSACTIONS && bytes + entry.bytes <= MAX_BYTES;
    }

    private void forget(Entry entry) {
        entries.remove(entry.txid);
        byWtxid.remove(entry.wtxid);
    }

    private void save() {
        outputs.add(
                new Save(
                        entries.values().stream().filter(Entry::waits).map(Entry::saved).toList()));
    }

    // --- what peers do

    /// A peer has finished its handshake.
    ///
    /// @param name as configured: what is known of a peer outlives its connections
    public List<BroadcastOutput> peerReady(
            long id, String name, TransactionRelay relay, Instant now) {
        peers.put(id, new Peer(id, name, relay, now));
        return flush();
    }

    public void peerGone(long id) {
        peers.remove(id);
        entries.values().forEach(entry -> entry.offers.remove(id));
    }

    /// A peer says which fee rate it wants at least (BIP133).
    public List<BroadcastOutput> onFeeFilter(long id, FeeFilter filter, Instant now) {
        Peer peer = peers.get(id);
        if (peer != null && filter.satPerKvb() >= 0) {
            peer.feeFilterKnown = true;
            peer.feeFilter = Math.min(filter.satPerKvb(), NO_ANNOUNCEMENTS.satPerKvb());
            entries.values().forEach(entry -> work(entry, now));
        }
        return flush();
    }

    /// Serves what the peer asks for and we follow.
    ///
    /// @return what to send, and in `missing` the items that we do not have, or sent too often
    public List<BroadcastOutput> onGetData(
            long id, GetData wanted, Instant now, Collection<InventoryItem> missing) {
        Peer peer = peers.get(id);
        for (InventoryItem item : wanted.items()) {
            Entry entry = find(item);
            if (peer == null || entry == null || !entry.waits()) {
                missing.add(item);
                continue;
            }
            Offer offer = entry.offer(peer, now);
            if (offer.served >= MAX_SERVED) {
                missing.add(item);
                continue;
            }
            give(entry, offer, peer, now);
            if (entry.requestedBy.add(peer.name)) {
                report(new BroadcastEvent.Requested(entry.txid, peer.name, entry.reach()));
            }
        }
        return flush();
    }

    private @Nullable Entry find(InventoryItem item) {
        return switch (item) {
            case InventoryItem.Transaction(Txid txid, boolean _) -> entries.get(txid);
            case InventoryItem.TransactionByWtxid(Wtxid wtxid) -> byWtxid.get(wtxid);
            case InventoryItem.Block _, InventoryItem.Unknown _ -> null;
        };
    }

    private void give(Entry entry, Offer offer, Peer peer, Instant now) {
        if (!offer.given()) {
            offer.since = now;
            offer.queries = 0;
        }
        offer.served++;
        if (entry.givenTo.add(peer.name)) {
            save();
        }
        send(peer, new TxMessage(entry.transaction));
    }

    /// A peer announces what it has. What it got from us, or heard from us, it does not announce to
    /// us: it may know that we have it.
    public List<BroadcastOutput> onInv(long id, Inv inv, Instant now) {
        Peer peer = peers.get(id);
        if (peer == null) {
            return List.of();
        }
        for (InventoryItem item : inv.items()) {
            Entry entry = find(item);
            if (entry == null || !entry.waits() || entry.givenTo.contains(peer.name)) {
                continue;
            }
            Offer offer = entry.offer(peer, now);
            if (offer.announced || offer.has) {
                continue;
            }
            if (!offer.everQueried) {
                offer.has = true;
                seen(entry, peer);
            } else if (offer.openQueries == 0 && offer.queries < MAX_QUERIES) {
                // Our question has told it the name: let it show the transaction.
                ask(entry, offer, peer);
            }
        }
        return flush();
    }

    private void seen(Entry entry, Peer peer) {
        if (entry.seenBy.add(peer.name)) {
            report(new BroadcastEvent.Seen(entry.txid, peer.name, entry.reach()));
        }
    }

    /// A peer sends a transaction.
    ///
    /// @return what follows; nothing if we did not ask this peer for it
    public Optional<List<BroadcastOutput>> onTransaction(long id, Transaction transaction) {
        Peer peer = peers.get(id);
        Entry entry = entries.get(transaction.txid());
        Offer offer = peer == null || entry == null ? null : entry.offers.get(id);
        if (peer == null || entry == null || offer == null || offer.openQueries == 0) {
            return Optional.empty();
        }
        offer.openQueries--;
        // With other witnesses it is not what we know to be valid.
        if (entry.waits() && !offer.has && transaction.wtxid().equals(entry.wtxid)) {
            has(entry, offer, peer);
        }
        return Optional.of(flush());
    }

    private void has(Entry entry, Offer offer, Peer peer) {
        offer.has = true;
        if (!entry.givenTo.contains(peer.name)) {
            seen(entry, peer);
        } else if (entry.acceptedBy.add(peer.name)) {
            report(new BroadcastEvent.Accepted(entry.txid, peer.name, entry.reach()));
        }
    }

    /// A peer does not have what we asked for.
    public List<BroadcastOutput> onNotFound(long id, NotFound notFound, Instant now) {
        Peer peer = peers.get(id);
        for (InventoryItem item : notFound.items()) {
            Entry entry = find(item);
            Offer offer = entry == null ? null : entry.offers.get(id);
            if (peer == null || entry == null || offer == null || offer.openQueries == 0) {
                continue;
            }
            offer.openQueries--;
            if (offer.given()
                    && !offer.has
                    && !offer.refused
                    && !offer.dropToldOnce
                    && !now.isBefore(offer.since.plus(DROPPED_AFTER))) {
                offer.dropToldOnce = true;
                report(new BroadcastEvent.Dropped(entry.txid, peer.name));
            }
        }
        return flush();
    }

    /// A `reject` that may be about one of ours.
    public List<BroadcastOutput> onReject(long id, Reject reject) {
        Peer peer = peers.get(id);
        Entry entry = entries.get(Txid.of(reject.hash()));
        Offer offer = peer == null || entry == null ? null : entry.offers.get(id);
        if (peer == null
                || entry == null
                || offer == null
                || !offer.given()
                || offer.has
                || offer.refused) {
            return List.of();
        }
        if (alreadyThere(reject)) {
            has(entry, offer, peer);
        } else {
            offer.refused = true;
            report(
                    new BroadcastEvent.Refused(
                            entry.txid, peer.name, reject.code(), reject.reason()));
        }
        return flush();
    }

    /// DUPLICATE also means that another transaction spends the same coin: only the text tells.
    private static boolean alreadyThere(Reject reject) {
        return reject.code() == RejectCode.DUPLICATE
                && (reject.reason().startsWith("already have transaction")
                        || reject.reason().startsWith("txn-already"));
    }

    // --- what time brings

    /// Does what is due.
    public List<BroadcastOutput> onTick(Instant now) {
        entries.values().forEach(entry -> work(entry, now));
        return flush();
    }

    private void work(Entry entry, Instant now) {
        if (!entry.waits()) {
            return;
        }
        if (isRoundDue(entry, now)) {
            startRound(entry, now);
        }
        if (entry.rounds == 0) {
            return;
        }
        for (Peer peer : peers.values()) {
            if (peer.mayBeTold(now)) {
                tellLate(entry, peer, now);
            }
        }
        if (!entry.judged && !now.isBefore(entry.roundStart.plus(ASK_DEADLINE))) {
            judge(entry, now);
        }
        query(entry, now);
    }

    private static boolean isRoundDue(Entry entry, Instant now) {
        return entry.rounds == 0
                || isOver(entry.isSoon ? FIRST_REPEAT : entry.repeat(), entry.roundStart, now);
    }

    /// Whether so much time has passed. A wall clock that was set back would make us wait for as
    /// long as it was set.
    private static boolean isOver(Duration time, Instant start, Instant now) {
        return now.isBefore(start) || Duration.between(start, now).compareTo(time) >= 0;
    }

    private void startRound(Entry entry, Instant now) {
        List<Peer> eligible = new ArrayList<>();
        for (Peer peer : peers.values()) {
            if (peer.mayBeTold(now) && isPaid(entry, peer, now)) {
                eligible.add(peer);
            }
        }
        if (eligible.isEmpty()) {
            return; // As soon as there is somebody to tell.
        }
        boolean first = entry.rounds == 0 && entry.seenBy.isEmpty();
        entry.rounds++;
        entry.roundStart = now;
        entry.judged = false;
        entry.isSoon = false;
        int held = first ? witnesses(eligible.size()) : 0;
        Collections.shuffle(eligible, random);
        for (Peer peer : eligible) {
            Offer offer = entry.offer(peer, now);
            offer.restart(now);
            if (held > 0 && !entry.givenTo.contains(peer.name)) {
                holdBack(entry, offer, peer);
                held--;
            } else {
                announce(entry, offer, peer);
            }
        }
    }

    /// Of so many peers, how many are not told at first.
    private static int witnesses(int peers) {
        return peers < 2 ? 0 : Math.max(1, peers / 3);
    }

    private boolean isPaid(Entry entry, Peer peer, Instant now) {
        if (entry.paysFor(peer)) {
            return true;
        }
        Offer offer = entry.offer(peer, now);
        if (offer.feeFilterTold != peer.feeFilter && offer.feeFiltersTold < MAX_FEE_FILTERS_TOLD) {
            offer.feeFilterTold = peer.feeFilter;
            offer.feeFiltersTold++;
            report(new BroadcastEvent.BelowFeeFilter(entry.txid, peer.name, peer.feeFilter));
        }
        return false;
    }

    /// A peer that came, or lowered the fee that it wants, during a round.
    private void tellLate(Entry entry, Peer peer, Instant now) {
        Offer offer = entry.offer(peer, now);
        if (offer.announced || offer.witness || !isPaid(entry, peer, now)) {
            return;
        }
        long told = entry.offers.values().stream().filter(other -> other.announced).count();
        long held = entry.offers.values().stream().filter(other -> other.witness).count();
        boolean isFirst = entry.rounds == 1 && !entry.judged && entry.seenBy.isEmpty();
        offer.restart(now);
        if (isFirst
                && told > 0
                && held < witnesses((int) (told + held + 1))
                && !entry.givenTo.contains(peer.name)) {
            holdBack(entry, offer, peer);
        } else {
            announce(entry, offer, peer);
        }
    }

    private void holdBack(Entry entry, Offer offer, Peer peer) {
        offer.witness = true;
        report(new BroadcastEvent.HeldBack(entry.txid, peer.name));
    }

    private void announce(Entry entry, Offer offer, Peer peer) {
        offer.witness = false;
        offer.announced = true;
        announcements.computeIfAbsent(peer, _ -> new ArrayList<>()).add(item(entry, peer, false));
        if (entry.announcedTo.add(peer.name)) {
            report(new BroadcastEvent.Announced(entry.txid, peer.name, entry.reach()));
        }
    }

    private static InventoryItem item(Entry entry, Peer peer, boolean witness) {
        return peer.relay.byWtxid()
                ? new InventoryItem.TransactionByWtxid(entry.wtxid)
                : new InventoryItem.Transaction(entry.txid, witness);
    }

    /// Says that nobody asked, if so, and does what is left to do about it.
    private void judge(Entry entry, Instant now) {
        entry.judged = true;
        if (entry.reach().isAnywhere()) {
            return;
        }
        report(new BroadcastEvent.Unseen(entry.txid, entry.rounds, entry.reach()));
        for (Peer peer : peers.values()) {
            Offer offer = entry.offers.get(peer.id);
            if (offer == null || !peer.mayBeTold(now)) {
                continue;
            }
            if (offer.witness) {
                offer.restart(now);
                announce(entry, offer, peer);
            } else if (offer.announced && !offer.given() && !offer.unasked) {
                offer.unasked = true;
                give(entry, offer, peer, now);
            }
        }
    }

    private void query(Entry entry, Instant now) {
        for (Peer peer : peers.values()) {
            Offer offer = entry.offers.get(peer.id);
            if (offer != null
                    && (offer.announced || offer.witness || offer.given())
                    && !offer.has
                    && !offer.refused
                    && offer.queries < QUERIES.size()
                    && !now.isBefore(offer.since.plus(QUERIES.get(offer.queries)))) {
                ask(entry, offer, peer);
            }
        }
    }

    private void ask(Entry entry, Offer offer, Peer peer) {
        offer.queries++;
        offer.openQueries++;
        offer.everQueried = true;
        questions.computeIfAbsent(peer, _ -> new ArrayList<>()).add(item(entry, peer, true));
    }

    // --- what the chain does

    /// A checked block is the end of our chain now.
    ///
    /// @param txids of the block
    public List<BroadcastOutput> blockConnected(int height, Block block, List<Txid> txids) {
        if (entries.isEmpty()) {
            return List.of();
        }
        Map<OutPoint, List<Entry>> watched = new HashMap<>();
        for (Entry entry : entries.values()) {
            // What a full block refused may be taken now: nodes forget what they refused.
            entry.isSoon = true;
            if (entry.waits()) {
                entry.transaction
                        .inputs()
                        .forEach(input ->
                                watched.computeIfAbsent(input.outPoint(), _ -> new ArrayList<>())
                                        .add(entry));
            }
        }
        boolean changed = false;
        for (int i = 0; i < txids.size(); i++) {
            Txid txid = txids.get(i);
            Entry mined = entries.get(txid);
            if (mined != null && mined.waits()) {
                mined.minedAt = height;
                changed = true;
                report(new BroadcastEvent.Confirmed(txid, height));
            }
            for (TxIn input : block.transactions().get(i).inputs()) {
                for (Entry entry : watched.getOrDefault(input.outPoint(), List.of())) {
                    if (entry.waits() && !entry.txid.equals(txid)) {
                        entry.conflictAt = height;
                        changed = true;
                        report(
                                new BroadcastEvent.Conflicted(
                                        entry.txid, input.outPoint(), txid, height));
                    }
                }
            }
        }
        for (Entry entry : List.copyOf(entries.values())) {
            if (!entry.waits() && entry.settledAt() + BURIED <= height + 1) {
                forget(entry);
            }
        }
        if (changed) {
            save();
        }
        return flush();
    }

    /// The block at this height is no longer on our chain: what it ended is announced again.
    public List<BroadcastOutput> blockDisconnected(int height) {
        boolean changed = false;
        for (Entry entry : entries.values()) {
            if (!entry.waits() && entry.settledAt() == height) {
                entry.minedAt = -1;
                entry.conflictAt = -1;
                entry.rounds = 0;
                // Whoever had it may have forgotten it.
                entry.offers.clear();
                changed = true;
                report(new BroadcastEvent.Reopened(entry.txid, height));
            }
        }
        if (changed) {
            save();
        }
        return flush();
    }

    // --- how outputs are collected

    private void report(BroadcastEvent event) {
        outputs.add(new Report(event));
    }

    private void send(Peer peer, P2pMessage message) {
        outputs.add(new ToPeer(new Send(peer.id, message)));
    }

    private List<BroadcastOutput> flush() {
        announcements.forEach((peer, items) -> send(peer, new Inv(items)));
        announcements.clear();
        questions.forEach((peer, items) -> send(peer, new GetData(items)));
        questions.clear();
        boolean listens =
                entries.values().stream()
                        .anyMatch(entry -> entry.waits() && entry.seenBy.isEmpty());
        FeeFilter filter = listens ? ALL_ANNOUNCEMENTS : NO_ANNOUNCEMENTS;
        for (Peer peer : peers.values()) {
            if (peer.relay.takes() && !filter.equals(peer.told)) {
                peer.told = filter;
                send(peer, filter);
            }
        }
        List<BroadcastOutput> collected = outputs;
        outputs = new ArrayList<>();
        return collected;
    }

    /// The transaction of this id, while it is followed.
    public Optional<Transaction> find(Txid txid) {
        return Optional.ofNullable(entries.get(txid)).map(entry -> entry.transaction);
    }

    /// How far the transaction of this id has come, while it is followed.
    public Optional<Reach> reach(Txid txid) {
        return Optional.ofNullable(entries.get(txid)).map(Entry::reach);
    }
}
