package org.tutti.wallet.coins;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.sync.ChainListener;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// Tells the chain from a birthday on to a listener that is added while the light client runs, or
/// that wants older blocks than it tells: each block once and in order, first those that a
/// [CoinRescan] fetches, then those that come. A block that comes while older ones are fetched is
/// fetched, too, in its turn; so none is missed between the two.
///
/// Threads: the light client's listener thread and that of the rescan. One lock orders what the
/// listener is told, and is held meanwhile: it is called by one thread at a time, must not wait for
/// either, and must not call back.
public final class LateChain implements ChainListener, CoinRescan.Search {
    /// How many of the blocks that were told can be taken back: two weeks. Where the chain changes
    /// further down, nothing more is told before a restart.
    public static final int MAX_TOLD = 2_016;

    private final ChainListener listener;
    private final int birthday;
    private final int maxTold;
    private final Deque<BlockHeader> told = new ArrayDeque<>();

    /// Height of the last block that was told.
    private int reached;

    private boolean lost;
    private int tip = -1;
    private @Nullable BlockHash tipHash;

    /// @param listener told nothing below the birthday
    /// @param birthday height of the first block that it wants
    public LateChain(ChainListener listener, int birthday) {
        this(listener, birthday, MAX_TOLD);
    }

    LateChain(ChainListener listener, int birthday, int maxTold) {
        this.listener = listener;
        this.maxTold = maxTold;
        // Genesis is never fetched: nobody can spend its output.
        this.birthday = Math.max(1, birthday);
        this.reached = this.birthday - 1;
    }

    /// The chain's end at this moment, before anything is told of it.
    ///
    /// @param height -1 if there is none yet
    public synchronized void begin(int height, @Nullable BlockHash hash) {
        tip = height;
        tipHash = hash;
        notifyAll();
    }

    /// Whether everything up to the chain's end has been told.
    public synchronized boolean isCaughtUp() {
        return !lost && tip >= 0 && (told.isEmpty() ? tip < birthday : isToldLast(tip, tipHash));
    }

    private boolean isToldLast(int height, @Nullable BlockHash hash) {
        return reached == height && !told.isEmpty() && Objects.equals(told.getLast().hash(), hash);
    }

    /// The height of the last block that was told; below the birthday if there is none.
    public synchronized int reached() {
        return reached;
    }

    @Override
    public synchronized void blockConnected(int height, BlockHeader header, Block block) {
        tip = height;
        tipHash = header.hash();
        if (isNext(height, header)) {
            tell(height, block);
        }
        notifyAll();
    }

    private boolean isNext(int height, BlockHeader header) {
        return !lost
                && height == reached + 1
                && (told.isEmpty()
                        ? reached < birthday
                        : told.getLast().hash().equals(header.previous()));
    }

    private void tell(int height, Block block) {
        listener.blockConnected(height, block.header(), block);
        told.addLast(block.header());
        if (told.size() > maxTold) {
            told.removeFirst();
        }
        reached = height;
    }

    @Override
    public synchronized void blockDisconnected(int height, BlockHeader header) {
        tip = height - 1;
        tipHash = header.previous();
        if (isToldLast(height, header.hash())) {
            takeBack();
        }
        notifyAll();
    }

    private void takeBack() {
        BlockHeader last = told.removeLast();
        listener.blockDisconnected(reached, last);
        reached--;
        lost = told.isEmpty() && reached >= birthday;
    }

    @Override
    public synchronized void tip(int height, BlockHash hash) {
        if (isCaughtUp()) {
            listener.tip(height, hash);
        }
    }

    @Override
    public void broadcast(BroadcastEvent event) {
        listener.broadcast(event);
    }

    // --- on the thread of the rescan

    @Override
    public synchronized int awaitRescan() throws InterruptedException {
        while (lost || tip < birthday || isCaughtUp()) {
            wait();
        }
        // The chain has changed, and the light client, which begins further up, did not say so of
        // each block.
        while (!lost && !told.isEmpty() && (reached > tip || isToldOther())) {
            takeBack();
        }
        return reached + 1;
    }

    private boolean isToldOther() {
        return reached == tip && !isToldLast(tip, tipHash);
    }

    @Override
    public synchronized int tipHeight() {
        return tip;
    }

    @Override
    public synchronized CoinRescan.Step rescan(int height, Block block) {
        if (lost || isCaughtUp()) {
            return CoinRescan.Step.DONE;
        }
        if (!isNext(height, block.header())) {
            if (height == reached + 1 && !told.isEmpty()) {
                takeBack();
            }
            return CoinRescan.Step.BEGIN_AGAIN;
        }
        tell(height, block);
        if (!isCaughtUp()) {
            return CoinRescan.Step.GOES_ON;
        }
        listener.tip(reached, block.hash());
        return CoinRescan.Step.DONE;
    }

    @Override
    public String toString() {
        return "chain from " + birthday + " on, told up to " + reached + " of " + tip + lostText();
    }

    private String lostText() {
        return lost ? ", lost" : "";
    }
}
