package org.tutti.lightclient.store;

import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.lightclient.headers.HeaderStore.Mark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which marks still say something: of each block's what was said last, if it is not that nothing
/// is wrong with it, and the last tips that were verified.
final class LiveMarks {
    /// Most verified tips that are kept. The last one counts, unless its header was cut off: then
    /// the one before.
    static final int VERIFIED_TIPS = 100;

    private LiveMarks() {}

    static List<Mark> of(List<Mark> marks) {
        Map<BlockHash, List<Mark>> invalid = new LinkedHashMap<>();
        Deque<Mark> tips = new ArrayDeque<>();
        for (Mark mark : marks) {
            switch (mark.kind()) {
                case INVALID, DECLARED_INVALID -> {
                    List<Mark> ofBlock =
                            invalid.computeIfAbsent(mark.block(), _ -> new ArrayList<>());
                    if (!ofBlock.contains(mark)) {
                        ofBlock.add(mark);
                    }
                }
                case RECONSIDERED -> invalid.remove(mark.block());
                case VERIFIED_TIP -> {
                    tips.addLast(mark);
                    if (tips.size() > VERIFIED_TIPS) {
                        tips.removeFirst();
                    }
                }
            }
        }
        List<Mark> live = new ArrayList<>();
        invalid.values().forEach(live::addAll);
        live.addAll(tips);
        return live;
    }
}
