package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.lightclient.headers.HeaderEntry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where transactions stand: those of the last blocks, and those that somebody asked to be
/// followed.
///
/// Threads: the delivering thread applies events, any thread asks. One lock, never held while
/// anything else is waited for. Bounds: [#MAX_BLOCKS] blocks with [#MAX_TXIDS] txids,
/// [#MAX_TRACKED] followed ones.
final class RecentBlocks {
    /// Most blocks whose txids are remembered.
    static final int MAX_BLOCKS = 288;

    /// Most txids remembered; the newest block is kept however many it has.
    static final int MAX_TXIDS = 100_000;

    /// Most transactions followed beyond the last blocks.
    static final int MAX_TRACKED = 1_000;

    private record Recent(HeaderEntry entry, List<Txid> txids, Set<Integer> unprovable) {}

    private record Place(HeaderEntry entry, MerkleProof proof) {}

    private final Object lock = new Object();
    private final Deque<Recent> recent = new ArrayDeque<>();
    private final Map<Txid, Optional<Place>> tracked = new HashMap<>();
    private final int maxBlocks;
    private final int maxTxids;
    private int txidCount;
    private int tipHeight;

    RecentBlocks() {
        this(MAX_BLOCKS, MAX_TXIDS);
    }

    RecentBlocks(int maxBlocks, int maxTxids) {
        this.maxBlocks = maxBlocks;
        this.maxTxids = maxTxids;
    }

    void connected(HeaderEntry entry, Block block, List<Txid> txids) {
        Recent added = new Recent(entry, txids, unprovable(block));
        synchronized (lock) {
            recent.addLast(added);
            txidCount += txids.size();
            while (recent.size() > maxBlocks || (txidCount > maxTxids && recent.size() > 1)) {
                txidCount -= recent.removeFirst().txids().size();
            }
            tipHeight = entry.height();
            for (Txid txid : Set.copyOf(tracked.keySet())) {
                place(added, txid).ifPresent(place -> tracked.put(txid, Optional.of(place)));
            }
        }
    }

    /// The places of transactions with the 64 bytes of an inner node of the Merkle tree: nothing is
    /// proven about such a one.
    private static Set<Integer> unprovable(Block block) {
        Set<Integer> places = new HashSet<>();
        for (int i = 0; i < block.transactions().size(); i++) {
            Transaction transaction = block.transactions().get(i);
            if (transaction.serializeWithoutWitness().length() == MerkleProof.FORBIDDEN_LENGTH) {
                places.add(i);
            }
        }
        return places;
    }

    void disconnected(HeaderEntry entry) {
        synchronized (lock) {
            if (!recent.isEmpty() && recent.getLast().entry().equals(entry)) {
                txidCount -= recent.removeLast().txids().size();
            }
            tipHeight = entry.height() - 1;
            tracked.replaceAll((_, place) -> place.filter(at -> !at.entry().equals(entry)));
        }
    }

    void tip(HeaderEntry entry) {
        synchronized (lock) {
            tipHeight = entry.height();
        }
    }

    /// Follows a transaction beyond the last blocks.
    ///
    /// @return false if too many are followed already
    boolean track(Txid txid) {
        synchronized (lock) {
            if (tracked.containsKey(txid)) {
                return true;
            }
            if (tracked.size() >= MAX_TRACKED) {
                return false;
            }
            tracked.put(txid, search(txid));
            return true;
        }
    }

    Optional<ConfirmedTransaction> find(Txid txid) {
        synchronized (lock) {
            return tracked.getOrDefault(txid, Optional.empty())
                    .or(() -> search(txid))
                    .map(place -> confirmed(txid, place));
        }
    }

    private Optional<Place> search(Txid txid) {
        for (Recent block : recent) {
            Optional<Place> place = place(block, txid);
            if (place.isPresent()) {
                return place;
            }
        }
        return Optional.empty();
    }

    private static Optional<Place> place(Recent block, Txid txid) {
        int index = block.txids().indexOf(txid);
        if (index < 0 || block.unprovable().contains(index)) {
            return Optional.empty();
        }
        MerkleProof proof = MerkleProof.of(block.txids(), index);
        MerkleNode root = block.entry().header().merkleRoot();
        return proof.check(txid, root) == MerkleProof.Verdict.PROVEN
                ? Optional.of(new Place(block.entry(), proof))
                : Optional.empty();
    }

    private ConfirmedTransaction confirmed(Txid txid, Place place) {
        HeaderEntry entry = place.entry();
        return new ConfirmedTransaction(
                txid,
                entry.header(),
                entry.hash(),
                entry.height(),
                place.proof(),
                tipHeight - entry.height() + 1);
    }
}
