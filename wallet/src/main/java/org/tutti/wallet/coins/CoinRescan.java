package org.tutti.wallet.coins;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.lightclient.sync.LightClient;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// Fetches whole blocks for whoever searches them for older coins: one pass at a time, from the
/// lowest block that is wanted to the end of the chain. What comes during a pass, for blocks that
/// lie behind it, has the next one. Nothing of it is on disk: after a restart it begins again.
///
/// At most [#WINDOW] blocks are in memory, as they were sent, and one that is read.
///
/// Threads: one of its own, from [#start] until [#close].
public final class CoinRescan implements AutoCloseable {
    /// Blocks that are asked for ahead.
    public static final int WINDOW = LightClient.MAX_FETCHES;

    /// How long after a block that nobody gave, or a chain that has changed.
    public static final Duration PAUSE = Duration.ofSeconds(1);

    /// How long it rests after a pass, for each block of it, where strangers ask for it: whoever
    /// asks this node to sign, again and again with other keys, makes it fetch no more than one
    /// block in so much time.
    public static final Duration REST_FOR_STRANGERS = Duration.ofSeconds(2);

    private final Search search;
    private final Blocks blocks;
    private final Duration pause;
    private final Duration rest;
    private final Thread thread = Thread.ofVirtual().name("coin-rescan").unstarted(this::run);

    /// Where blocks come from; a light client does ([LightClient#fetch]).
    @FunctionalInterface
    public interface Blocks {
        /// @return a checked block of the best chain; nothing if it cannot be had now
        Future<Optional<SerializedBlock>> fetch(int height);
    }

    /// What searches the blocks. Called on the rescan's thread alone.
    public interface Search {
        /// Waits until older coins are to be looked for, and begins.
        ///
        /// @return the height of the first block
        int awaitRescan() throws InterruptedException;

        /// The height of the end of the chain.
        int tipHeight();

        /// Takes the next block, from the one that [#awaitRescan] named on.
        Step rescan(int height, Block block);
    }

    /// What becomes of a pass.
    public enum Step {
        /// The next block is needed.
        GOES_ON,
        /// All is known, or nobody wants it any more.
        DONE,
        /// The chain has changed below: it has to begin again.
        BEGIN_AGAIN
    }

    /// @param pause after a block that nobody gave, or a chain that has changed
    /// @param rest after a pass, for each block of it
    public CoinRescan(Search search, Blocks blocks, Duration pause, Duration rest) {
        this.search = search;
        this.blocks = blocks;
        this.pause = pause;
        this.rest = rest;
    }

    /// Begins. Call once.
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(rest.multipliedBy(pass(search.awaitRescan())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Closed.
        }
    }

    /// @return of how many blocks it was; none if the chain changed below it, which nobody who asks
    ///   can bring about: it begins again at once
    private int pass(int from) throws InterruptedException {
        Deque<Future<Optional<SerializedBlock>>> asked = new ArrayDeque<>();
        int next = from;
        while (true) {
            int tip = search.tipHeight();
            while (asked.size() < WINDOW && next + asked.size() <= tip) {
                asked.addLast(blocks.fetch(next + asked.size()));
            }
            if (asked.isEmpty()) {
                Thread.sleep(pause); // Another block has taken the last one's place.
                return 0;
            }
            Optional<Block> block = await(asked.removeFirst());
            if (block.isEmpty()) {
                asked.clear();
                Thread.sleep(pause);
                continue;
            }
            switch (search.rescan(next, block.get())) {
                case GOES_ON -> next++;
                case DONE -> {
                    return next - from + 1;
                }
                case BEGIN_AGAIN -> {
                    Thread.sleep(pause);
                    return 0;
                }
            }
        }
    }

    private static Optional<Block> await(Future<Optional<SerializedBlock>> asked)
            throws InterruptedException {
        try {
            Optional<SerializedBlock> block = asked.get();
            return block.isPresent() ? Optional.of(block.get().decode()) : Optional.empty();
        } catch (ExecutionException | DecodeException e) {
            throw new IllegalStateException("a block that was checked", e);
        }
    }

    /// Ends it, wherever it is.
    @Override
    public void close() {
        thread.interrupt();
    }

    /// Waits until it has ended.
    public void join() throws InterruptedException {
        thread.join();
    }
}
