package org.tutti.testkit.kad;

import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.Key;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// All contacts of some kind, of which it finds those nearest to a key at once: what somebody who
/// knows everybody would answer. Immutable.
final class KeySpace {
    private final List<Contact> sorted;

    KeySpace(Collection<Contact> contacts) {
        sorted = new ArrayList<>(contacts);
        sorted.sort(
                Comparator.comparing(
                        Contact::key,
                        (left, right) -> {
                            // As distances from the lowest key.
                            return new Key(0, 0, 0, 0).compareDistance(left, right);
                        }));
    }

    int size() {
        return sorted.size();
    }

    /// The nearest first.
    List<Contact> closest(Key target, int count) {
        List<Contact> found = new ArrayList<>(count);
        collect(0, sorted.size(), 0, target, count, found);
        return found;
    }

    /// Of those between `from` and `to`, which have their first `bit` bits in common: first those
    /// that have the next one of the target's, then the others, which are all further away.
    private void collect(int from, int to, int bit, Key target, int count, List<Contact> found) {
        if (from >= to || found.size() >= count) {
            return;
        }
        if (to - from == 1 || bit == Long.SIZE) {
            for (int i = from; i < to && found.size() < count; i++) {
                found.add(sorted.get(i));
            }
            return;
        }
        int middle = firstWithBit(from, to, bit);
        boolean one = (target.a() >>> (63 - bit) & 1) == 1;
        collect(one ? middle : from, one ? to : middle, bit + 1, target, count, found);
        collect(one ? from : middle, one ? middle : to, bit + 1, target, count, found);
    }

    private int firstWithBit(int from, int to, int bit) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if ((sorted.get(middle).key().a() >>> (63 - bit) & 1) == 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
