package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.musig.taproot.TapTree;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A script tree from its leaves with their depths, depth first (BIP371, PSBT_OUT_TAP_TREE).
final class LeafTree {
    private LeafTree() {}

    private record Part(int depth, Bytes hash) {}

    /// The root of the tree.
    ///
    /// @throws IllegalArgumentException if the depths do not belong to one binary tree
    static Bytes root(List<RequestedMessage.Leaf> leaves) {
        // Two parts of one depth that stand beside each other are the halves of one above.
        Deque<Part> open = new ArrayDeque<>();
        for (RequestedMessage.Leaf leaf : leaves) {
            if (leaf.depth() < 0 || leaf.depth() > TapTree.MAX_DEPTH) {
                throw new IllegalArgumentException("a leaf in a depth of " + leaf.depth());
            }
            Part part = new Part(leaf.depth(), leaf.leaf().hash());
            while (!open.isEmpty() && open.getLast().depth() == part.depth()) {
                if (part.depth() == 0) {
                    throw new IllegalArgumentException("a tree with two roots");
                }
                Bytes left = open.removeLast().hash();
                part = new Part(part.depth() - 1, TapTree.branchHash(left, part.hash()));
            }
            if (!open.isEmpty() && open.getLast().depth() > part.depth()) {
                throw new IllegalArgumentException("a branch with one half");
            }
            open.addLast(part);
        }
        if (open.size() != 1 || open.getFirst().depth() != 0) {
            throw new IllegalArgumentException("not a whole tree");
        }
        return open.getFirst().hash();
    }
}
