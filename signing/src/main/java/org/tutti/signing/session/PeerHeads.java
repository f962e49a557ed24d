package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord.SeenHead;

import java.util.ArrayList;
import java.util.List;

/// The highest journal head that each member has told, and in which signed message (SAFETY 3: a
/// journal that went backwards can only be seen by others).
final class PeerHeads {
    private final @Nullable JournalHead[] heads;
    private final @Nullable Bytes[] envelopes;

    PeerHeads(int members) {
        heads = new JournalHead[members];
        envelopes = new Bytes[members];
    }

    /// @return the envelope of an earlier message (empty if it is from before a restart) that tells
    ///   another hash for the same count; null if this head contradicts nothing
    @Nullable Bytes observe(int member, JournalHead head, Bytes envelope) {
        JournalHead known = heads[member];
        if (known != null && known.count() == head.count() && !known.hash().equals(head.hash())) {
            Bytes earlier = envelopes[member];
            return earlier == null ? Bytes.EMPTY : earlier;
        }
        if (known == null || known.count() < head.count()) {
            heads[member] = head;
            envelopes[member] = envelope;
        }
        return null;
    }

    void restore(SeenHead seen) {
        if (seen.signer() >= 0 && seen.signer() < heads.length) {
            JournalHead known = heads[seen.signer()];
            if (known == null || known.count() < seen.head().count()) {
                heads[seen.signer()] = seen.head();
            }
        }
    }

    /// The counts as they are now, 0 for a member that told nothing. A message that a member makes
    /// after it has heard from us what we say after this call must not tell less.
    long[] floors() {
        long[] floors = new long[heads.length];
        for (int i = 0; i < floors.length; i++) {
            JournalHead head = heads[i];
            floors[i] = head == null ? 0 : head.count();
        }
        return floors;
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
