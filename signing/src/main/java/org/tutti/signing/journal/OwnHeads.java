package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.util.Arrays;

/// The last heads of a group's chain in this node's own journal, to compare with those that others
/// remember of it.
///
/// From inside it cannot be seen that a journal went back, as by restoring a backup: the others,
/// who have this node's signature under a head that the journal no longer has, can show it. A head
/// of this journal that is older than all that are kept here is taken as it is: so many entries are
/// not written without the others.
public final class OwnHeads {
    /// Most heads kept.
    public static final int MAX_KEPT = 1 << 16;

    private static final int HASH = 32;

    /// Room for more than are kept, so that the rest moves up in large steps only.
    private static final int ROOM = MAX_KEPT + MAX_KEPT / 4;

    private final Bytes journal;
    private byte[] hashes = new byte[0];
    private int size;
    private long last;

    /// @param journal id of the journal, 16 bytes
    public OwnHeads(Bytes journal) {
        this.journal = journal;
    }

    /// The head after one more entry.
    public void add(JournalHead head) {
        put(head.hash());
        last = head.count();
    }

    private void put(Bytes hash) {
        if (size == ROOM) {
            int dropped = ROOM - MAX_KEPT + 1;
            System.arraycopy(hashes, dropped * HASH, hashes, 0, (size - dropped) * HASH);
            size -= dropped;
        }
        if (hashes.length < (size + 1) * HASH) {
            hashes = Arrays.copyOf(hashes, Math.min(ROOM, Math.max(16, 2 * size)) * HASH);
        }
        hash.copyTo(hashes, size * HASH);
        size++;
    }

    /// The heads that a snapshot has, and no others.
    void restore(JournalRecord.Heads heads) {
        hashes = heads.hashes().toArray();
        size = hashes.length / HASH;
        last = heads.count();
    }

    /// The last hashes, 32 bytes each, oldest first.
    Bytes kept() {
        return Bytes.of(hashes, (size - keptSize()) * HASH, size * HASH);
    }

    /// Entries of the chain.
    long count() {
        return last;
    }

    private int keptSize() {
        return Math.min(size, MAX_KEPT);
    }

    private Bytes at(int index) {
        return Bytes.of(hashes, index * HASH, (index + 1) * HASH);
    }

    /// Whether the journal has, or may have, had this head.
    public boolean has(JournalHead head) {
        if (!head.journal().equals(journal)) {
            return false;
        }
        long back = last - head.count();
        if (back >= keptSize()) {
            return true;
        }
        return back >= 0 && at(size - 1 - (int) back).equals(head.hash());
    }
}
