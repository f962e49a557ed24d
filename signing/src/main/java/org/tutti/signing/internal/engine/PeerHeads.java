package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord.SeenHead;

import java.util.ArrayList;
import java.util.List;

/// The highest journal head that each member has reported (SAFETY 3: only others can see that a
/// journal went backwards).
final class PeerHeads {
    private final @Nullable JournalHead[] heads;

    PeerHeads(int members) {
        heads = new JournalHead[members];
    }

    /// @return false if an earlier message had another hash for the same count
    boolean observe(int member, JournalHead head) {
        JournalHead known = heads[member];
        if (known != null && known.count() == head.count() && !known.hash().equals(head.hash())) {
            return false;
        }
        if (known == null || known.count() < head.count()) {
            heads[member] = head;
        }
        return true;
    }

    void restore(SeenHead seen) {
        if (seen.signer() >= 0 && seen.signer() < heads.length) {
            JournalHead known = heads[seen.signer()];
            if (known == null || known.count() < seen.head().count()) {
                heads[seen.signer()] = seen.head();
            }
        }
    }

    /// The current counts, 0 for a member that has reported none. A message in which a member
    /// answers what this node sends after this call must not have a lower count.
    long[] counts() {
        long[] counts = new long[heads.length];
        for (int i = 0; i < counts.length; i++) {
            JournalHead head = heads[i];
            counts[i] = head == null ? 0 : head.count();
        }
        return counts;
    }

    List<SeenHead> all() {
        List<SeenHead> all = new ArrayList<>();
        for (int i = 0; i < heads.length; i++) {
            JournalHead head = heads[i];
            if (head != null) {
                all.add(new SeenHead(i, head));
            }
        }
        return all;
    }
}
