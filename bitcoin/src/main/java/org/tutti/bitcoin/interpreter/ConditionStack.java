package org.tutti.bitcoin.interpreter;

/// Which branches of nested OP_IFs run. What can be asked is whether all of them do, so it is
/// enough to know how deep the nesting is and where its first false stands: every operation takes
/// the same short time at any depth (Bitcoin Core `ConditionStack`).
final class ConditionStack {
    private static final int NONE = -1;

    private int depth;
    private int firstFalse = NONE;

    boolean isEmpty() {
        return depth == 0;
    }

    /// Whether what follows is run.
    boolean allTrue() {
        return firstFalse == NONE;
    }

    void push(boolean condition) {
        if (firstFalse == NONE && !condition) {
            firstFalse = depth;
        }
        depth++;
    }

    void pop() {
        depth--;
        if (firstFalse == depth) {
            firstFalse = NONE;
        }
    }

    /// OP_ELSE: true becomes false and false true, which shows unless a false lies below.
    void toggleTop() {
        if (firstFalse == NONE) {
            firstFalse = depth - 1;
        } else if (firstFalse == depth - 1) {
            firstFalse = NONE;
        }
    }
}
