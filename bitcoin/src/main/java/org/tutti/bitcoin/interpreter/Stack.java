package org.tutti.bitcoin.interpreter;

import java.util.Arrays;
import java.util.List;

/// The values of a running script. Items are arrays that nobody writes to, so that copying one
/// costs nothing whatever its length.
///
/// Places are counted from the top: 1 is the topmost item.
final class Stack {
    private static final byte[] TRUE = {1};
    private static final byte[] FALSE = {};

    private byte[][] items;
    private int size;

    private Stack(byte[][] items, int size) {
        this.items = items;
        this.size = size;
    }

    Stack() {
        this(new byte[16][], 0);
    }

    /// @param items bottom first
    static Stack of(List<byte[]> items) {
        return new Stack(items.toArray(byte[][]::new), items.size());
    }

    Stack copy() {
        return new Stack(items.clone(), size);
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// @throws ScriptException INVALID_STACK_OPERATION if there are fewer items
    void require(int count) throws ScriptException {
        if (size < count) {
            throw new ScriptException(ScriptError.INVALID_STACK_OPERATION);
        }
    }

    /// The item at a place that exists.
    byte[] peek(int place) {
        return items[size - place];
    }

    void push(byte[] item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, Math.max(16, 2 * size));
        }
        items[size++] = item;
    }

    void push(boolean value) {
        push(value ? TRUE : FALSE);
    }

    void push(long number) {
        push(ScriptNumber.encode(number));
    }

    byte[] pop() {
        byte[] top = items[--size];
        // Or the array keeps what the script has dropped.
        items[size] = FALSE;
        return top;
    }

    void drop(int count) {
        for (int i = 0; i < count; i++) {
            pop();
        }
    }

    /// Pushes copies of `count` items, the lowest of which is at `place`.
    void copyUp(int place, int count) {
        int from = size - place;
        for (int i = 0; i < count; i++) {
            push(items[from + i]);
        }
    }

    /// Takes the item at `place` out and puts it on top.
    void moveUp(int place) {
        int at = size - place;
        byte[] item = items[at];
        System.arraycopy(items, at + 1, items, at, place - 1);
        items[size - 1] = item;
    }

    /// Puts an item below the `above` topmost ones.
    void insert(int above, byte[] item) {
        push(item);
        int at = size - 1 - above;
        System.arraycopy(items, at, items, at + 1, above);
        items[at] = item;
    }

    /// Whether the top is true: any byte is set, other than in a negative zero (Bitcoin Core
    /// `CastToBool`).
    boolean isTopTrue() {
        return isTrue(peek(1));
    }

    static boolean isTrue(byte[] item) {
        for (int i = 0; i < item.length; i++) {
            if (item[i] != 0) {
                return i != item.length - 1 || item[i] != (byte) 0x80;
            }
        }
        return false;
    }
}
