package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Groups of real nodes whose messages go through a relay: only streams to it exist.
class RelayTest {
    @TempDir Path folder;

    private final MemoryNetwork network = new MemoryNetwork();

    private HostGroup hosts(int size, List<Integer> relays) throws Exception {
        return new HostGroup(
                size, folder, "/memory/%d", b -> b.transport(network.transport()), relays);
    }

    private static List<SchnorrSignature> signatures(SessionHandle handle) throws Exception {
        return ((SessionOutcome.Signed) handle.await(HostGroup.TIMEOUT)).signatures();
    }

    @Test
    void seventeenSignersWithStreamsToOneOfThemAloneGetOneSignature() throws Exception {
        try (HostGroup g = hosts(17, List.of(3))) {
            for (HostGroup.Node node : g.nodes) {
                assertThat(node.service.links()).isEqualTo(node.member.index() == 3 ? 16 : 1);
            }
            Set<List<SchnorrSignature>> all = new HashSet<>();
            all.add(signatures(g.nodes.get(9).signing.sign(HostGroup.draft(1))));
            for (HostGroup.Node node : g.nodes) {
                all.add(node.await(SessionEvent.Signed.class).signatures());
            }
            assertThat(all).hasSize(1);
            all.add(signatures(g.nodes.get(3).signing.sign(HostGroup.draft(2))));
            assertThat(all).hasSize(2);
        }
    }
}
