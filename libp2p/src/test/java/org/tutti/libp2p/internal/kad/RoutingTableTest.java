package org.tutti.libp2p.internal.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.RoutingTable.Added;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

class RoutingTableTest {
    private static final PeerId SELF = EngineNetwork.id(1);
    private static final Key KEY = Key.of(SELF);

    private static RoutingTable table(EngineConfig.Builder config) {
        return new RoutingTable(KEY, config.build());
    }

    private static EngineConfig.Builder config() {
        return EngineConfig.builder().k(3).noDiversity();
    }

    /// Peers of the furthest bucket, which half of all are in.
    private static List<Contact> far(int count) {
        List<Contact> far = new ArrayList<>();
        for (int i = 2; far.size() < count; i++) {
            Contact contact =
                    Contact.of(
                            EngineNetwork.id(i),
                            List.of(Multiaddr.parse("/ip4/10.0.0.%d/tcp/1".formatted(i))));
            if (KEY.commonPrefix(contact.key()) == 0) {
                far.add(contact);
            }
        }
        return far;
    }

    @Test
    void aFullBucketKeepsWhomItHas() {
        RoutingTable table = table(config());
        List<Contact> far = far(10);
        for (int i = 0; i < 10; i++) {
            assertThat(table.add(far.get(i), 0, i)).isEqualTo(i < 3 ? Added.YES : Added.FULL);
        }
        assertThat(table.contacts()).containsExactlyInAnyOrderElementsOf(far.subList(0, 3));
        assertThat(table.add(far.getFirst(), 0, 20)).isEqualTo(Added.KNOWN);
        assertThat(table.add(Contact.of(SELF, List.of()), 0, 20)).isEqualTo(Added.SELF);
        assertThat(table.size()).isEqualTo(3);
        // The one that was silent for longest.
        assertThat(table.mostDoubtful(far.get(9)).orElseThrow().contact()).isEqualTo(far.get(1));
    }

    @Test
    void aPeerLeavesAtItsSecondFailureIfOthersAnswerAndWhoWaitedTakesItsPlace() {
        RoutingTable table = table(config());
        List<Contact> far = far(5);
        far.forEach(c -> table.add(c, 0, 0));
        PeerId silent = far.getFirst().peer();
        // The answer before the first failure says nothing.
        assertThat(table.failed(silent, OptionalLong.of(9), 10).left()).isFalse();
        assertThat(table.failed(silent, OptionalLong.of(9), 20).left()).isFalse();
        assertThat(table.mostDoubtful(far.get(4)).orElseThrow().contact().peer()).isEqualTo(silent);
        RoutingTable.Departure departure = table.failed(silent, OptionalLong.of(25), 30);
        assertThat(departure.left()).isTrue();
        assertThat(departure.successor()).contains(far.get(4).peer());
        assertThat(table.contains(silent)).isFalse();
        assertThat(table.size()).isEqualTo(3);
    }

    @Test
    void anAnswerInBetweenClearsAFailure() {
        RoutingTable table = table(config());
        Contact one = far(1).getFirst();
        table.add(one, 0, 0);
        table.failed(one.peer(), OptionalLong.of(11), 10);
        table.answered(one.peer(), 12);
        assertThat(table.failed(one.peer(), OptionalLong.of(25), 20).left()).isFalse();
        assertThat(table.failed(one.peer(), OptionalLong.of(25), 30).left()).isTrue();
    }

    @Test
    void suspectsAreNamedLast() {
        RoutingTable table = table(config());
        List<Contact> far = far(3);
        far.forEach(c -> table.add(c, 0, 0));
        Contact nearest = table.closest(far.getFirst().key(), 3).getFirst();
        assertThat(nearest).isEqualTo(far.getFirst());
        table.failed(nearest.peer(), OptionalLong.empty(), 1);
        assertThat(table.closest(far.getFirst().key(), 3).getLast()).isEqualTo(nearest);
    }

    @Test
    void fewPeersOfOneNetworkAreKeptInABucketAndInAll() {
        RoutingTable table = table(EngineConfig.builder().diversity(3, 2));
        int sameNetwork = IpGroup.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"));
        assertThat(IpGroup.of(Multiaddr.parse("/ip4/1.2.200.1/tcp/9"))).isEqualTo(sameNetwork);
        int other = IpGroup.of(Multiaddr.parse("/ip4/1.3.3.4/tcp/1"));
        assertThat(other).isNotEqualTo(sameNetwork);
        int kept = 0;
        int keptFar = 0;
        for (int i = 2; i < 200; i++) {
            Contact contact = Contact.of(EngineNetwork.id(i), List.of());
            if (table.add(contact, sameNetwork, 0) == Added.YES) {
                kept++;
                keptFar += KEY.commonPrefix(contact.key()) == 0 ? 1 : 0;
            }
        }
        assertThat(kept).isEqualTo(3);
        assertThat(keptFar).isLessThanOrEqualTo(2);
        Contact fresh = Contact.of(EngineNetwork.id(500), List.of());
        assertThat(table.hasRoomFor(fresh, sameNetwork)).isFalse();
        assertThat(table.hasRoomFor(fresh, other)).isTrue();
        assertThat(table.add(fresh, other, 0)).isEqualTo(Added.YES);
    }

    @Test
    void addressesOfOneIpv6NetworkAreOneGroup() {
        int group = IpGroup.of(Multiaddr.parse("/ip6/2001:db8:1::1/tcp/1"));
        assertThat(IpGroup.of(Multiaddr.parse("/ip6/2001:db8:ffff::2/tcp/1"))).isEqualTo(group);
        assertThat(IpGroup.of(Multiaddr.parse("/ip6/2001:db9::1/tcp/1"))).isNotEqualTo(group);
    }

    @Test
    void theNearestOfManyAreThoseThatSortingFinds() {
        RoutingTable table = table(config().k(20));
        for (int i = 2; i < 400; i++) {
            table.add(Contact.of(EngineNetwork.id(i), List.of()), 0, 0);
        }
        requireNearest(table, _ -> false);
        // One silent peer in three, and each gone that was silent twice.
        Set<PeerId> suspects = new HashSet<>();
        for (int i = 2; i < 400; i += 3) {
            PeerId silent = EngineNetwork.id(i);
            table.failed(silent, OptionalLong.of(1), 2);
            if (i % 2 == 0) {
                table.failed(silent, OptionalLong.of(3), 4);
            } else {
                suspects.add(silent);
            }
        }
        requireNearest(table, c -> suspects.contains(c.peer()));
    }

    private static void requireNearest(RoutingTable table, Predicate<Contact> suspect) {
        for (int i = 1_000; i < 1_100; i++) {
            Key target = Key.of(EngineNetwork.id(i));
            List<Contact> sorted = new ArrayList<>(table.contacts());
            sorted.sort(
                    Comparator.comparing(suspect::test)
                            .thenComparing((l, r) -> target.compareDistance(l.key(), r.key())));
            assertThat(table.closest(target, 20)).isEqualTo(sorted.subList(0, 20));
            Contact asks = sorted.remove(i % 25);
            assertThat(table.closest(target, 20, asks.peer())).isEqualTo(sorted.subList(0, 20));
        }
    }

    @Test
    void placeOfANetworkIsFreeAgainWhenItsPeerHasLeft() {
        RoutingTable table = table(EngineConfig.builder().diversity(2, 2));
        List<Contact> far = far(12);
        for (int i = 0; i < 10; i++) {
            assertThat(table.add(far.get(i), i / 2, 0)).isEqualTo(Added.YES);
        }
        for (int i = 0; i < 10; i++) {
            int group = i / 2;
            assertThat(table.hasRoomFor(far.get(10), group)).isFalse();
            assertThat(table.add(far.get(10), group, 0)).isEqualTo(Added.GROUP_FULL);
            assertThat(table.remove(far.get(i).peer())).isTrue();
            assertThat(table.remove(far.get(i).peer())).isFalse();
            assertThat(table.add(far.get(10), group, 0)).isEqualTo(Added.YES);
            assertThat(table.add(far.get(11), group, 0)).isEqualTo(Added.GROUP_FULL);
            assertThat(table.remove(far.get(10).peer())).isTrue();
            assertThat(table.add(far.get(i), group, 0)).isEqualTo(Added.YES);
        }
    }
}
