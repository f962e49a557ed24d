package org.tutti.wallet.coins;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The coins that verified blocks gave the group: the only source of amounts and scripts when
/// something is signed.
///
/// Fed with the blocks of the best chain in order, from the wallet's birthday on; a block that
/// leaves the chain is undone. No I/O: the store is rebuilt from blocks when a node starts.
///
/// Threads: the chain's listener writes, approvals and the control socket read. One lock guards all
/// fields; under it no foreign code runs, and nothing blocks but [#awaitTip] and [#awaitOtherTip],
/// which give it up.
public final class UtxoStore {
    /// The most coins that are remembered, spent ones included: a stranger can send as many as he
    /// likes to pay fees for. Further coins are counted in [#ignored()] and cannot be spent.
    public static final int MAX_UTXOS = 100_000;

    private final GroupWallet wallet;
    private final int maxUtxos;
    private final Map<OutPoint, UtxoState> utxos = new LinkedHashMap<>();
    private final Deque<Undo> undo = new ArrayDeque<>();

    /// The wallet's scripts that a block has paid, also one that has left the chain since: the
    /// wallet bounds them.
    private final Set<Script> used = new HashSet<>();

    private Optional<Tip> tip = Optional.empty();

    /// Height of the lowest block that is in the store; what lies under it was never told.
    private int lowest;

    /// What all unspent coins are worth, in satoshis; never above [Sat#MAX_VALUE] between calls.
    private long held;

    private long ignored;

    private record Tip(int height, BlockHash hash) {}

    /// How to take a block back: the coins it made, and those it spent. Only kept for blocks that
    /// did either.
    private record Undo(int height, List<OutPoint> received, List<OutPoint> spent) {}

    public UtxoStore(GroupWallet wallet) {
        this(wallet, MAX_UTXOS);
    }

    /// One that remembers fewer coins.
    ///
    /// @param maxUtxos spent ones included
    public UtxoStore(GroupWallet wallet, int maxUtxos) {
        this.wallet = wallet;
        this.maxUtxos = maxUtxos;
    }

    /// Takes the next block of the best chain.
    ///
    /// @param block checked: proof of work, Merkle root, witness commitment
    /// @throws IllegalArgumentException if it is not the child of the block before
    public synchronized List<UtxoEvent> connect(int height, Block block) {
        tip.ifPresentOrElse(last -> requireChild(last, height, block), () -> lowest = height);
        List<UtxoEvent> events = new ArrayList<>();
        for (Transaction transaction : block.transactions()) {
            // The txid is a hash over all of it: computed only for transactions that concern us.
            if (concernsUs(transaction)) {
                take(transaction, height, events);
            }
        }
        if (!events.isEmpty()) {
            undo.addLast(undoOf(height, events));
        }
        tip = Optional.of(new Tip(height, block.hash()));
        notifyAll();
        return events;
    }

    private static void requireChild(Tip last, int height, Block block) {
        if (height != last.height() + 1 || !block.header().previous().equals(last.hash())) {
            throw new IllegalArgumentException(
                    "block " + height + " does not follow block " + last.height());
        }
    }

    private boolean concernsUs(Transaction transaction) {
        return transaction.inputs().stream().anyMatch(in -> utxos.containsKey(in.outPoint()))
                || transaction.outputs().stream().anyMatch(o -> wallet.owns(o.scriptPubKey()));
    }

    private void take(Transaction transaction, int height, List<UtxoEvent> events) {
        Txid txid = transaction.txid();
        for (TxIn input : transaction.inputs()) {
            if (utxos.get(input.outPoint()) instanceof UtxoState.Unspent(Utxo utxo)) {
                utxos.put(utxo.outPoint(), new UtxoState.Spent(utxo, txid, height));
                held -= utxo.value().value();
                events.add(new UtxoEvent.Spent(utxo, txid, height));
            }
        }
        for (int i = 0; i < transaction.outputs().size(); i++) {
            TxOut output = transaction.outputs().get(i);
            Optional<List<Integer>> path = wallet.path(output.scriptPubKey());
            if (path.isPresent()) {
                used.add(output.scriptPubKey());
                receive(
                        new Utxo(
                                new OutPoint(txid, i),
                                output,
                                height,
                                transaction.isCoinbase(),
                                path.get()),
                        events);
            }
        }
    }

    private void receive(Utxo utxo, List<UtxoEvent> events) {
        // A light client does not check what blocks pay out: on a test network anybody can mine a
        // lie. No coin comes back, and all coins together are never more than the money there is.
        boolean lie =
                utxos.containsKey(utxo.outPoint()) || !Sat.isValid(held + utxo.value().value());
        if (lie || utxos.size() >= maxUtxos) {
            ignored++;
            return;
        }
        held += utxo.value().value();
        utxos.put(utxo.outPoint(), new UtxoState.Unspent(utxo));
        events.add(new UtxoEvent.Received(utxo));
    }

    private static Undo undoOf(int height, List<UtxoEvent> events) {
        List<OutPoint> received = new ArrayList<>();
        List<OutPoint> spent = new ArrayList<>();
        for (UtxoEvent event : events) {
            switch (event) {
                case UtxoEvent.Received r -> received.add(r.utxo().outPoint());
                case UtxoEvent.Spent s -> spent.add(s.utxo().outPoint());
                case UtxoEvent.Lost l -> throw new IllegalStateException("lost " + l.utxo());
                case UtxoEvent.Restored r -> throw new IllegalStateException("restored " + r);
            }
        }
        return new Undo(height, received, spent);
    }

    /// Takes the last block back. Once all are taken back any block may follow: a branch that parts
    /// below the birthday has another block there.
    ///
    /// @param parent hash of the block that is the last one now
    /// @throws IllegalArgumentException if `height` is not that of the last block
    public synchronized List<UtxoEvent> disconnect(int height, BlockHash parent) {
        int last = tipHeight();
        if (height != last) {
            throw new IllegalArgumentException(
                    "block " + height + " is not the last one, which is " + last);
        }
        tip = height == lowest ? Optional.empty() : Optional.of(new Tip(height - 1, parent));
        notifyAll();
        if (undo.isEmpty() || undo.getLast().height() != height) {
            return List.of();
        }
        return takeBack(undo.removeLast());
    }

    private List<UtxoEvent> takeBack(Undo block) {
        List<UtxoEvent> events = new ArrayList<>();
        // First what was spent: a coin can have been made and spent in one block.
        for (OutPoint outPoint : block.spent()) {
            if (utxos.get(outPoint) instanceof UtxoState.Spent spent) {
                held += spent.utxo().value().value();
                utxos.put(outPoint, new UtxoState.Unspent(spent.utxo()));
                events.add(new UtxoEvent.Restored(spent.utxo()));
            }
        }
        for (OutPoint outPoint : block.received()) {
            UtxoState state = utxos.remove(outPoint);
            if (state != null) {
                held -= state.utxo().value().value();
                events.add(new UtxoEvent.Lost(state.utxo()));
            }
        }
        return events;
    }

    /// Whether a block has ever paid this address.
    public synchronized boolean isUsed(Script script) {
        return used.contains(script);
    }

    /// What the chain says of an output; nothing when it is not a coin of ours.
    public synchronized Optional<UtxoState> find(OutPoint outPoint) {
        return Optional.ofNullable(utxos.get(outPoint));
    }

    /// The coins that the next block may spend, largest first.
    public synchronized List<Utxo> spendable() {
        int height = tipHeight();
        return unspent().stream()
                .filter(utxo -> utxo.isMature(height))
                .sorted(Comparator.comparing(Utxo::value).reversed())
                .toList();
    }

    /// All coins that nobody has spent, in the order in which they came, immature ones included.
    public synchronized List<Utxo> unspent() {
        List<Utxo> unspent = new ArrayList<>();
        for (UtxoState state : utxos.values()) {
            if (state instanceof UtxoState.Unspent(Utxo utxo)) {
                unspent.add(utxo);
            }
        }
        return unspent;
    }

    /// What all unspent coins are worth, immature ones included.
    public synchronized Sat balance() {
        return Sat.of(held);
    }

    /// The height of the last block, or -1 before the first.
    public synchronized int tipHeight() {
        return tip.map(Tip::height).orElse(-1);
    }

    /// The last block, or nothing before the first.
    public synchronized Optional<BlockHash> tip() {
        return tip.map(Tip::hash);
    }

    /// Waits until there is a block.
    public synchronized void awaitTip() throws InterruptedException {
        while (tip.isEmpty()) {
            wait();
        }
    }

    /// Waits until the last block is another one than `seen`, at most so long.
    ///
    /// @return whether it is
    public synchronized boolean awaitOtherTip(Optional<BlockHash> seen, Duration timeout)
            throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (tip.map(Tip::hash).equals(seen)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /// How many outputs to the group were not taken for coins: beyond [#MAX_UTXOS], or impossible.
    public synchronized long ignored() {
        return ignored;
    }
}
