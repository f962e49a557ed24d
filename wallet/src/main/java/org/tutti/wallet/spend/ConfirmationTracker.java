package org.tutti.wallet.spend;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.hash.Txid;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Follows transactions into blocks, and out again when the chain is reorganised.
///
/// Each confirmation carries a Merkle branch that was checked against the header, so that it can be
/// shown to others.
///
/// Threads: the chain's listener writes, others read and ask to follow. One lock guards all; under
/// it nothing blocks.
public final class ConfirmationTracker {
    /// The most transactions followed at once.
    public static final int MAX_TRACKED = 10_000;

    private final int maxTracked;
    private final Map<Txid, Optional<Confirmation>> tracked = new HashMap<>();

    public ConfirmationTracker() {
        this(MAX_TRACKED);
    }

    ConfirmationTracker(int maxTracked) {
        this.maxTracked = maxTracked;
    }

    /// Starts to follow a transaction. Blocks that came before are not searched.
    ///
    /// @return false when [#MAX_TRACKED] are followed already
    public synchronized boolean track(Txid txid) {
        if (tracked.size() >= maxTracked && !tracked.containsKey(txid)) {
            return false;
        }
        tracked.putIfAbsent(txid, Optional.empty());
        return true;
    }

    public synchronized void forget(Txid txid) {
        tracked.remove(txid);
    }

    /// Looks for followed transactions in the next block.
    ///
    /// @return those that it confirms
    public synchronized List<Confirmation> connect(int height, Block block) {
        List<Confirmation> confirmed = new ArrayList<>();
        if (tracked.isEmpty()) {
            return confirmed;
        }
        List<Txid> txids = block.txids();
        for (int i = 0; i < txids.size(); i++) {
            Txid txid = txids.get(i);
            if (!tracked.containsKey(txid)) {
                continue;
            }
            MerkleProof proof = MerkleProof.of(txids, i);
            MerkleProof.Verdict verdict =
                    proof.check(block.transactions().get(i), block.header().merkleRoot());
            if (verdict == MerkleProof.Verdict.PROVEN) {
                Confirmation confirmation = new Confirmation(txid, block.header(), height, proof);
                tracked.put(txid, Optional.of(confirmation));
                confirmed.add(confirmation);
            }
        }
        return confirmed;
    }

    /// Forgets the confirmations of a block that is no longer in the best chain.
    ///
    /// @return the confirmations that were lost
    public synchronized List<Confirmation> disconnect(int height) {
        List<Confirmation> gone = new ArrayList<>();
        for (Map.Entry<Txid, Optional<Confirmation>> entry : tracked.entrySet()) {
            entry.getValue().filter(c -> c.height() == height).ifPresent(gone::add);
        }
        gone.forEach(confirmation -> tracked.put(confirmation.txid(), Optional.empty()));
        return gone;
    }

    public synchronized Optional<Confirmation> confirmation(Txid txid) {
        return tracked.getOrDefault(txid, Optional.empty());
    }
}
