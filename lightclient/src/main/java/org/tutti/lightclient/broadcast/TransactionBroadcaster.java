package org.tutti.lightclient.broadcast;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.broadcast.BroadcastOutput.Report;
import org.tutti.lightclient.broadcast.BroadcastOutput.ToPeer;
import org.tutti.lightclient.peers.PeerOutput.Send;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.Inv;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Reject;
import org.tutti.lightclient.wire.P2pMessage.TxMessage;
import org.tutti.lightclient.wire.RejectCode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Hands transactions to peers and follows them until they are mined: a pure engine, owned by one
/// thread.
///
/// The way of one transaction to one peer: `inv`, wait for `getdata`, `tx`, and a `ping` behind it.
/// A peer handles messages in order, so a `pong` with no `reject` before it says that the
/// transaction was taken (or dropped in silence: Bitcoin Core says nothing about either). A peer
/// that has not asked after [#ASK_DEADLINE] gets the transaction unasked, since btcd ignores
/// announcements while it believes itself behind. Every [#REPEAT] it is announced again to
/// everybody, at most [#MAX_ANNOUNCEMENTS] times, until a block that we checked has it; [#BURIED]
/// blocks later it is forgotten.
public final class TransactionBroadcaster {
    /// Most transactions followed at once.
    public static final int MAX_TRANSACTIONS = 64;

    /// How long a peer may take to ask for what we announced.
    public static final Duration ASK_DEADLINE = Duration.ofSeconds(2);

    /// Time between two announcements of one transaction.
    public static final Duration REPEAT = Duration.ofSeconds(30);

    /// After so many announcements (half an hour) we say that we give up.
    public static final int MAX_ANNOUNCEMENTS = 60;

    /// Confirmations after which a transaction is no longer followed.
    public static final int BURIED = 6;

    /// How far one peer is with one transaction.
    private enum Stage {
        ANNOUNCED,
        SENT,
        ANSWERED
    }

    private static final class Offer {
        private Stage stage = Stage.ANNOUNCED;
        private final Instant since;
        private long pingNonce;

        Offer(Instant since) {
            this.since = since;
        }
    }

    private static final class Entry {
        private final Transaction transaction;
        private final Map<Long, Offer> offers = new HashMap<>();
        private Instant nextAnnouncement;
        private int announcements;
        private int minedAt = -1;

        Entry(Transaction transaction, Instant now) {
            this.transaction = transaction;
            this.nextAnnouncement = now;
        }
    }

    private final Map<Txid, Entry> entries = new LinkedHashMap<>();
    private final Map<Long, String> peers = new LinkedHashMap<>();
    private final RandomGenerator random;

    /// @param random for the nonces of pings
    public TransactionBroadcaster(RandomGenerator random) {
        this.random = random;
    }

    /// Starts to follow a transaction; one already followed is announced anew.
    ///
    /// @return false if [#MAX_TRANSACTIONS] are followed already
    public boolean add(Transaction transaction, Instant now) {
        Txid txid = transaction.txid();
        Entry known = entries.get(txid);
        if (known != null) {
            known.nextAnnouncement = now;
            return true;
        }
        if (entries.size() >= MAX_TRANSACTIONS) {
            return false;
        }
        entries.put(txid, new Entry(transaction, now));
        return true;
    }

    /// A peer has finished its handshake: it hears of everything that is not mined yet.
    public List<BroadcastOutput> peerReady(long peer, String name, Instant now) {
        peers.put(peer, name);
        List<BroadcastOutput> outputs = new ArrayList<>();
        entries.forEach((txid, entry) -> {
            if (entry.minedAt < 0) {
                announce(txid, entry, peer, now, outputs);
            }
        });
        return outputs;
    }

    public void peerGone(long peer) {
        peers.remove(peer);
        entries.values().forEach(entry -> entry.offers.remove(peer));
    }

    private static void announce(
            Txid txid, Entry entry, long peer, Instant now, List<BroadcastOutput> outputs) {
        entry.offers.putIfAbsent(peer, new Offer(now));
        outputs.add(toPeer(peer, new Inv(List.of(new InventoryItem.Transaction(txid, false)))));
    }

    /// Serves what the peer asks for and we follow.
    ///
    /// @return what to send, and in `missing` the items that we do not have
    public List<BroadcastOutput> onGetData(
            long peer, GetData wanted, Instant now, Collection<InventoryItem> missing) {
        List<BroadcastOutput> outputs = new ArrayList<>();
        for (InventoryItem item : wanted.items()) {
            @Nullable Entry entry =
                    item instanceof InventoryItem.Transaction(Txid txid, boolean _)
                            ? entries.get(txid)
                            : null;
            if (entry == null) {
                missing.add(item);
            } else {
                send(entry, entry.offers.computeIfAbsent(peer, _ -> new Offer(now)), peer, outputs);
            }
        }
        return outputs;
    }

    private static BroadcastOutput toPeer(long peer, P2pMessage message) {
        return new ToPeer(new Send(peer, message));
    }

    private void send(Entry entry, Offer offer, long peer, List<BroadcastOutput> outputs) {
        offer.stage = Stage.SENT;
        offer.pingNonce = random.nextLong();
        outputs.add(toPeer(peer, new TxMessage(entry.transaction)));
        outputs.add(toPeer(peer, new Ping(offer.pingNonce)));
    }

    /// A `pong` that may be the answer to the ping behind a transaction.
    public List<BroadcastOutput> onPong(long peer, long nonce) {
        List<BroadcastOutput> outputs = new ArrayList<>();
        entries.forEach((txid, entry) -> {
            Offer offer = entry.offers.get(peer);
            if (offer != null && offer.stage == Stage.SENT && offer.pingNonce == nonce) {
                offer.stage = Stage.ANSWERED;
                outputs.add(new Report(new BroadcastResult.Accepted(txid, name(peer))));
            }
        });
        return outputs;
    }

    /// A `reject` that may be about one of ours.
    public List<BroadcastOutput> onReject(long peer, Reject reject) {
        Txid txid = Txid.of(reject.hash());
        Entry entry = entries.get(txid);
        Offer offer = entry == null ? null : entry.offers.get(peer);
        if (offer == null || offer.stage != Stage.SENT) {
            return List.of();
        }
        offer.stage = Stage.ANSWERED;
        return List.of(
                new Report(
                        alreadyThere(reject)
                                ? new BroadcastResult.Accepted(txid, name(peer))
                                : new BroadcastResult.Refused(
                                        txid, name(peer), reject.code(), reject.reason())));
    }

    /// DUPLICATE also means that another transaction spends the same coin: only the text tells.
    private static boolean alreadyThere(Reject reject) {
        return reject.code() == RejectCode.DUPLICATE
                && (reject.reason().startsWith("already have transaction")
                        || reject.reason().startsWith("txn-already"));
    }

    private String name(long peer) {
        return peers.getOrDefault(peer, "");
    }

    /// Repeats announcements whose time has come, and sends to peers that have not asked.
    public List<BroadcastOutput> onTick(Instant now) {
        List<BroadcastOutput> outputs = new ArrayList<>();
        entries.forEach((txid, entry) -> {
            if (entry.minedAt < 0) {
                tick(txid, entry, now, outputs);
            }
        });
        entries.values().removeIf(entry -> entry.announcements > MAX_ANNOUNCEMENTS);
        return outputs;
    }

    private void tick(Txid txid, Entry entry, Instant now, List<BroadcastOutput> outputs) {
        if (!now.isBefore(entry.nextAnnouncement)) {
            if (!peers.isEmpty() && ++entry.announcements > MAX_ANNOUNCEMENTS) {
                outputs.add(new Report(new BroadcastResult.GivenUp(txid)));
                return;
            }
            peers.keySet().forEach(peer -> announce(txid, entry, peer, now, outputs));
            entry.nextAnnouncement = now.plus(REPEAT);
        }
        entry.offers.forEach((peer, offer) -> {
            if (offer.stage == Stage.ANNOUNCED && !now.isBefore(offer.since.plus(ASK_DEADLINE))) {
                send(entry, offer, peer, outputs);
            }
        });
    }

    /// A checked block of the best chain has these transactions.
    public List<BroadcastOutput> blockConnected(int height, Collection<Txid> txids) {
        List<BroadcastOutput> outputs = new ArrayList<>();
        entries.values()
                .removeIf(entry -> entry.minedAt >= 0 && entry.minedAt + BURIED <= height + 1);
        entries.forEach((txid, entry) -> {
            if (txids.contains(txid)) {
                entry.minedAt = height;
                outputs.add(new Report(new BroadcastResult.Mined(txid, height)));
            }
        });
        return outputs;
    }

    /// The block at this height is no longer on the best chain: what it had is announced again.
    public void blockDisconnected(int height) {
        for (Entry entry : entries.values()) {
            if (entry.minedAt == height) {
                entry.minedAt = -1;
                entry.announcements = 0;
                entry.nextAnnouncement = Instant.EPOCH;
            }
        }
    }

    /// The transaction of this id, while it is followed.
    public Optional<Transaction> find(Txid txid) {
        return Optional.ofNullable(entries.get(txid)).map(entry -> entry.transaction);
    }
}
