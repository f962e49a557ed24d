package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// All headers with their places, in flat arrays: where each has its parent, its height, its work,
/// and whether it is known as invalid.
///
/// A header is named by its position, the number under which the store has it. A **run** is a
/// stretch of positions in which each header is the child of the one before; it begins where a
/// branch does. A chain that nothing disturbed is one run, so parents and heights take no memory
/// but that of the runs; work is remembered at the beginning of each run and for each
/// [#WORK_STRIDE]th position, and added up in between.
///
/// Positions are never reused while a header is there: headers are forgotten from the end alone.
final class HeaderTree {
    private static final int WORK_STRIDE = 16;
    private static final int FIRST_RUNS = 16;

    private final HeaderStore store;
    private final HeaderIndex index;
    private final RawHeader raw = new RawHeader();
    private final int firstHeight;
    private final Work workBelow;
    private int size;

    // One element for each run, in the order of their first positions.
    private int runs;
    private int[] runStart = new int[FIRST_RUNS];
    private int[] runParent = new int[FIRST_RUNS];
    private int[] runHeight = new int[FIRST_RUNS];
    private long[] runWorkHigh = new long[FIRST_RUNS];
    private long[] runWorkLow = new long[FIRST_RUNS];

    /// From which position on a run is invalid; `Integer.MAX_VALUE` where it is not.
    private int[] runInvalidFrom = new int[FIRST_RUNS];

    /// The work up to position `i * WORK_STRIDE`, that header's included.
    private long[] strideWorkHigh = new long[FIRST_RUNS];

    private long[] strideWorkLow = new long[FIRST_RUNS];

    /// The hash of the header that was added last: mostly the next one's parent.
    private final long[] lastHash = new long[RawHeader.HASH_WORDS];

    private final long[] scratchHash = new long[RawHeader.HASH_WORDS];
    private final byte[] scratchHeader = new byte[BlockHeader.LENGTH];

    /// The targets met last: a chain has few at a time.
    private @Nullable CompactTarget lastTarget;

    private @Nullable CompactTarget targetBefore;

    /// An empty tree over a store; [#add] makes what the store has known to it.
    HeaderTree(HeaderStore store, long secret) {
        this.store = store;
        this.index = new HeaderIndex(secret);
        this.firstHeight = store.start().anchor().height();
        this.workBelow = Work.of(store.start().anchor().workBelow());
    }

    /// How many headers are in the tree.
    int size() {
        return size;
    }

    /// The target that these bits are, if they are one.
    @Nullable CompactTarget target(long bits) {
        CompactTarget last = lastTarget;
        if (last != null && last.bits() == bits) {
            return last;
        }
        CompactTarget found = targetBefore;
        if (found == null || found.bits() != bits) {
            found = CompactTarget.of(bits);
        }
        targetBefore = last;
        lastTarget = found;
        return found;
    }

    /// The position of the header with this hash, or -1.
    ///
    /// @param hash words, the first of them at `at`
    int find(long[] hash, int at) {
        return index.find(hash, at, this::hasHash);
    }

    int find(BlockHash hash) {
        return find(words(hash), 0);
    }

    static long[] words(BlockHash hash) {
        long[] words = new long[RawHeader.HASH_WORDS];
        ByteBuffer.wrap(hash.toArray()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        return words;
    }

    private boolean hasHash(int position, long[] hash, int at) {
        hash(position, scratchHash);
        return Arrays.equals(
                scratchHash, 0, RawHeader.HASH_WORDS, hash, at, at + RawHeader.HASH_WORDS);
    }

    /// Computes a header's hash, or reads it from its child, which is much cheaper.
    void hash(int position, long[] words) {
        int next = position + 1;
        if (next < size && runStart[run(next)] != next) {
            for (int word = 0; word < RawHeader.HASH_WORDS; word++) {
                words[word] = store.i64(next, RawHeader.PREVIOUS + 8 * word);
            }
        } else {
            store.copy(position, scratchHeader, 0);
            raw.hash(scratchHeader, 0, words, 0);
        }
    }

    BlockHash blockHash(int position) {
        long[] words = new long[RawHeader.HASH_WORDS];
        hash(position, words);
        return blockHash(words, 0);
    }

    static BlockHash blockHash(long[] words, int at) {
        ByteBuffer bytes =
                ByteBuffer.allocate(8 * RawHeader.HASH_WORDS).order(ByteOrder.LITTLE_ENDIAN);
        for (int word = 0; word < RawHeader.HASH_WORDS; word++) {
            bytes.putLong(words[at + word]);
        }
        return BlockHash.of(Bytes.wrap(bytes.array()));
    }

    /// Makes the next header of the store known.
    ///
    /// @param hash its words, the first of them at `at`
    /// @param parent its position, or -1 for the first header
    /// @param work up to this header; kept as numbers, the object stays the caller's
    void add(long[] hash, int at, int parent, Work work) {
        int position = size;
        if (position == 0 || parent != position - 1) {
            addRun(position, parent, work);
        }
        if (position % WORK_STRIDE == 0) {
            int stride = position / WORK_STRIDE;
            strideWorkHigh = put(strideWorkHigh, stride, work.high());
            strideWorkLow = put(strideWorkLow, stride, work.low());
        }
        index.add(hash, at, position);
        System.arraycopy(hash, at, lastHash, 0, RawHeader.HASH_WORDS);
        size++;
    }

    /// Whether 32 bytes are the hash of the header that was added last.
    boolean isLastHash(byte[] bytes, int at) {
        return size > 0 && RawHeader.isHash(bytes, at, lastHash, 0);
    }

    private void addRun(int position, int parent, Work work) {
        boolean invalid = parent >= 0 && isInvalid(parent);
        runStart = put(runStart, runs, position);
        runParent = put(runParent, runs, parent);
        runHeight = put(runHeight, runs, parent < 0 ? firstHeight : height(parent) + 1);
        runWorkHigh = put(runWorkHigh, runs, work.high());
        runWorkLow = put(runWorkLow, runs, work.low());
        runInvalidFrom = put(runInvalidFrom, runs, invalid ? position : Integer.MAX_VALUE);
        runs++;
    }

    private static long[] put(long[] array, int at, long value) {
        long[] enough = at < array.length ? array : Arrays.copyOf(array, 2 * array.length);
        enough[at] = value;
        return enough;
    }

    private static int[] put(int[] array, int at, int value) {
        int[] enough = at < array.length ? array : Arrays.copyOf(array, 2 * array.length);
        enough[at] = value;
        return enough;
    }

    /// Forgets the headers from this position on.
    void truncate(int newSize) {
        size = newSize;
        while (runStart[runs - 1] >= newSize) {
            runs--;
        }
        index.clear();
        long[] hash = new long[RawHeader.HASH_WORDS];
        for (int position = 0; position < newSize; position++) {
            hash(position, hash);
            index.add(hash, 0, position);
        }
        System.arraycopy(hash, 0, lastHash, 0, RawHeader.HASH_WORDS);
    }

    // Runs.

    int runs() {
        return runs;
    }

    /// The run that a position is in.
    int run(int position) {
        if (position >= runStart[runs - 1]) {
            return runs - 1;
        }
        int found = Arrays.binarySearch(runStart, 0, runs, position);
        return found >= 0 ? found : -found - 2;
    }

    int runStart(int run) {
        return runStart[run];
    }

    /// The last position of a run.
    int runEnd(int run) {
        return run + 1 < runs ? runStart[run + 1] - 1 : size - 1;
    }

    /// The parent of a run's first header.
    int runParent(int run) {
        return runParent[run];
    }

    // Headers.

    int height(int position) {
        int run = run(position);
        return runHeight[run] + position - runStart[run];
    }

    /// The position of a header's parent, or -1 for the first header.
    int parent(int position) {
        int run = run(position);
        return position == runStart[run] ? runParent[run] : position - 1;
    }

    /// The ancestor at this height, or the header itself.
    ///
    /// @param height at most that of the header, and at least that of the first header
    int ancestor(int position, int height) {
        int at = position;
        int run = run(at);
        while (height < runHeight[run]) {
            at = runParent[run];
            run = run(at);
        }
        return runStart[run] + height - runHeight[run];
    }

    /// The highest header whose position is below `size` and that is the given one or its ancestor.
    int ancestorBelow(int position, int size) {
        int at = position;
        while (at >= size) {
            int start = runStart[run(at)];
            at = start < size ? size - 1 : parent(start);
        }
        return at;
    }

    boolean isAncestorOrSame(int ancestor, int position) {
        return ancestor <= position && ancestor(position, height(ancestor)) == ancestor;
    }

    /// The highest header that is `one` or its ancestor, and also `other` or its ancestor.
    int common(int one, int other) {
        int a = one;
        int b = other;
        while (true) {
            int runA = run(a);
            int runB = run(b);
            if (runA == runB) {
                return Math.min(a, b);
            }
            // No header of a run that begins later is below a header of one that begins earlier.
            if (runA > runB) {
                a = runParent[runA];
            } else {
                b = runParent[runB];
            }
        }
    }

    long time(int position) {
        return Integer.toUnsignedLong(store.i32(position, RawHeader.TIME));
    }

    long bits(int position) {
        return Integer.toUnsignedLong(store.i32(position, RawHeader.BITS));
    }

    /// The target of a header in the tree.
    CompactTarget targetOf(int position) {
        return requireTarget(bits(position));
    }

    /// The target that the bits of a checked header are.
    CompactTarget requireTarget(long bits) {
        CompactTarget target = target(bits);
        if (target == null) {
            throw new IllegalStateException("no target: " + Long.toHexString(bits));
        }
        return target;
    }

    /// The work of a header and all below it.
    Work work(int position) {
        int run = run(position);
        int from = position / WORK_STRIDE * WORK_STRIDE;
        Work work = new Work();
        if (from > runStart[run]) {
            work.set(strideWorkHigh[position / WORK_STRIDE], strideWorkLow[position / WORK_STRIDE]);
        } else {
            from = runStart[run];
            work.set(runWorkHigh[run], runWorkLow[run]);
        }
        for (int at = from + 1; at <= position; at++) {
            work.add(targetOf(at));
        }
        return work;
    }

    /// The work below the first header.
    Work workBelow() {
        return workBelow.copy();
    }

    BlockHeader header(int position) {
        store.copy(position, scratchHeader, 0);
        return RawHeader.parse(Bytes.of(scratchHeader));
    }

    HeaderEntry entry(int position) {
        return new HeaderEntry(
                header(position), blockHash(position), height(position), work(position).toNumber());
    }

    // What is invalid.

    boolean isInvalid(int position) {
        return position >= runInvalidFrom[run(position)];
    }

    /// Marks these headers and all that follow them as invalid, and no others.
    ///
    /// @param roots in ascending order
    void setInvalid(int[] roots) {
        Arrays.fill(runInvalidFrom, 0, runs, Integer.MAX_VALUE);
        for (int root : roots) {
            int run = run(root);
            runInvalidFrom[run] = Math.min(runInvalidFrom[run], root);
        }
        // Parents come before their children.
        for (int run = 1; run < runs; run++) {
            if (isInvalid(runParent[run])) {
                runInvalidFrom[run] = runStart[run];
            }
        }
    }

    /// The last header of a run that is not invalid, or -1.
    int lastValid(int run) {
        int last = Math.min(runEnd(run), runInvalidFrom[run] - 1);
        return last < runStart[run] ? -1 : last;
    }
}
