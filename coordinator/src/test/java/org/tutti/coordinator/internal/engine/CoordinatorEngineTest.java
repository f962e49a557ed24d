package org.tutti.coordinator.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.event.Channel;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.internal.engine.EngineNetwork.Node;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.internal.wire.StatementSigner;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.ReceiptCode;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestLimits;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.store.LogEntry;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// The state machine, one engine or several, without threads, sockets or a clock.
class CoordinatorEngineTest {
    private final EngineNetwork network = new EngineNetwork(1);

    private InvitationDraft draft(Bytes psbt) {
        List<PublicKey> keys = network.nodes.stream().map(n -> n.self.publicKey()).toList();
        return new InvitationDraft(
                keys,
                KeyOrder.SORTED,
                List.of(RequestedMessage.keyPath(Bytes.fromHex("22".repeat(32)))),
                psbt,
                new InvitationDraft.Description(5, "spend", "a test", "test"),
                ElectionMethod.LEXICOGRAPHIC,
                0,
                Duration.ofDays(2));
    }

    private Invitation announced(Node by) throws CoordinatorException {
        return by.announce(draft(Bytes.fromHex("70736274ff")));
    }

    private static RequestPhase phase(Node node) {
        return node.engine.requests(Crafted.NOW).getFirst().phase();
    }

    private Node[] three() {
        Node[] nodes = {network.add(), network.add(), network.add()};
        network.connectAll();
        return nodes;
    }

    @Test
    void allJoinAndTheRequesterAsksWhenEverybodyHasAllJoins() throws Exception {
        Node[] n = three();
        Invitation request = announced(n[0]);
        network.settle();
        for (Node node : n) {
            assertThat(node.seen(CoordinatorEvent.RequestJoined.class)).hasSize(3);
            assertThat(node.seen(CoordinatorEvent.SessionReady.class)).hasSize(1);
            assertThat(node.seen(CoordinatorEvent.Finalized.class)).hasSize(1);
            assertThat(phase(node)).isEqualTo(RequestPhase.SIGNED);
            assertThat(
                            node.outputs.stream()
                                    .filter(EngineOutput.FormGroup.class::isInstance)
                                    .toList())
                    .hasSize(1);
        }
        assertThat(n[0].seen(CoordinatorEvent.RequestCreated.class)).hasSize(1);
        assertThat(n[0].seen(CoordinatorEvent.SessionCreated.class)).hasSize(1);
        assertThat(n[1].seen(CoordinatorEvent.RequestReceived.class)).hasSize(1);
        assertThat(n[1].seen(CoordinatorEvent.SessionJoined.class)).hasSize(1);
        PublicKey elected = ElectionMethod.LEXICOGRAPHIC.elect(request.id(), request.keys());
        for (Node node : n) {
            assertThat(node.has(CoordinatorEvent.ShouldBroadcast.class))
                    .isEqualTo(node.self.publicKey().equals(elected));
            node.engine.settled(request.id(), true, network.now);
            node.act();
            assertThat(node.has(CoordinatorEvent.BroadcastConfirmed.class)).isTrue();
            assertThat(node.has(CoordinatorEvent.SessionClosed.class)).isTrue();
            assertThat(node.engine.requests(network.now)).isEmpty();
            assertThat(node.outputs.stream().anyMatch(EngineOutput.LeaveGroup.class::isInstance))
                    .isTrue();
        }
    }

    @Test
    void aSignerThatWasAwayGetsItFromAnyoneAndTheRequesterNeedNotBeThere() throws Exception {
        Node[] n = three();
        n[2].stop();
        Invitation request = announced(n[0]);
        network.settle();
        assertThat(phase(n[1])).isEqualTo(RequestPhase.JOINED);
        assertThat(n[1].engine.keptFor(n[2].self.publicKey(), Set.of()))
                .containsExactly(request.id());
        assertThat(n[1].engine.wanted(network.now).recipients())
                .containsOnlyKeys(n[2].self.publicKey());
        n[0].stop();
        network.pass(Duration.ofHours(30));
        n[2].restart();
        network.connect(n[1], n[2]);
        network.settle();
        CoordinatorEvent.RequestReceived received =
                n[2].seen(CoordinatorEvent.RequestReceived.class).getFirst();
        assertThat(received.from()).isEqualTo(n[1].peer);
        assertThat(received.isFromRequester()).isFalse();
        assertThat(phase(n[2])).isEqualTo(RequestPhase.READY);
        assertThat(n[1].engine.wanted(network.now).recipients()).isEmpty();
        n[0].restart();
        network.connectAll();
        network.settle();
        for (Node node : n) {
            assertThat(node.seen(CoordinatorEvent.Finalized.class)).hasSize(1);
        }
    }

    @Test
    void aRequestIsReceivedOnceHoweverOftenItComes() throws Exception {
        Node[] n = three();
        Invitation request = announced(n[0]);
        network.settle();
        for (Channel channel : Channel.values()) {
            assertThat(
                            n[1].engine.delivered(
                                    n[2].peer,
                                    channel,
                                    request.id(),
                                    Optional.of(request),
                                    Bytes.fromHex("70736274ff"),
                                    List.of(),
                                    Optional.empty(),
                                    network.now))
                    .isEqualTo(ReceiptCode.TAKEN);
        }
        n[1].act();
        assertThat(n[1].seen(CoordinatorEvent.RequestReceived.class)).hasSize(1);
    }

    @Test
    void noStrangerEndsARequest() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        network.settle();
        Crafted mallory = new Crafted();
        long later = network.now.toEpochMilli() + 1_000;
        List<Statement> lies =
                List.of(
                        mallory.signer.refuse(request, later, "NO", "because"),
                        mallory.signer.withdraw(request, later, "because"),
                        mallory.signer.join(request, later),
                        // A member takes back what is not its own.
                        n[1].self.signer.withdraw(request, later, "because"));
        for (Node node : n) {
            ReceiptCode code =
                    node.engine.delivered(
                            mallory.identity.publicKey().peerId(),
                            Channel.DIRECT,
                            request.id(),
                            Optional.empty(),
                            Bytes.EMPTY,
                            lies,
                            Optional.empty(),
                            network.now);
            assertThat(code).isEqualTo(ReceiptCode.TAKEN);
            node.act();
            assertThat(node.engine.requests(network.now)).hasSize(1);
        }
        n[2].engine.join(request.id(), network.now);
        n[2].act();
        network.settle();
        assertThat(n[0].has(CoordinatorEvent.Finalized.class)).isTrue();
    }

    private static List<MessageToSign> messages() {
        return List.of(RequestedMessage.keyPath(Bytes.fromHex("22".repeat(32))).toSign());
    }

    @Test
    void aMemberThatRefusesEndsItForEverybodyAlsoForWhoeverHearsOfItLater() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.Refused("TOO_MUCH", "over the limit");
        network.disconnect(n[1], n[2]);
        network.disconnect(n[0], n[1]);
        Invitation request = announced(n[0]);
        network.settle();
        assertThat(n[0].seen(CoordinatorEvent.RequestRefused.class).getFirst().code())
                .isEqualTo("TOO_MUCH");
        assertThat(n[0].engine.requests(network.now)).isEmpty();
        // It reached the other before it ended.
        assertThat(
                        n[1].engine.delivered(
                                n[0].peer,
                                Channel.INBOX,
                                request.id(),
                                Optional.of(request),
                                Bytes.fromHex("70736274ff"),
                                List.of(),
                                Optional.empty(),
                                network.now))
                .isEqualTo(ReceiptCode.TAKEN);
        n[1].act();
        network.settle();
        assertThat(phase(n[1])).isEqualTo(RequestPhase.JOINED);
        network.connect(n[0], n[1]);
        network.settle();
        assertThat(n[1].has(CoordinatorEvent.RequestRefused.class)).isTrue();
        assertThat(n[1].engine.requests(network.now)).isEmpty();
        // And it is not taken again.
        assertThat(
                        n[1].engine.delivered(
                                n[0].peer,
                                Channel.GOSSIP,
                                request.id(),
                                Optional.of(request),
                                Bytes.fromHex("70736274ff"),
                                List.of(),
                                Optional.empty(),
                                network.now))
                .isEqualTo(ReceiptCode.OVER);
        n[1].restart();
        assertThat(n[1].engine.knows(request.id())).isTrue();
    }

    @Test
    void theRequesterTakesItBack() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of("5 sat"));
        Invitation request = announced(n[0]);
        network.settle();
        assertThat(n[2].seen(CoordinatorEvent.ApprovalNeeded.class).getFirst().summary())
                .containsExactly("5 sat");
        assertThatThrownBy(() -> n[1].engine.withdraw(request.id(), "x", network.now))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(CoordinatorException.Code.NOT_OURS));
        n[0].engine.withdraw(request.id(), "not needed", network.now);
        n[0].act();
        network.settle();
        for (Node node : n) {
            assertThat(node.seen(CoordinatorEvent.RequestWithdrawn.class)).hasSize(1);
            assertThat(node.engine.requests(network.now)).isEmpty();
        }
        assertThatThrownBy(() -> n[2].engine.join(request.id(), network.now))
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(CoordinatorException.Code.NO_SUCH_REQUEST));
    }

    @Test
    void whatThePolicyRecomputesIsWhatIsSigned() throws Exception {
        Node[] n = three();
        n[1].policy =
                _ ->
                        new Judgement.Approved(
                                List.of(
                                        RequestedMessage.keyPath(Bytes.fromHex("23".repeat(32)))
                                                .toSign()),
                                Hold.NONE,
                                List.of());
        n[2].policy =
                _ ->
                        new Judgement.AskPerson(
                                List.of(
                                        RequestedMessage.untweaked(Bytes.fromHex("22".repeat(32)))
                                                .toSign()),
                                Hold.NONE,
                                List.of());
        var _ = announced(n[0]);
        network.settle();
        assertThat(n[1].seen(CoordinatorEvent.RequestRefused.class).getFirst().code())
                .isEqualTo("MESSAGES_DIFFER");
        assertThat(n[2].has(CoordinatorEvent.ApprovalNeeded.class)).isFalse();
        assertThat(n[0].has(CoordinatorEvent.Finalized.class)).isFalse();
    }

    @Test
    void aTransactionThatIsNotTheOneThatWasNamedIsNotTaken() throws Exception {
        Node[] n = three();
        network.disconnect(n[0], n[1]);
        Invitation request = announced(n[0]);
        assertThat(
                        n[1].engine.delivered(
                                n[2].peer,
                                Channel.DIRECT,
                                request.id(),
                                Optional.of(request),
                                Bytes.fromHex("70736274fe"),
                                List.of(),
                                Optional.empty(),
                                network.now))
                .isEqualTo(ReceiptCode.INVALID);
        assertThat(n[1].engine.requests(network.now)).isEmpty();
        // By gossip it comes without; it is kept when the transaction is there, and right.
        for (Bytes wrong : List.of(Bytes.EMPTY, Bytes.fromHex("00"))) {
            var _ =
                    n[1].engine.delivered(
                            n[0].peer,
                            Channel.GOSSIP,
                            request.id(),
                            Optional.of(request),
                            Bytes.EMPTY,
                            List.of(),
                            Optional.empty(),
                            network.now);
            assertThat(phase(n[1])).isEqualTo(RequestPhase.FETCHING);
            assertThat(n[1].engine.content(request.id())).isEmpty();
            n[1].engine.fetched(request.id(), wrong, network.now);
            assertThat(n[1].engine.requests(network.now)).isEmpty();
        }
        var _ =
                n[1].engine.delivered(
                        n[0].peer,
                        Channel.GOSSIP,
                        request.id(),
                        Optional.of(request),
                        Bytes.EMPTY,
                        List.of(),
                        Optional.empty(),
                        network.now);
        n[1].engine.fetched(request.id(), Bytes.fromHex("70736274ff"), network.now);
        n[1].act();
        assertThat(n[1].engine.content(request.id())).isPresent();
    }

    @Test
    void whomItDoesNotNameTakesNothing() throws Exception {
        Node[] n = three();
        Node stranger = network.add();
        Crafted asker = new Crafted();
        Invitation request =
                asker.signer.request(
                        asker.draft(n[0].self.publicKey()), network.now.toEpochMilli());
        assertThat(
                        stranger.engine.delivered(
                                n[0].peer,
                                Channel.DIRECT,
                                request.id(),
                                Optional.of(request),
                                Bytes.EMPTY,
                                List.of(),
                                Optional.empty(),
                                network.now))
                .isEqualTo(ReceiptCode.NOT_ASKED);
        assertThat(
                        stranger.engine.delivered(
                                n[0].peer,
                                Channel.DIRECT,
                                request.id(),
                                Optional.empty(),
                                Bytes.EMPTY,
                                List.of(),
                                Optional.empty(),
                                network.now))
                .isEqualTo(ReceiptCode.UNKNOWN_REQUEST);
    }

    /// Eight requests, three of them of one requester; what is signed stays for 30 seconds.
    private static final RequestLimits ROOM_FOR_THREE =
            new RequestLimits(
                    8,
                    3,
                    1 << 20,
                    8,
                    8,
                    4,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(30),
                    3,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(5));

    @Test
    void roomIsBoundedForEachRequesterAndForStrangersTogether() throws Exception {
        Node node = network.add(ROOM_FOR_THREE);
        node.policy = _ -> new Judgement.AskPerson(List.of(), Hold.NONE, List.of());
        Crafted greedy = new Crafted();
        List<ReceiptCode> codes = IntStream.range(0, 5).mapToObj(_ -> ask(node, greedy)).toList();
        assertThat(codes)
                .containsExactly(
                        ReceiptCode.TAKEN,
                        ReceiptCode.TAKEN,
                        ReceiptCode.TAKEN,
                        ReceiptCode.BUSY,
                        ReceiptCode.BUSY);
        // Whoever makes new keys gets half of the room.
        assertThat(ask(node, new Crafted())).isEqualTo(ReceiptCode.TAKEN);
        assertThat(ask(node, new Crafted())).isEqualTo(ReceiptCode.BUSY);
        // The rest is this node's own.
        Invitation own =
                node.self.signer.request(
                        node.self.draft(greedy.publicKey()), network.now.toEpochMilli());
        node.engine.announce(own, Bytes.EMPTY, Optional.empty(), network.now);
        assertThat(node.engine.knows(own.id())).isTrue();
    }

    /// A node whose person takes its time.
    private Node holdsThree() {
        Node node = network.add(ROOM_FOR_THREE);
        node.policy =
                request ->
                        new Judgement.AskPerson(
                                request.messages().stream().map(RequestedMessage::toSign).toList(),
                                Hold.NONE,
                                List.of());
        return node;
    }

    private List<RequestId> held(Node node) {
        return node.engine.requests(network.now).stream().map(view -> view.request().id()).toList();
    }

    private void sign(Node node, RequestId id) {
        node.engine.signed(
                id, List.of(new SchnorrSignature(Bytes.wrap(new byte[64]))), network.now);
        node.act();
    }

    @Test
    void whatIsSignedMakesRoomAtOnceAndStaysForAWhile() throws Exception {
        Node node = holdsThree();
        Crafted greedy = new Crafted();
        for (int i = 0; i < 3; i++) {
            assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.TAKEN);
        }
        long bytes = node.engine.kept().bytes();
        RequestId first = held(node).getFirst();
        sign(node, first);
        assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.TAKEN);
        assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.BUSY);
        assertThat(held(node)).hasSize(4).contains(first);
        network.pass(Duration.ofSeconds(29));
        assertThat(held(node)).contains(first);
        network.pass(Duration.ofSeconds(1));
        assertThat(held(node)).hasSize(3).doesNotContain(first);
        assertThat(node.engine.kept().bytes()).isEqualTo(bytes);
        // Nothing of it is counted twice.
        assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.BUSY);
    }

    @Test
    void whatIsSignedStaysInBoundsWhateverTheClockDoes() throws Exception {
        Node node = holdsThree();
        Crafted greedy = new Crafted();
        for (int i = 0; i < 9; i++) {
            assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.TAKEN);
            sign(node, held(node).getLast());
        }
        assertThat(held(node)).hasSize(8);
        // One that is signed while the clock is years ahead keeps none of those that follow it.
        assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.TAKEN);
        Instant before = network.now;
        network.now = before.plus(Duration.ofDays(365));
        sign(node, held(node).getLast());
        network.now = before;
        assertThat(ask(node, greedy)).isEqualTo(ReceiptCode.TAKEN);
        sign(node, held(node).getLast());
        network.pass(Duration.ofSeconds(30));
        assertThat(held(node)).isEmpty();
    }

    private ReceiptCode ask(Node node, Crafted asker) {
        Invitation request =
                asker.signer.request(
                        asker.draft(node.self.publicKey()), network.now.toEpochMilli());
        return node.engine.delivered(
                asker.identity.publicKey().peerId(),
                Channel.DIRECT,
                request.id(),
                Optional.of(request),
                Bytes.EMPTY,
                List.of(),
                Optional.empty(),
                network.now);
    }

    @Test
    void anExpiredRequestIsOverUnlessThisNodesSignatureIsOut() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        network.settle();
        n[1].engine.committed(request.id());
        network.now = network.now.plus(Duration.ofDays(2)).minusSeconds(2);
        network.pass(Duration.ofSeconds(1));
        assertThat(n[0].engine.requests(network.now)).hasSize(1);
        network.pass(Duration.ofSeconds(1));
        assertThat(n[0].has(CoordinatorEvent.RequestExpired.class)).isTrue();
        assertThat(n[0].engine.requests(network.now)).isEmpty();
        assertThat(n[1].engine.requests(network.now).getFirst().phase())
                .isEqualTo(RequestPhase.MAY_BE_SIGNED);
        assertThat(n[1].engine.maySign(request.id())).isFalse();
        // It is still learned of.
        n[1].engine.signed(
                request.id(), List.of(new SchnorrSignature(Bytes.wrap(new byte[64]))), network.now);
        n[1].act();
        assertThat(n[1].has(CoordinatorEvent.Finalized.class)).isTrue();
        n[1].engine.settled(request.id(), false, network.now);
        n[1].act();
        assertThat(n[1].has(CoordinatorEvent.BroadcastConfirmed.class)).isFalse();
        assertThat(n[1].engine.requests(network.now)).isEmpty();
    }

    @Test
    void aClockThatWasFarAheadBindsNobody() throws Exception {
        Node[] n = three();
        n[0].stop();
        network.now = Crafted.NOW.plus(Duration.ofDays(365 * 70));
        // A request of 2096 counts nowhere, and is over when the clock is right.
        var _ = announced(n[0]);
        network.now = Crafted.NOW;
        n[0].restart();
        network.pass(Duration.ofSeconds(2));
        assertThat(n[0].engine.requests(network.now)).isEmpty();
        // A join of 2096 does not keep its author from saying something today.
        network.connectAll();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        network.settle();
        n[2].engine.join(request.id(), Crafted.NOW.plus(Duration.ofDays(365 * 70)));
        n[2].engine.refuse(request.id(), "NO", "no", network.now);
        n[2].act();
        network.settle();
        assertThat(n[0].has(CoordinatorEvent.RequestRefused.class)).isTrue();
    }

    @Test
    void aSessionThatFailsIsFollowedByOthersAfterLongerPausesAndNotForEver() throws Exception {
        RequestLimits few =
                new RequestLimits(
                        8,
                        8,
                        1 << 20,
                        8,
                        8,
                        8,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(30),
                        4,
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(5));
        Node requester = network.add(few);
        Node other = network.add(few);
        network.connectAll();
        network.fails = true;
        var _ = requester.announce(requester.self.draft(other.self.publicKey()));
        network.settle();
        List<Integer> aborted = new ArrayList<>();
        for (int second = 0; second < 12; second++) {
            aborted.add(requester.seen(CoordinatorEvent.SessionAborted.class).size());
            network.pass(Duration.ofSeconds(1));
        }
        // After 1, 2 and 4 seconds; then there are none left.
        assertThat(aborted).containsExactly(1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4);
        assertThat(requester.engine.requests(network.now)).isEmpty();
        assertThat(requester.has(CoordinatorEvent.SessionClosed.class)).isTrue();
    }

    /// Partial signatures leave at some moment of a session, and signing tells it a moment later.
    @Test
    void whatIsInASessionStaysUntilThatIsOverWhoeverEndsTheRequest() throws Exception {
        for (boolean leaves : List.of(true, false)) {
            EngineNetwork world = new EngineNetwork(7);
            Node requester = world.add();
            Node other = world.add();
            world.connectAll();
            InvitationDraft draft = requester.self.draft(other.self.publicKey());
            Invitation request =
                    requester.announce(
                            new InvitationDraft(
                                    draft.keys(),
                                    draft.keyOrder(),
                                    draft.messages(),
                                    Bytes.fromHex("70736274ff"),
                                    draft.forPeople(),
                                    draft.election(),
                                    0,
                                    draft.lifetime()));
            world.hangs = true;
            world.settle();
            assertThat(phase(other)).isEqualTo(RequestPhase.SIGNING);
            assertThatThrownBy(() -> other.engine.requireReleasable(request.id(), world.now))
                    .isInstanceOf(CoordinatorException.class);
            // Its own user cannot take back what it may have signed.
            assertThatThrownBy(() -> other.engine.refuse(request.id(), "NO", "no", world.now))
                    .isInstanceOfSatisfying(
                            CoordinatorException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(CoordinatorException.Code.NOT_WAITING));
            requester.engine.withdraw(request.id(), "not needed", world.now);
            requester.act();
            world.settle();
            world.pass(Duration.ofSeconds(5));
            for (Node node : world.nodes) {
                assertThat(phase(node)).isEqualTo(RequestPhase.MAY_BE_SIGNED);
                assertThat(node.engine.maySign(request.id())).isFalse();
                assertThat(
                                node.outputs.stream()
                                        .anyMatch(EngineOutput.LeaveGroup.class::isInstance))
                        .isFalse();
            }
            // Nor does its operator release it while it may be signed in a session.
            assertThatThrownBy(() -> other.engine.requireReleasable(request.id(), world.now))
                    .isInstanceOf(CoordinatorException.class);
            if (leaves) {
                other.engine.committed(request.id());
            }
            other.engine.sessionEnded(request.id(), "NO_ANSWER", "", List.of(), world.now);
            other.act();
            if (leaves) {
                other.engine.requireReleasable(request.id(), world.now);
            }
            world.pass(Duration.ofSeconds(1));
            assertThat(other.engine.requests(world.now)).hasSize(leaves ? 1 : 0);
            // Nobody told the requester how it ended: it is over when it is too old.
            world.pass(RequestLimits.DEFAULT.session());
            assertThat(requester.engine.requests(world.now)).isEmpty();
            assertThat(requester.seen(CoordinatorEvent.SessionClosed.class).getFirst())
                    .extracting(CoordinatorEvent.SessionClosed::partialsLeft)
                    .isEqualTo(false);
        }
    }

    @Test
    void aRestartFormsTheGroupAgainAlsoWhereASignerRefusedAfterItHadJoined() throws Exception {
        Node[] n = three();
        network.hangs = true;
        Invitation request = announced(n[0]);
        network.settle();
        n[1].engine.committed(request.id());
        Statement refusal =
                n[2].self.signer.refuse(
                        request, network.now.toEpochMilli() + 1_000, "NO", "changed my mind");
        var _ =
                n[1].engine.delivered(
                        n[2].peer,
                        Channel.DIRECT,
                        request.id(),
                        Optional.empty(),
                        Bytes.EMPTY,
                        List.of(refusal),
                        Optional.empty(),
                        network.now);
        n[1].act();
        assertThat(phase(n[1])).isEqualTo(RequestPhase.MAY_BE_SIGNED);
        for (int restart = 0; restart < 2; restart++) {
            n[1].outputs.clear();
            n[1].restart();
            assertThat(n[1].outputs.stream().filter(EngineOutput.FormGroup.class::isInstance))
                    .hasSize(1);
            assertThat(phase(n[1])).isEqualTo(RequestPhase.MAY_BE_SIGNED);
            // Signing tells what has left when the group is there, perhaps not at once.
            network.pass(Duration.ofSeconds(10));
        }
        n[1].engine.committed(request.id());
        network.pass(RequestLimits.DEFAULT.session().plusSeconds(5));
        assertThat(n[1].engine.requests(network.now)).hasSize(1);
    }

    @Test
    void whoSignsThroughAnotherIdentityAfterARestartJoinsAnew() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        network.settle();
        Crafted moved = new Crafted();
        n[1].signer =
                new StatementSigner(
                        moved.identity, n[1].self.key, Crafted.NETWORK, new SecureRandom());
        n[1].peer = moved.identity.publicKey().peerId();
        n[1].restart();
        network.connectAll();
        network.settle();
        n[2].engine.join(request.id(), network.now);
        n[2].act();
        network.settle();
        EngineOutput.FormGroup formed =
                n[0].outputs.stream()
                        .filter(EngineOutput.FormGroup.class::isInstance)
                        .map(EngineOutput.FormGroup.class::cast)
                        .toList()
                        .getLast();
        assertThat(formed.peers()).containsEntry(n[1].self.publicKey(), n[1].peer);
        assertThat(n[0].has(CoordinatorEvent.Finalized.class)).isTrue();
    }

    @Test
    void strangersLearnNothingOfARequestWhoseIdTheyKnow() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        assertThat(n[0].engine.statementsBeside(n[1].peer, request.id(), List.of(), network.now))
                .isNotEmpty();
        network.settle();
        PeerId stranger = new Crafted().identity.publicKey().peerId();
        assertThat(n[0].engine.psbtFor(stranger, request.id(), network.now)).isEqualTo(Bytes.EMPTY);
        assertThat(n[0].engine.statementsBeside(stranger, request.id(), List.of(), network.now))
                .isEmpty();
        assertThat(n[0].engine.psbtFor(n[1].peer, request.id(), network.now))
                .isEqualTo(Bytes.fromHex("70736274ff"));
    }

    private static List<EngineOutput.Deliver> deliveries(Node from, Node to) {
        return from.outputs.stream()
                .filter(EngineOutput.Deliver.class::isInstance)
                .map(EngineOutput.Deliver.class::cast)
                .filter(deliver -> deliver.to().equals(to.peer))
                .toList();
    }

    @Test
    void whoIsConnectedToTheRequesterLeavesItToThatToTellTheOthers() throws Exception {
        Node[] n = three();
        Invitation request = announced(n[0]);
        network.settle();
        assertThat(phase(n[1])).isEqualTo(RequestPhase.SIGNED);
        network.pass(Duration.ofSeconds(5));
        network.settle();
        assertThat(deliveries(n[1], n[2])).isEmpty();
        assertThat(deliveries(n[2], n[1])).isEmpty();
        assertThat(deliveries(n[1], n[0])).hasSize(1); // Its join: the policy took its time.
        assertThat(n[0].engine.statements(request.id())).hasSize(6);
    }

    @Test
    void whatTheRequesterCannotPassOnOthersPassOnAfterAWhile() throws Exception {
        Node[] n = {network.add(), network.add(), network.add()};
        network.connect(n[0], n[1]);
        network.connect(n[1], n[2]);
        announced(n[0]);
        network.settle();
        assertThat(n[2].has(CoordinatorEvent.RequestReceived.class)).isFalse();
        network.now = network.now.plus(CoordinatorEngine.REQUESTERS_TIME).minusMillis(1);
        n[1].engine.tick(network.now);
        n[1].act();
        network.settle();
        assertThat(n[2].has(CoordinatorEvent.RequestReceived.class)).isFalse();
        network.now = network.now.plusMillis(1);
        n[1].engine.tick(network.now);
        n[1].act();
        network.settle();
        assertThat(n[2].seen(CoordinatorEvent.RequestReceived.class)).hasSize(1);
        network.pass(Duration.ofSeconds(3));
        network.settle();
        // What it says goes the same way.
        assertThat(n[0].seen(CoordinatorEvent.RequestJoined.class)).hasSize(3);
        assertThat(n[2].seen(CoordinatorEvent.RequestJoined.class)).hasSize(3);
    }

    @Test
    void whoseAnswersAreLostIsToldAgain() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            EngineNetwork lossy = new EngineNetwork(seed);
            lossy.losesAnswers = true;
            lossy.judgesAtOnce = seed % 4 > 0; // Then joins are in answers alone.
            List<PublicKey> keys = new ArrayList<>();
            // With two nobody else knows.
            for (int i = 0; i < 2 + seed % 3; i++) {
                keys.add(lossy.add().self.publicKey());
            }
            lossy.connectAll();
            Invitation request =
                    lossy.nodes
                            .getFirst()
                            .announce(
                                    new InvitationDraft(
                                            keys,
                                            KeyOrder.SORTED,
                                            List.of(
                                                    RequestedMessage.keyPath(
                                                            Bytes.fromHex("22".repeat(32)))),
                                            Bytes.fromHex("70736274ff"),
                                            new InvitationDraft.Description(5, "spend", "", ""),
                                            ElectionMethod.HASH,
                                            0,
                                            Duration.ofDays(2)));
            for (int i = 0; i < 120 && !isSignedByAll(lossy); i++) {
                lossy.settle();
                lossy.pass(Duration.ofSeconds(1));
            }
            assertThat(isSignedByAll(lossy)).as("%s with seed %d", request, seed).isTrue();
        }
    }

    private static boolean isSignedByAll(EngineNetwork network) {
        return network.nodes.stream().allMatch(node -> node.has(CoordinatorEvent.Finalized.class));
    }

    @Test
    void whatIsRefusedAtOnceLeavesNoTransactionOnTheDisk() throws Exception {
        Node node = network.add();
        Crafted asker = new Crafted();
        Invitation request =
                asker.signer.request(
                        asker.draft(node.self.publicKey()), network.now.toEpochMilli());
        var _ =
                node.engine.delivered(
                        asker.identity.publicKey().peerId(),
                        Channel.DIRECT,
                        request.id(),
                        Optional.of(request),
                        Bytes.EMPTY,
                        List.of(),
                        Optional.of(new Judgement.Refused("NO", "no")),
                        network.now);
        node.act();
        assertThat(node.log).noneMatch(LogEntry.Taken.class::isInstance);
        assertThat(node.log).anyMatch(LogEntry.Over.class::isInstance);
        node.restart();
        assertThat(node.engine.knows(request.id())).isTrue();
        assertThat(node.engine.requests(network.now)).isEmpty();
    }

    @Test
    void nobodyIsDialledOrLookedForBecauseAStrangerNamesHim() throws Exception {
        Node node = network.add();
        node.policy = _ -> new Judgement.AskPerson(rawMessages(), Hold.NONE, List.of());
        Crafted asker = new Crafted();
        PublicKey nobody = new Crafted().publicKey();
        Invitation request =
                asker.signer.request(
                        asker.draft(node.self.publicKey(), nobody), network.now.toEpochMilli());
        var _ =
                node.engine.delivered(
                        asker.identity.publicKey().peerId(),
                        Channel.DIRECT,
                        request.id(),
                        Optional.of(request),
                        Bytes.EMPTY,
                        List.of(),
                        Optional.empty(),
                        network.now);
        node.act();
        network.settle();
        assertThat(phase(node)).isEqualTo(RequestPhase.AWAITING_APPROVAL);
        assertThat(node.engine.wanted(network.now).unknown()).isEmpty();
        assertThat(node.engine.wanted(network.now).peers()).isEmpty();
        node.engine.join(request.id(), network.now);
        assertThat(node.engine.wanted(network.now).unknown())
                .containsExactlyInAnyOrder(nobody, asker.publicKey());
    }

    private static List<MessageToSign> rawMessages() {
        return List.of(RequestedMessage.untweaked(Bytes.fromHex("22".repeat(32))).toSign());
    }

    @Test
    void whoIsMissingIsSaidAtAnyTime() throws Exception {
        Node[] n = three();
        n[1].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        n[2].stop();
        Invitation request = announced(n[0]);
        assertThat(states(n[0])).containsEntry(n[1].self.publicKey(), SignerState.CONNECTED);
        network.settle();
        assertThat(states(n[0]))
                .containsEntry(n[0].self.publicKey(), SignerState.JOINED)
                .containsEntry(n[1].self.publicKey(), SignerState.AWAITING_APPROVAL)
                .containsEntry(n[2].self.publicKey(), SignerState.UNREACHABLE);
        n[1].engine.join(request.id(), network.now);
        n[1].act();
        network.settle();
        n[0].engine.late(request.id(), List.of(n[1].self.publicKey()), network.now);
        n[0].act();
        assertThat(states(n[0])).containsEntry(n[1].self.publicKey(), SignerState.LATE);
        assertThat(n[0].seen(CoordinatorEvent.SignerLate.class).getFirst().signer())
                .isEqualTo(n[1].self.publicKey());
    }

    private Map<PublicKey, SignerState> states(Node node) {
        Map<PublicKey, SignerState> states = new HashMap<>();
        node.engine
                .requests(network.now)
                .getFirst()
                .signers()
                .forEach(signer -> states.put(signer.key(), signer.state()));
        return states;
    }

    @Test
    void aSignerThatMovesToAnotherPeerIsInTheGroupThroughThatOne() throws Exception {
        Node[] n = three();
        n[2].policy = _ -> new Judgement.AskPerson(messages(), Hold.NONE, List.of());
        Invitation request = announced(n[0]);
        network.settle();
        Statement first = n[2].self.signer.join(request, network.now.toEpochMilli());
        Crafted moved = new Crafted();
        Statement second =
                new StatementSigner(
                                moved.identity, n[2].self.key, Crafted.NETWORK, new SecureRandom())
                        .join(request, network.now.toEpochMilli() + 1);
        for (List<Statement> order : List.of(List.of(first, second), List.of(second, first))) {
            var _ =
                    n[0].engine.delivered(
                            n[1].peer,
                            Channel.DIRECT,
                            request.id(),
                            Optional.empty(),
                            Bytes.EMPTY,
                            order,
                            Optional.empty(),
                            network.now);
            n[0].act();
        }
        EngineOutput.FormGroup last =
                n[0].outputs.stream()
                        .filter(EngineOutput.FormGroup.class::isInstance)
                        .map(EngineOutput.FormGroup.class::cast)
                        .toList()
                        .getLast();
        assertThat(last.peers())
                .containsEntry(n[2].self.publicKey(), moved.identity.publicKey().peerId());
    }

    @Test
    void whateverHappensOnTheWayAllSignInTheEnd() throws Exception {
        int finished = 0;
        RequestLimits impatient =
                new RequestLimits(
                        8,
                        8,
                        1 << 20,
                        64,
                        8,
                        8,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(4),
                        Duration.ofMinutes(5),
                        64,
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(5));
        for (int seed = 0; seed < 30; seed++) {
            EngineNetwork world = new EngineNetwork(seed);
            int size = 2 + world.random.nextInt(5);
            for (int i = 0; i < size; i++) {
                var _ = world.add(impatient);
            }
            world.connectAll();
            List<PublicKey> keys = world.nodes.stream().map(n -> n.self.publicKey()).toList();
            InvitationDraft draft =
                    world.nodes
                            .getFirst()
                            .self
                            .draft(keys.subList(1, size).toArray(PublicKey[]::new));
            Invitation request = world.nodes.getFirst().announce(draft);
            for (int i = 0; i < 60; i++) {
                Node one = world.nodes.get(world.random.nextInt(size));
                Node other = world.nodes.get(world.random.nextInt(size));
                switch (world.random.nextInt(6)) {
                    case 0 -> one.restart();
                    case 1 -> one.stop();
                    case 2 -> world.disconnect(one, other);
                    case 3 -> {
                        if (one != other) {
                            world.connect(one, other);
                        }
                    }
                    default -> {
                        for (int step = 0; step < 5; step++) {
                            var _ = world.step();
                        }
                    }
                }
            }
            for (Node node : world.nodes) {
                if (!node.up) {
                    node.restart();
                }
            }
            world.connectAll();
            world.pass(Duration.ofSeconds(20));
            for (Node node : world.nodes) {
                assertThat(node.has(CoordinatorEvent.Finalized.class))
                        .as("seed %d, %s of %d, %s", seed, node, size, request)
                        .isTrue();
                finished++;
            }
        }
        assertThat(finished).isGreaterThan(90);
    }
}
