package org.tutti.signing.journal;

import org.tutti.base.Bytes;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What of a journal in memory would survive a crash now, group by group. Each entry is looked at
/// once, as long as the file only grows.
public final class DurableEntries {
    private static final int READY = JournalFormat.ENTRY_HEAD + JournalFormat.ENTRY_NAME;
    private static final int SIGN = 2;
    private static final int HEADS = 10;
    private static final int SNAPSHOT_END = 11;

    private final MemoryJournalFiles files;
    private final Map<Bytes, Set<Bytes>> heads = new HashMap<>();
    private final Map<Bytes, Set<Bytes>> partials = new HashMap<>();
    private byte[] known = new byte[0];
    private int position = JournalFormat.HEADER;
    private boolean inSnapshot = true;

    public DurableEntries(MemoryJournalFiles files) {
        this.files = files;
    }

    /// Whether the group's chain has this head.
    public boolean hasHead(Bytes group, JournalHead head) {
        update();
        return heads.getOrDefault(group, Set.of()).contains(head.hash());
    }

    /// Whether this envelope is stored as this node's partial signatures for the group.
    public boolean hasPartials(Bytes group, Bytes envelope) {
        update();
        return partials.getOrDefault(group, Set.of()).contains(envelope);
    }

    @SuppressWarnings("ReferenceEquality") // The same array, unless something was written since.
    private void update() {
        byte[] durable = files.durable();
        if (durable == known) {
            return;
        }
        if (durable.length < position
                || known.length < position
                || !Arrays.equals(durable, 0, position, known, 0, position)) {
            // Another file: it was compacted, or replaced.
            heads.clear();
            partials.clear();
            position = JournalFormat.HEADER;
            inSnapshot = true;
        }
        known = durable;
        try {
            read();
        } catch (IOException e) {
            throw new AssertionError("what is on disk does not decode", e);
        }
    }

    private void read() throws IOException {
        while (position + JournalFormat.OVERHEAD <= known.length) {
            int named = JournalFormat.intAt(known, position);
            int end = position + JournalFormat.ENTRY_HEAD + named + JournalFormat.ENTRY_TAIL;
            if (end > known.length) {
                return;
            }
            int at = position + READY;
            int length = named - JournalFormat.ENTRY_NAME;
            int type = known[position + JournalFormat.ENTRY_HEAD];
            Bytes group = Bytes.of(known, at - 32, at);
            if (!inSnapshot) {
                heads(group).add(Bytes.of(known, at + length, at + length + 32));
            }
            switch (type) {
                case SIGN, HEADS, SNAPSHOT_END ->
                        accept(group, JournalRecord.decode(type, known, at, length));
                default -> {}
            }
            position = end;
        }
    }

    private void accept(Bytes group, JournalRecord record) {
        if (record instanceof JournalRecord.Sign sign) {
            partials.computeIfAbsent(group, _ -> new HashSet<>()).add(sign.ownPartials());
        } else if (record instanceof JournalRecord.Heads kept) {
            for (int at = 0; at < kept.hashes().length(); at += 32) {
                heads(group).add(kept.hashes().slice(at, at + 32));
            }
        } else {
            inSnapshot = false;
        }
    }

    private Set<Bytes> heads(Bytes group) {
        return heads.computeIfAbsent(group, _ -> new HashSet<>());
    }
}
