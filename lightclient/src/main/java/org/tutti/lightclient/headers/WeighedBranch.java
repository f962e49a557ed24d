package org.tutti.lightclient.headers;

import org.tutti.bitcoin.hash.BlockHash;

import java.util.Arrays;

/// A branch that a peer shows and that has too little work to be kept, as far as it was shown: its
/// headers are checked by all rules and their work is added up, and none of them is stored. Owned
/// by [HeaderChain], kept for as long as the peer is connected.
///
/// Once it outweighs the best chain it is fetched a second time and stored. Of every [#STRIDE]th
/// header the hash is remembered, and of the last one: since each header names the one before it,
/// what is fetched again is what was weighed, header for header, or is not taken. Bitcoin Core has
/// the same two passes for the same reason (`HeadersSyncState`), and remembers one bit of every
/// 641st header; 32 bytes of every 2,000th are 13 kB for a chain of 800,000, and need no buffer of
/// headers behind them.
public final class WeighedBranch {
    /// Every how many headers a hash is remembered: as many as one message has, so that each
    /// message of the second pass is judged by itself.
    static final int STRIDE = HeaderChain.MAX_BATCH;

    private static final int FIRST_MILESTONES = 4;

    private final HeaderEntry fork;
    private final BranchState end;
    private final Work work;
    private final long[] last;
    private long[] milestones = new long[FIRST_MILESTONES * RawHeader.HASH_WORDS];
    private int headers;
    private boolean outweighs;
    private long[] lastStored;
    private int stored;

    /// A branch of no header yet.
    ///
    /// @param end the state of the rules at `fork`
    /// @param work of `fork` and all below it
    WeighedBranch(HeaderEntry fork, BranchState end, Work work) {
        this.fork = fork;
        this.end = end.copy();
        this.work = work.copy();
        this.last = HeaderTree.words(fork.hash());
        this.lastStored = last.clone();
    }

    /// The header of our tree that it follows.
    public HeaderEntry fork() {
        return fork;
    }

    /// The last header that was weighed.
    public BlockHash last() {
        return HeaderTree.blockHash(last, 0);
    }

    /// Whether it is to be fetched again and stored.
    public boolean outweighs() {
        return outweighs;
    }

    /// The last header that was stored, or the fork.
    public BlockHash lastStored() {
        return HeaderTree.blockHash(lastStored, 0);
    }

    /// Whether all that was weighed is stored.
    public boolean isStored() {
        return outweighs && stored == headers;
    }

    /// How many headers were weighed.
    int headers() {
        return headers;
    }

    BranchState end() {
        return end;
    }

    Work work() {
        return work;
    }

    /// Where in a batch the headers begin that follow the last one weighed; -1 if none does.
    int next(HeaderBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (RawHeader.isHash(batch.bytes(), batch.offset(i) + RawHeader.PREVIOUS, last, 0)) {
                return i;
            }
        }
        return -1;
    }

    /// Adds headers that keep all rules.
    ///
    /// @param hashes their hashes, the first one's words at `at`
    /// @param newEnd the state of the rules after them
    /// @param newWork of the last one and all below it
    /// @param isEnough whether it outweighs the best chain now
    void add(long[] hashes, int at, int count, BranchState newEnd, Work newWork, boolean isEnough) {
        for (int i = 0; i < count; i++) {
            headers++;
            if (headers % STRIDE == 0) {
                int milestone = (headers / STRIDE - 1) * RawHeader.HASH_WORDS;
                if (milestone == milestones.length) {
                    milestones = Arrays.copyOf(milestones, 2 * milestones.length);
                }
                int hash = at + i * RawHeader.HASH_WORDS;
                System.arraycopy(hashes, hash, milestones, milestone, RawHeader.HASH_WORDS);
            }
        }
        System.arraycopy(hashes, at + (count - 1) * RawHeader.HASH_WORDS, last, 0, last.length);
        end.set(newEnd);
        work.set(newWork.high(), newWork.low());
        outweighs |= isEnough;
    }

    /// Whether a batch is the next part to be stored: its last header is the one that was weighed
    /// there, and headers name those before them.
    ///
    /// @param raw to hash headers with
    boolean isNextPart(HeaderBatch batch, RawHeader raw) {
        int count = partLength();
        if (!outweighs || batch.size() < count) {
            return false;
        }
        long[] hash = new long[RawHeader.HASH_WORDS];
        raw.hash(batch.bytes(), batch.offset(count - 1), hash, 0);
        return Arrays.equals(hash, partEnd());
    }

    private int partLength() {
        return Math.min(STRIDE, headers - stored);
    }

    private long[] partEnd() {
        if (stored + partLength() == headers) {
            return last;
        }
        int milestone = stored / STRIDE * RawHeader.HASH_WORDS;
        return Arrays.copyOfRange(milestones, milestone, milestone + RawHeader.HASH_WORDS);
    }

    /// The next part is stored.
    void partStored() {
        lastStored = partEnd().clone();
        stored += partLength();
    }
}
