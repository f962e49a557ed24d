package org.tutti.lightclient.headers;

import java.util.Arrays;

/// The best chain by height: which position has each height, as stretches of positions that follow
/// one another. Owned by [HeaderChain].
final class BestChain {
    private final HeaderTree tree;
    private int[] firstHeight = new int[16];
    private int[] firstPosition = new int[16];
    private int stretches = 1;
    private int tip;
    private int tipHeight;

    /// The chain of the first header alone.
    BestChain(HeaderTree tree) {
        this.tree = tree;
        this.tipHeight = tree.height(0);
        this.firstHeight[0] = tipHeight;
    }

    /// The position of the last header.
    int tip() {
        return tip;
    }

    int tipHeight() {
        return tipHeight;
    }

    /// The height of the first header.
    int startHeight() {
        return firstHeight[0];
    }

    /// How many headers it has.
    int length() {
        return tipHeight - firstHeight[0] + 1;
    }

    /// The position of the header at this height.
    ///
    /// @throws IndexOutOfBoundsException if the chain has no such height
    int at(int height) {
        if (height < firstHeight[0] || height > tipHeight) {
            throw new IndexOutOfBoundsException(
                    "no height " + height + " from " + firstHeight[0] + " to " + tipHeight);
        }
        int stretch = stretch(height);
        return firstPosition[stretch] + height - firstHeight[stretch];
    }

    private int stretch(int height) {
        if (height >= firstHeight[stretches - 1]) {
            return stretches - 1;
        }
        int found = Arrays.binarySearch(firstHeight, 0, stretches, height);
        return found >= 0 ? found : -found - 2;
    }

    boolean contains(int position) {
        int height = tree.height(position);
        return height <= tipHeight && at(height) == position;
    }

    /// The highest header of this chain that is the given one or its ancestor.
    int fork(int position) {
        return tree.common(position, tip);
    }

    /// Ends this chain with another header.
    void setTip(int newTip) {
        int fork = fork(newTip);
        cutAbove(tree.height(fork));
        append(fork, newTip);
        tip = newTip;
        tipHeight = tree.height(newTip);
    }

    private void cutAbove(int height) {
        while (firstHeight[stretches - 1] > height) {
            stretches--;
        }
    }

    /// Appends the way from `fork`, which is the end now, up to `to`: run by run, found from above.
    private void append(int fork, int to) {
        int[] starts = new int[8];
        int count = 0;
        int at = to;
        while (at != fork) {
            int runStart = tree.runStart(tree.run(at));
            boolean forksHere = fork >= runStart && fork < at;
            int start = forksHere ? fork + 1 : runStart;
            starts = count < starts.length ? starts : Arrays.copyOf(starts, 2 * count);
            starts[count++] = start;
            at = tree.parent(start);
        }
        int below = fork;
        while (count > 0) {
            int start = starts[--count];
            boolean follows = start == below + 1;
            if (!follows) {
                add(tree.height(start), start);
            }
            int nextStart = count > 0 ? starts[count - 1] : -1;
            below = nextStart < 0 ? to : tree.parent(nextStart);
        }
    }

    private void add(int height, int position) {
        if (stretches == firstHeight.length) {
            firstHeight = Arrays.copyOf(firstHeight, 2 * stretches);
            firstPosition = Arrays.copyOf(firstPosition, 2 * stretches);
        }
        firstHeight[stretches] = height;
        firstPosition[stretches] = position;
        stretches++;
    }
}
