package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;

import java.util.ArrayList;
import java.util.List;

/// The last heads of this node's own journal, to compare with those that others remember of it.
///
/// From inside it cannot be seen that a journal went back, as by restoring a backup: the others,
/// who have this node's signature under a head that the journal no longer has, can show it. A head
/// that is older than all that are kept here is taken as it is: so many entries are not written
/// without the others.
final class OwnHeads {
    /// Most heads kept.
    static final int MAX_KEPT = 1 << 16;

    private final List<Bytes> hashes = new ArrayList<>();
    private long first = 1;

    /// The head after one more entry.
    void add(JournalHead head) {
        if (hashes.isEmpty()) {
            first = head.count();
        }
        hashes.add(head.hash());
        if (hashes.size() > MAX_KEPT + MAX_KEPT / 4) {
            // In large steps, because the rest moves up.
            hashes.subList(0, MAX_KEPT / 4).clear();
            first += MAX_KEPT / 4;
        }
    }

    /// Whether the journal has, or may have, had this head.
    boolean has(JournalHead head) {
        if (head.count() < first) {
            return true;
        }
        long index = head.count() - first;
        return index < hashes.size() && hashes.get((int) index).equals(head.hash());
    }
}
