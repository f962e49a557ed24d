package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.MemoryScope.Priority;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.ResourceLimits;

import java.util.ArrayList;
import java.util.List;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;

    private static final PeerId STRANGER = peer();
    private static final PeerClass OPEN = PeerClass.builder("public").maxReceiveMemory(MIB).build();

    private final MemoryBudget budget =
            new MemoryBudget(
                    ResourceLimits.builder()
                            .maxReceiveMemory(8 * MIB)
                            .maxReceiveMemoryPerHost(4 * MIB)
                            .build(),
                    peer -> peer.equals(STRANGER) ? OPEN : PeerClass.everybody());
    private final List<String> shed = new ArrayList<>();

    private static PeerId peer() {
        return MemoryHosts.key().publicKey().peerId();
    }

    private static Multiaddr address(int host) {
        return Multiaddr.parse("/ip4/192.0.2." + host + "/tcp/1");
    }

    private MemoryScope scope(String name, int host) {
        return scope(name, host, 0);
    }

    private MemoryScope scope(String name, int host, long spare) {
        MemoryScope scope = budget.scope(peer(), address(host));
        scope.attach(
                new MemoryScope.Holder() {
                    @Override
                    public long spareBytes() {
                        return spare;
                    }

                    @Override
                    public void shed() {
                        shed.add(name);
                    }
                });
        return scope;
    }

    private static boolean needed(MemoryScope scope, long bytes) {
        return scope.reserve(bytes, Priority.NEEDED);
    }

    @Test
    void oneHostHasItsShareHoweverManyPeersItIs() {
        MemoryScope first = scope("first", 1);
        MemoryScope second = scope("second", 1);
        assertThat(needed(first, 3 * MIB)).isTrue();
        assertThat(needed(second, MIB)).isTrue();
        // It holds most: it has to wait.
        assertThat(needed(first, 1)).isFalse();
        assertThat(needed(scope("elsewhere", 2), 4 * MIB)).isTrue();
        first.release(MIB);
        assertThat(needed(first, MIB)).isTrue();
        assertThat(budget.used()).isEqualTo(8 * MIB);
        assertThat(shed).isEmpty();
    }

    @Test
    void onePeerHasItsShareAtHoweverManyAddresses() {
        PeerId mallory = peer();
        assertThat(needed(budget.scope(mallory, address(1)), MIB)).isTrue();
        MemoryScope second = budget.scope(mallory, address(2));
        assertThat(needed(second, 3 * MIB)).isTrue();
        assertThat(needed(second, MIB)).isFalse();
        assertThat(needed(budget.scope(peer(), address(2)), MIB)).isTrue();
    }

    @Test
    void aClassHasItsShareAtHoweverManyAddresses() {
        assertThat(needed(budget.scope(STRANGER, address(1)), MIB / 2)).isTrue();
        MemoryScope second = budget.scope(STRANGER, address(2));
        assertThat(needed(second, MIB / 2 + 1)).isTrue();
        assertThat(needed(second, MIB)).isFalse();
        assertThat(needed(scope("member", 1), 3 * MIB)).isTrue();
    }

    @Test
    void othersGoOnAboveAFullBudgetUntilWhoeverHoldsMostLetsGo() {
        MemoryScope mallory = scope("mallory", 1);
        MemoryScope bob = scope("bob", 1);
        assertThat(needed(mallory, 4 * MIB)).isTrue();
        assertThat(needed(bob, MIB)).isTrue();
        assertThat(shed).isEmpty();
        assertThat(needed(bob, 1)).isFalse();
        assertThat(shed).containsExactly("mallory");
        mallory.release(2 * MIB);
        assertThat(needed(bob, MIB)).isTrue();
    }

    @Test
    void inAllItIsTheHeaviestHostThatLetsGo() {
        for (int i = 0; i < 4; i++) {
            assertThat(needed(scope("mallory" + i, 1), MIB)).isTrue();
        }
        // The heaviest connection, but not on the heaviest host.
        assertThat(needed(scope("bob", 2), 2 * MIB)).isTrue();
        assertThat(needed(scope("carol", 3), 2 * MIB)).isTrue();
        MemoryScope dave = scope("dave", 4);
        assertThat(needed(dave, 2 * MIB)).isTrue();
        assertThat(needed(dave, 1)).isFalse();
        assertThat(shed).hasSize(1).allMatch(name -> name.startsWith("mallory"));
    }

    @Test
    void windowsNeverTakeTheLastQuarter() {
        MemoryScope bob = scope("bob", 1);
        assertThat(bob.reserve(3 * MIB, Priority.OPTIONAL)).isTrue();
        assertThat(bob.reserve(1, Priority.OPTIONAL)).isFalse();
        assertThat(needed(bob, MIB)).isTrue();
        assertThat(shed).isEmpty();
    }

    @Test
    void roomInWindowsIsNotWhatSomebodyHolds() {
        MemoryScope reader = scope("reader", 1, 3 * MIB);
        MemoryScope hoarder = scope("hoarder", 1);
        assertThat(reader.reserve(3 * MIB, Priority.OPTIONAL)).isTrue();
        assertThat(needed(hoarder, MIB)).isTrue();
        assertThat(needed(hoarder, 1)).isFalse();
        assertThat(needed(reader, MIB / 2)).isTrue();
        assertThat(needed(reader, MIB)).isFalse();
        assertThat(shed).containsExactly("hoarder");
    }

    @Test
    void whoIsRefusedIsNamed() {
        List<String> reasons = new ArrayList<>();
        budget.onRefused((_, reason) -> reasons.add(reason));
        scope("mallory", 1).refused();
        assertThat(reasons).containsExactly("receiveMemory");
    }
}
