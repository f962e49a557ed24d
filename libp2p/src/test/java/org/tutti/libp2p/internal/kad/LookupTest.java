package org.tutti.libp2p.internal.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class LookupTest {
    private static final PeerId SELF = EngineNetwork.id(1);
    private static final Key TARGET = Key.of(EngineNetwork.id(77));

    /// The nearest first.
    private static List<Contact> peers(int from, int count) {
        List<Contact> peers = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            peers.add(
                    Contact.of(
                            EngineNetwork.id(i), List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"))));
        }
        peers.sort((l, r) -> TARGET.compareDistance(l.key(), r.key()));
        return peers;
    }

    private static List<Contact> ask(Lookup lookup) {
        List<Contact> asked = new ArrayList<>();
        for (Optional<Contact> next = lookup.next(); next.isPresent(); next = lookup.next()) {
            asked.add(next.get());
        }
        return asked;
    }

    @Test
    void nobodyIsAskedTwiceAndNotMoreThanAlphaAtOnce() {
        List<Contact> seeds = peers(100, 20);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 20, 3, 2);
        List<Contact> all = new ArrayList<>();
        List<Contact> asked = ask(lookup);
        while (!asked.isEmpty()) {
            assertThat(asked).hasSizeLessThanOrEqualTo(3);
            all.addAll(asked);
            asked.forEach(c -> lookup.answered(c.peer(), seeds));
            asked = ask(lookup);
        }
        assertThat(all).hasSize(20).doesNotHaveDuplicates();
        assertThat(lookup.isDone()).isTrue();
        assertThat(lookup.closest(20)).isEqualTo(seeds);
        assertThat(lookup.askedEverybody()).isTrue();
    }

    @Test
    void theDepthIsThatOfTheReferrerAndOne() {
        List<Contact> seeds = peers(100, 1);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 4, 4, 1);
        List<Contact> second = peers(200, 1);
        List<Contact> third = peers(300, 1);
        ask(lookup);
        lookup.answered(seeds.getFirst().peer(), second);
        ask(lookup);
        lookup.answered(second.getFirst().peer(), third);
        assertThat(lookup.depth(seeds.getFirst().peer())).isEqualTo(1);
        assertThat(lookup.depth(second.getFirst().peer())).isEqualTo(2);
        assertThat(lookup.depth(third.getFirst().peer())).isEqualTo(3);
        assertThat(lookup.depth(SELF)).isZero();
    }

    /// The path that asks accomplices stays with them; the other goes on with honest peers.
    @Test
    void aPathHearsOnlyOfWhomItsOwnPeersSpeak() {
        List<Contact> seeds = peers(100, 2);
        // Nearer than any honest peer.
        List<Contact> accomplices = peers(1_000, 2_000).subList(0, 20);
        List<Contact> honest = peers(200, 20);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 4, 2, 2);
        assertThat(ask(lookup)).hasSize(2);
        lookup.answered(seeds.get(0).peer(), accomplices);
        lookup.answered(seeds.get(1).peer(), honest);
        List<Contact> next = ask(lookup);
        assertThat(next).hasSize(2);
        assertThat(next).filteredOn(accomplices::contains).hasSize(1);
        assertThat(next).filteredOn(honest::contains).hasSize(1);
    }

    @Test
    void whoeverNamesPeersThatAreNotThereIsBelievedNoMore() {
        List<Contact> seeds = peers(100, 2);
        List<Contact> dead = peers(1_000, 2_000).subList(0, 20);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 4, 2, 1);
        ask(lookup);
        lookup.answered(seeds.get(0).peer(), dead);
        lookup.answered(seeds.get(1).peer(), List.of());
        int asked = 0;
        for (List<Contact> next = ask(lookup); !next.isEmpty(); next = ask(lookup)) {
            asked += next.size();
            next.forEach(c -> lookup.failed(c.peer()));
        }
        assertThat(asked).isBetween(Lookup.MAX_DEAD_REFERRALS, Lookup.MAX_DEAD_REFERRALS + 1);
        assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void aSlowPeerLetsAnotherBeAskedAndItsAnswerStillCounts() {
        List<Contact> seeds = peers(100, 3);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 3, 1, 1);
        Contact slow = ask(lookup).getFirst();
        assertThat(ask(lookup)).isEmpty();
        lookup.slow(slow.peer());
        Contact second = ask(lookup).getFirst();
        lookup.answered(second.peer(), List.of());
        Contact third = ask(lookup).getFirst();
        lookup.answered(third.peer(), List.of());
        assertThat(ask(lookup)).isEmpty();
        // Its answer is waited for.
        assertThat(lookup.isDone()).isFalse();
        lookup.answered(slow.peer(), List.of());
        ask(lookup);
        assertThat(lookup.isDone()).isTrue();
        assertThat(lookup.closest(3)).contains(slow);
    }

    @Test
    void moreThanSoManyOfOneAnswerAndInAllAreNotLookedAt() {
        List<Contact> seeds = peers(100, 1);
        Lookup lookup = new Lookup(TARGET, SELF, seeds, 2_000, 2_000, 1);
        ask(lookup);
        lookup.answered(seeds.getFirst().peer(), peers(1_000, 3_000));
        List<Contact> next = ask(lookup);
        assertThat(next).hasSize(Lookup.MAX_REFERRALS);
        int from = 10_000;
        int asked = 1 + next.size();
        for (int round = 0; round < 100 && !next.isEmpty(); round++) {
            for (Contact contact : next) {
                lookup.answered(contact.peer(), peers(from, Lookup.MAX_REFERRALS));
                from += Lookup.MAX_REFERRALS;
            }
            next = ask(lookup);
            asked += next.size();
        }
        assertThat(asked).isLessThanOrEqualTo(Lookup.MAX_CANDIDATES);
    }

    @Test
    void weAskNotOurselves() {
        Contact self = Contact.of(SELF, List.of());
        Lookup lookup = new Lookup(TARGET, SELF, List.of(self), 4, 4, 2);
        assertThat(lookup.next()).isEmpty();
        assertThat(lookup.isDone()).isTrue();
    }
}
