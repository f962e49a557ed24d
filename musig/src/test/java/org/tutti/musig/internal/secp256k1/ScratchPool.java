package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The working spaces that this thread finds in the pool, so that a call that keeps one is noticed.
/// No other thread may use the pool meanwhile.
public final class ScratchPool {
    /// As many places as a thread looks at.
    private static final int PLACES = 4;

    private final Set<Scratch> known = Collections.newSetFromMap(new IdentityHashMap<>());

    /// Fills every place that this thread looks at.
    public void fill() {
        List<Scratch> all = takeAll();
        known.clear();
        known.addAll(all);
        all.forEach(Scratch::giveBack);
    }

    /// Takes all away: the next call makes a working space of its own, which is blank.
    public void drain() {
        takeAll();
    }

    /// Those of [#fill], to look at what calls left in them.
    public Set<Scratch> spaces() {
        return known;
    }

    /// Fails if one of them was taken and not given back.
    public void assertFull() {
        assertThat(left()).as("working spaces given back").isEqualTo(PLACES);
    }

    void assertLacksOne() {
        assertThat(left()).isEqualTo(PLACES - 1);
    }

    /// One that is not in the pool, which stays full.
    Scratch another() {
        List<Scratch> all = takeAll();
        Scratch another = Scratch.take();
        all.forEach(Scratch::giveBack);
        return another;
    }

    private long left() {
        List<Scratch> all = takeAll();
        all.forEach(Scratch::giveBack);
        return all.stream().filter(known::contains).count();
    }

    private static List<Scratch> takeAll() {
        List<Scratch> all = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            all.add(Scratch.take());
        }
        return all;
    }
}
