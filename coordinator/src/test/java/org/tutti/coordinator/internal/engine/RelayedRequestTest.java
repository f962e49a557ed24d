package org.tutti.coordinator.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.internal.engine.EngineNetwork.Node;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Hold;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A request with more signers than are all connected to all.
class RelayedRequestTest {
    private static final RequestLimits LIMITS = RequestLimits.DEFAULT.withFullMesh(3);

    private final EngineNetwork network = new EngineNetwork(7);

    private List<Node> nodes(int count) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(network.add(LIMITS));
        }
        return nodes;
    }

    private Invitation announced(Node by, ElectionMethod election) throws Exception {
        List<PublicKey> keys = network.nodes.stream().map(n -> n.self.publicKey()).toList();
        return by.announce(
                new InvitationDraft(
                        keys,
                        KeyOrder.AS_GIVEN,
                        List.of(RequestedMessage.untweaked(Bytes.fromHex("22".repeat(32)))),
                        Bytes.EMPTY,
                        new InvitationDraft.Description(0, "custom", "a test", "test"),
                        election,
                        0,
                        Duration.ofHours(1)));
    }

    private Set<PeerId> wanted(Node node) {
        return node.engine.wanted(network.now).peers().keySet();
    }

    @Test
    void theElectedOneIsConnectedToAllAndTheOthersToItAndUntilAllHaveJoinedTheRequester()
            throws Exception {
        List<Node> n = nodes(4);
        Node elected = n.get(3);
        Node requester = n.get(1);
        network.connectAll();
        n.get(0).policy =
                asked ->
                        new Judgement.AskPerson(
                                asked.messages().stream().map(RequestedMessage::toSign).toList(),
                                Hold.NONE,
                                List.of());
        Invitation request = announced(requester, ElectionMethod.LAST);
        network.settle();
        assertThat(wanted(n.get(0))).as("has not joined").isEmpty();
        assertThat(wanted(n.get(2))).containsExactlyInAnyOrder(elected.peer, requester.peer);
        assertThat(wanted(requester)).hasSize(3);
        assertThat(wanted(elected)).hasSize(3);
        network.hangs = true; // They are in a session from here on.
        n.get(0).engine.join(request.id(), network.now);
        n.get(0).act();
        network.settle();
        for (Node node : n) {
            assertThat(wanted(node)).hasSize(node == elected ? 3 : 1);
        }
        assertThat(wanted(requester)).containsExactly(elected.peer);
    }

    @Test
    void theSessionBeginsWhenTheElectedOneHasAllJoinsWhoeverElseIsConnectedToTheRequester()
            throws Exception {
        List<Node> n = nodes(4);
        Node elected = n.get(3);
        Node requester = n.get(1);
        for (Node other : n.subList(0, 3)) {
            network.connect(elected, other);
        }
        announced(requester, ElectionMethod.LAST);
        network.settle();
        network.pass(Duration.ofSeconds(2)); // What is left to the requester to tell is told.
        assertThat(requester.seen(CoordinatorEvent.SessionCreated.class)).isNotEmpty();
    }

    @Test
    void upToTheBoundNobodyIsElectedToRelay() throws Exception {
        nodes(3);
        Invitation request = announced(network.nodes.getFirst(), ElectionMethod.FIRST);
        assertThat(LIMITS.relay(request)).isEmpty();
        assertThat(LIMITS.withFullMesh(2).relay(request)).contains(request.keys().getFirst());
        assertThat(RequestLimits.DEFAULT.fullMeshSigners()).isEqualTo(15);
    }
}
