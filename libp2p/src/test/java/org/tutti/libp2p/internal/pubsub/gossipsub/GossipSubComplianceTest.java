package org.tutti.libp2p.internal.pubsub.gossipsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.Control;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.MeshDegree;
import org.tutti.libp2p.pubsub.gossipsub.parameters.ScoreParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.TopicScoreParameters;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// The rules of GossipSub v1.0, v1.1 and v1.2, each by scripted peers: the section that says so is
/// in the name of the class, the rule in the name of the test. One responsibility: which rules of
/// the specs hold, in their order.
class GossipSubComplianceTest {
    private static final GossipSubParameters DEFAULTS = GossipSubParameters.largeNetwork();

    /// So that what is sent goes to the mesh alone.
    private static final GossipSubParameters NO_FLOOD = DEFAULTS.with(p -> p.floodPublish = false);

    private static GossipSubParameters degree(int target, int low, int high, int out) {
        return DEFAULTS.with(p -> {
            p.degree = new MeshDegree(target, low, high, Math.min(4, target), out, 6);
            p.floodPublish = false;
        });
    }

    private static Bytes[] madeUp(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Router.text("made up " + i))
                .toArray(Bytes[]::new);
    }

    @Nested
    class V10TopicMembership {
        @Test
        void aStreamBeginsWithOurSubscriptions() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.connect(1);
            assertThat(router.sentTo(alice).getFirst().subscriptions())
                    .containsExactly(new SubscriptionChange(true, Router.TOPIC));
        }

        @Test
        void subscribingIsToldToAllAndGraftsUpToD() {
            Router router = new Router(DEFAULTS);
            List<PeerId> peers = router.join(1, 20);
            router.forgetSent();
            router.perform(router.engine.subscribe(Router.TOPIC, router.now));
            assertThat(peers)
                    .allSatisfy(peer ->
                            assertThat(router.sentTo(peer).getFirst().subscriptions()).hasSize(1));
            assertThat(router.mesh()).hasSize(6);
            assertThat(peers.stream().filter(p -> !router.graftsTo(p).isEmpty()))
                    .containsExactlyInAnyOrderElementsOf(router.mesh());
        }

        @Test
        void subscribingTakesPeersOfTheFanoutFirst() {
            Router router = new Router(NO_FLOOD);
            router.join(1, 30);
            router.publish(10);
            Set<PeerId> fanout = Set.copyOf(router.engine.fanout(Router.TOPIC));
            assertThat(fanout).hasSize(6);
            router.perform(router.engine.subscribe(Router.TOPIC, router.now));
            assertThat(Set.copyOf(router.mesh())).isEqualTo(fanout);
            assertThat(router.engine.fanout(Router.TOPIC)).isEmpty();
        }

        @Test
        void unsubscribingIsToldToAllAndPrunesTheMesh() {
            Router router = Router.subscribed(DEFAULTS);
            List<PeerId> peers = router.join(1, 10);
            Set<PeerId> mesh = Set.copyOf(router.mesh());
            router.forgetSent();
            router.perform(router.engine.unsubscribe(Router.TOPIC, router.now));
            for (PeerId peer : peers) {
                assertThat(router.sentTo(peer).getFirst().subscriptions())
                        .containsExactly(new SubscriptionChange(false, Router.TOPIC));
                assertThat(router.prunesTo(peer)).hasSize(mesh.contains(peer) ? 1 : 0);
            }
            assertThat(router.mesh()).isEmpty();
        }
    }

    @Nested
    class V10ControlMessages {
        @Test
        void aGraftAddsThePeerToTheMesh() {
            Router router = Router.subscribed(DEFAULTS);
            router.join(1, 5);
            PeerId alice = router.join(6);
            assertThat(router.mesh()).hasSize(5).doesNotContain(alice);
            router.graft(alice, Router.TOPIC);
            assertThat(router.mesh()).contains(alice);
            assertThat(router.prunesTo(alice)).isEmpty();
        }

        @Test
        void aPruneTakesThePeerFromTheMesh() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            assertThat(router.mesh()).containsExactly(alice);
            router.prune(alice, 60);
            assertThat(router.mesh()).isEmpty();
        }

        @Test
        void whatIsAdvertisedAndNotSeenIsAskedFor() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            Message known = router.deliver(alice);
            Bytes unknown = Router.text("unknown");
            router.ihave(bob, Router.id(known), unknown);
            assertThat(router.iwantsTo(bob)).containsExactly(unknown);
        }

        @Test
        void gossipOfATopicThatWeAreNotSubscribedToIsIgnored() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.receive(
                    alice,
                    Rpc.ihave(List.of(new Control.Ihave("other", List.of(Router.text("x"))))));
            assertThat(router.iwantsTo(alice)).isEmpty();
        }

        @Test
        void whatIsAskedForAndKeptIsSent() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.connect(2);
            Message message = router.deliver(alice);
            router.iwant(bob, Router.id(message), Router.text("unknown"));
            assertThat(router.messagesTo(bob)).containsExactly(message);
        }

        @Test
        void whatIsOlderThanTheHistoryIsNotSent() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            Message message = router.deliver(alice);
            router.heartbeats(4);
            router.iwant(alice, Router.id(message));
            assertThat(router.messagesTo(alice)).containsExactly(message);
            router.heartbeat();
            router.forgetSent();
            router.iwant(alice, Router.id(message));
            assertThat(router.messagesTo(alice)).isEmpty();
        }
    }

    @Nested
    class V10MessageProcessing {
        @Test
        void aMessageGoesToTheMeshButNotBackNorToItsAuthor() {
            Router router = Router.subscribed(NO_FLOOD);
            List<PeerId> peers = router.join(1, 4);
            Message message = router.message(peers.get(1), 10);
            router.deliver(peers.get(0), message);
            assertThat(router.delivered).containsExactly(message);
            assertThat(router.messagesTo(peers.get(0))).isEmpty();
            assertThat(router.messagesTo(peers.get(1))).isEmpty();
            assertThat(router.messagesTo(peers.get(2))).containsExactly(message);
            assertThat(router.messagesTo(peers.get(3))).containsExactly(message);
        }

        @Test
        void aMessageThatWasSeenIsNeitherDeliveredNorForwardedAgain() {
            Router router = Router.subscribed(DEFAULTS);
            List<PeerId> peers = router.join(1, 4);
            Message message = router.message(Router.peer(50), 10);
            router.deliver(peers.get(0), message);
            router.forgetSent();
            router.deliver(peers.get(1), message);
            assertThat(router.delivered).hasSize(1);
            assertThat(router.sent).isEmpty();
        }

        @Test
        void aMessageIsSeenForTwoMinutes() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            Message message = router.deliver(alice);
            router.heartbeats(119);
            router.deliver(alice, message);
            assertThat(router.delivered).hasSize(1);
            router.heartbeat();
            router.deliver(alice, message);
            assertThat(router.delivered).hasSize(2);
        }

        @Test
        void aMessageOfATopicThatWeAreNotSubscribedToIsIgnored() {
            Router router = new Router(DEFAULTS);
            PeerId alice = router.join(1);
            router.deliver(alice);
            assertThat(router.delivered).isEmpty();
            assertThat(router.penalties).isEmpty();
        }

        @Test
        void ourOwnMessageFromBeforeWeStartedAnewIsIgnored() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.deliver(alice, router.message(Router.SELF, 10));
            assertThat(router.delivered).isEmpty();
            assertThat(router.engine.score(alice)).isZero();
        }
    }

    @Nested
    class V10Heartbeat {
        @Test
        void aMeshBelowDLowIsFilledUpToD() {
            Router router = Router.subscribed(degree(6, 5, 12, 0));
            List<PeerId> first = router.join(1, 10);
            // Those that pruned us must not be grafted.
            for (PeerId peer : List.copyOf(router.mesh())) {
                router.prune(peer, 60);
            }
            assertThat(router.mesh()).isEmpty();
            router.heartbeat();
            assertThat(router.mesh()).hasSize(5).isSubsetOf(first);
            router.join(11, 11);
            assertThat(router.mesh()).hasSize(5);
            router.unsubscribe(router.mesh().getFirst(), Router.TOPIC);
            router.heartbeat();
            assertThat(router.mesh()).hasSize(5).contains(Router.peer(11));
        }

        @Test
        void aMeshAboveDHighIsPrunedToD() {
            Router router = Router.subscribed(degree(6, 5, 12, 0));
            for (int i = 1; i <= 13; i++) {
                // Connections that we dialled are taken above D_high.
                PeerId peer = router.connect(i, true, "/meshsub/1.2.0");
                router.subscribe(peer, Router.TOPIC);
                router.graft(peer, Router.TOPIC);
            }
            assertThat(router.mesh()).hasSize(13);
            router.heartbeat();
            assertThat(router.mesh()).hasSize(6);
            assertThat(
                            IntStream.rangeClosed(1, 13)
                                    .mapToObj(Router::peer)
                                    .filter(p -> !router.prunesTo(p).isEmpty()))
                    .hasSize(7)
                    .doesNotContainAnyElementsOf(router.mesh());
        }

        @Test
        void gossipGoesToPeersOutsideOfTheMeshForThreeHeartbeats() {
            Router router = Router.subscribed(NO_FLOOD);
            router.join(1, 5);
            PeerId outside = router.join(6);
            Message message = router.deliver(Router.peer(1));
            for (int i = 0; i < 3; i++) {
                router.heartbeat();
                assertThat(router.ihavesTo(outside)).containsExactly(Router.id(message));
                assertThat(router.mesh()).allSatisfy(p -> assertThat(router.ihavesTo(p)).isEmpty());
                router.forgetSent();
            }
            router.heartbeat();
            assertThat(router.ihavesTo(outside)).isEmpty();
        }

        @Test
        void aFanoutIsForgottenAfterAMinuteWithoutMessages() {
            Router router = new Router(NO_FLOOD);
            router.join(1, 10);
            router.publish(10);
            router.heartbeats(60);
            assertThat(router.engine.fanout(Router.TOPIC)).hasSize(6);
            router.heartbeat();
            assertThat(router.engine.fanout(Router.TOPIC)).isEmpty();
        }

        @Test
        void aFanoutIsFilledUpAgain() {
            Router router = new Router(NO_FLOOD);
            router.join(1, 10);
            router.publish(10);
            PeerId gone = router.engine.fanout(Router.TOPIC).iterator().next();
            router.perform(router.engine.disconnected(gone, router.now));
            assertThat(router.engine.fanout(Router.TOPIC)).hasSize(5);
            router.heartbeat();
            assertThat(router.engine.fanout(Router.TOPIC)).hasSize(6).doesNotContain(gone);
        }
    }

    @Nested
    class V10FloodSubPeers {
        @Test
        void aPeerThatSpeaksFloodSubGetsEverythingAndIsInNoMesh() {
            Router router = Router.subscribed(NO_FLOOD);
            PeerId flood = router.connect(1, false, "/floodsub/1.0.0");
            router.subscribe(flood, Router.TOPIC);
            PeerId alice = router.join(2);
            assertThat(router.mesh()).containsExactly(alice);
            Message first = router.deliver(alice);
            Message second = router.publish(10);
            router.heartbeat();
            assertThat(router.messagesTo(flood)).containsExactly(first, second);
            assertThat(router.sentTo(flood))
                    .allSatisfy(rpc -> assertThat(rpc.control().isEmpty()).isTrue());
        }
    }

    @Nested
    class V11ExplicitPeeringAgreements {
        private final PeerId friend = Router.peer(100);
        private final Router router =
                Router.subscribed(NO_FLOOD.with(p -> p.explicitPeers = Set.of(friend)));

        @Test
        void explicitPeersAreConnectedAtTheStartAndAgainEveryFiveMinutes() {
            router.heartbeat();
            assertThat(router.dials).extracting(d -> d.peer()).containsExactly(friend);
            router.heartbeats(299);
            assertThat(router.dials).hasSize(1);
            router.heartbeat();
            assertThat(router.dials).hasSize(2);
        }

        @Test
        void everyMessageGoesToExplicitPeersOutsideOfTheMesh() {
            router.join(100);
            PeerId alice = router.join(1);
            assertThat(router.mesh()).containsExactly(alice);
            Message first = router.deliver(alice);
            Message second = router.publish(10);
            assertThat(router.messagesTo(friend)).containsExactly(first, second);
        }

        @Test
        void aGraftOfAnExplicitPeerIsAnsweredByAPrune() {
            router.join(100);
            router.graft(friend, Router.TOPIC);
            assertThat(router.mesh()).isEmpty();
            assertThat(router.prunesTo(friend)).hasSize(1);
        }

        @Test
        void whatExplicitPeersSayIsAlwaysTaken() {
            router.join(100);
            router.application.put(friend, -1000.0);
            router.deliver(friend);
            assertThat(router.delivered).hasSize(1);
        }
    }

    @Nested
    class V11PruneBackoff {
        @ParameterizedTest
        @CsvSource({"30, 30", "60, 60", "0, 60"})
        void aPeerThatPrunedUsIsNotGraftedBeforeItsBackoffIsOver(long said, int seconds) {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.prune(alice, said);
            router.forgetSent();
            // "plus some slack".
            router.heartbeats(seconds + GossipSubEngine.BACKOFF_SLACK - 1);
            assertThat(router.mesh()).isEmpty();
            router.heartbeat();
            assertThat(router.mesh()).containsExactly(alice);
            assertThat(router.graftsTo(alice)).hasSize(1);
        }

        @Test
        void aPruneTellsItsBackoffInSeconds() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, -1.0);
            router.heartbeat();
            assertThat(router.prunesTo(alice))
                    .containsExactly(new Control.Prune(Router.TOPIC, List.of(), 60));
        }

        @Test
        void unsubscribingAsksForTenSeconds() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.perform(router.engine.unsubscribe(Router.TOPIC, router.now));
            assertThat(router.prunesTo(alice))
                    .containsExactly(new Control.Prune(Router.TOPIC, List.of(), 10));
            // And we do not graft before it is over.
            router.perform(router.engine.subscribe(Router.TOPIC, router.now));
            assertThat(router.mesh()).isEmpty();
            router.heartbeats(12);
            assertThat(router.mesh()).containsExactly(alice);
        }

        @Test
        void aPeerOfV10IsPrunedWithoutABackoff() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.connect(1, false, "/meshsub/1.0.0");
            router.subscribe(alice, Router.TOPIC);
            router.perform(router.engine.unsubscribe(Router.TOPIC, router.now));
            assertThat(router.prunesTo(alice))
                    .containsExactly(new Control.Prune(Router.TOPIC, List.of(), 0));
        }

        @Test
        void aGraftWithinTheBackoffIsPrunedExtendedAndPenalized() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, -1.0);
            router.heartbeat();
            router.application.remove(alice);
            router.forgetSent();
            router.advance(Duration.ofSeconds(55));
            router.graft(alice, Router.TOPIC);
            assertThat(router.mesh()).isEmpty();
            assertThat(router.prunesTo(alice)).hasSize(1);
            // One point is within the threshold; the next is not.
            assertThat(router.engine.score(alice)).isZero();
            router.advance(Duration.ofSeconds(55));
            router.graft(alice, Router.TOPIC);
            assertThat(router.mesh()).as("the backoff was extended").isEmpty();
            assertThat(router.engine.score(alice)).isEqualTo(-10);
        }

        @Test
        void aGraftRightAfterAPruneIsPenalizedTwice() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, -1.0);
            router.heartbeat();
            router.application.remove(alice);
            router.graft(alice, Router.TOPIC);
            assertThat(router.engine.score(alice)).isEqualTo(-10);
        }
    }

    @Nested
    class V11PeerExchange {
        private final GossipSubParameters exchanging =
                degree(6, 5, 12, 0).with(p -> p.peerExchange = true);

        @Test
        void aPruneForOversubscriptionNamesOtherPeersWithTheirRecords() {
            Router router = Router.subscribed(exchanging);
            for (int i = 1; i <= 13; i++) {
                PeerId peer = router.connect(i, true, "/meshsub/1.1.0");
                router.subscribe(peer, Router.TOPIC);
                router.graft(peer, Router.TOPIC);
            }
            router.heartbeat();
            PeerId pruned =
                    IntStream.rangeClosed(1, 13)
                            .mapToObj(Router::peer)
                            .filter(p -> !router.mesh().contains(p))
                            .findFirst()
                            .orElseThrow();
            Control.Prune prune = router.prunesTo(pruned).getFirst();
            assertThat(prune.peers())
                    .hasSize(12)
                    .allSatisfy(named -> {
                        assertThat(named.peerId()).isNotEqualTo(pruned.multihash());
                        assertThat(named.signedRecord()).isNotNull();
                    });
        }

        @Test
        void peersWithANegativeScoreAreNeitherToldOfOthersNorNamed() {
            Router router = Router.subscribed(exchanging);
            router.join(1, 12).forEach(p -> router.graft(p, Router.TOPIC));
            PeerId bad = router.join(20);
            router.application.put(bad, -1.0);
            PeerId good = router.join(21);
            router.forgetSent();
            router.graft(bad, Router.TOPIC);
            router.graft(good, Router.TOPIC);
            assertThat(router.prunesTo(bad).getFirst().peers()).isEmpty();
            assertThat(router.prunesTo(good).getFirst().peers())
                    .hasSize(12)
                    .extracting(Control.ExchangedPeer::peerId)
                    .doesNotContain(bad.multihash());
        }

        @Test
        void onlyAPeerAboveTheThresholdMayNameOthers() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            Control.ExchangedPeer named =
                    new Control.ExchangedPeer(Router.peer(50).multihash(), Router.text("record"));
            router.prune(alice, 1, named);
            assertThat(router.dials).isEmpty();
            router.application.put(alice, 10.0);
            router.prune(alice, 1, named);
            assertThat(router.dials).extracting(d -> d.peer()).containsExactly(Router.peer(50));
        }

        @Test
        void noMoreThanSixteenAreDialledAndNoneThatIsConnectedOrNoPeer() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, 10.0);
            router.prune(
                    alice,
                    1,
                    IntStream.range(0, 60)
                            .mapToObj(i ->
                                    new Control.ExchangedPeer(
                                            i == 0
                                                    ? Router.SELF.multihash()
                                                    : i == 1
                                                            ? Router.text("nobody")
                                                            : Router.peer(i - 1).multihash(),
                                            null))
                            .toArray(Control.ExchangedPeer[]::new));
            assertThat(router.dials).hasSize(16);
            assertThat(router.dials).extracting(d -> d.peer()).doesNotContain(Router.SELF, alice);
        }
    }

    @Nested
    class V11FloodPublishing {
        @Test
        void ownMessagesGoToAllPeersOfTheTopicAboveTheThreshold() {
            Router router = Router.subscribed(DEFAULTS);
            List<PeerId> peers = router.join(1, 20);
            router.application.put(peers.get(0), -51.0);
            Message message = router.publish(10);
            assertThat(router.messagesTo(peers.get(0))).isEmpty();
            assertThat(peers.subList(1, 20))
                    .allSatisfy(p -> assertThat(router.messagesTo(p)).containsExactly(message));
        }

        @Test
        void messagesOfOthersGoToTheMeshAlone() {
            Router router = Router.subscribed(DEFAULTS);
            List<PeerId> peers = router.join(1, 20);
            Message message = router.deliver(peers.get(0));
            assertThat(peers.stream().filter(p -> router.messagesTo(p).contains(message)))
                    .isSubsetOf(router.mesh());
        }

        @Test
        void aPublisherThatIsNotSubscribedNeedsNoFanout() {
            Router router = new Router(DEFAULTS);
            List<PeerId> peers = router.join(1, 20);
            Message message = router.publish(10);
            assertThat(peers)
                    .allSatisfy(p -> assertThat(router.messagesTo(p)).containsExactly(message));
            assertThat(router.engine.fanout(Router.TOPIC)).isEmpty();
        }

        @Test
        void withoutItOwnMessagesGoToTheMeshAlone() {
            Router router = Router.subscribed(degree(6, 5, 12, 0));
            List<PeerId> peers = router.join(1, 20);
            router.heartbeat();
            router.graft(
                    peers.stream()
                            .filter(p -> !router.mesh().contains(p))
                            .findFirst()
                            .orElseThrow(),
                    Router.TOPIC);
            Message message = router.publish(10);
            assertThat(peers.stream().filter(p -> router.messagesTo(p).contains(message)))
                    .containsExactlyInAnyOrderElementsOf(router.mesh());
        }
    }

    @Nested
    class V11AdaptiveGossip {
        @ParameterizedTest
        @CsvSource({"3, 3", "12, 6", "24, 6", "40, 10", "80, 20"})
        void gossipGoesToAQuarterAndToDLazyAtLeast(int outside, int expected) {
            Router router = Router.subscribed(degree(0, 0, 12, 0));
            List<PeerId> peers = router.join(1, outside);
            router.publish(10);
            router.forgetSent();
            router.heartbeat();
            assertThat(peers.stream().filter(p -> !router.ihavesTo(p).isEmpty())).hasSize(expected);
        }

        @Test
        void peersBelowTheGossipThresholdNeitherGetGossipNorAreAsked() {
            Router router = Router.subscribed(degree(0, 0, 12, 0));
            PeerId alice = router.join(1);
            router.application.put(alice, -11.0);
            Message message = router.publish(10);
            router.heartbeat();
            router.ihave(alice, Router.text("unknown"));
            router.iwant(alice, Router.id(message));
            assertThat(router.ihavesTo(alice)).isEmpty();
            assertThat(router.iwantsTo(alice)).isEmpty();
            assertThat(router.messagesTo(alice)).isEmpty();
            router.application.put(alice, -10.0);
            router.heartbeat();
            router.ihave(alice, Router.text("unknown"));
            assertThat(router.ihavesTo(alice)).hasSize(1);
            assertThat(router.iwantsTo(alice)).hasSize(1);
        }
    }

    @Nested
    class V11OutboundMeshQuotas {
        @Test
        void aGraftAtDHighIsTakenFromAConnectionThatWeDialledAlone() {
            Router router = Router.subscribed(DEFAULTS);
            router.join(1, 12).forEach(p -> router.graft(p, Router.TOPIC));
            assertThat(router.mesh()).hasSize(12);
            PeerId inbound = router.join(20);
            router.graft(inbound, Router.TOPIC);
            assertThat(router.mesh()).doesNotContain(inbound);
            assertThat(router.prunesTo(inbound)).hasSize(1);
            PeerId outbound = router.connect(21, true, "/meshsub/1.2.0");
            router.subscribe(outbound, Router.TOPIC);
            router.graft(outbound, Router.TOPIC);
            assertThat(router.mesh()).contains(outbound);
        }

        @Test
        void aMeshWithTooFewOutboundConnectionsGraftsMore() {
            Router router = Router.subscribed(DEFAULTS);
            router.join(1, 6).forEach(p -> router.graft(p, Router.TOPIC));
            for (int i = 21; i <= 25; i++) {
                router.subscribe(router.connect(i, true, "/meshsub/1.2.0"), Router.TOPIC);
            }
            router.heartbeat();
            assertThat(router.mesh()).hasSize(8);
        }

        @Test
        void aMeshThatIsPrunedKeepsDOutOutboundConnections() {
            for (int seed = 0; seed < 5; seed++) {
                Router router = Router.subscribed(DEFAULTS);
                router.heartbeats(seed);
                router.join(1, 12).forEach(p -> router.graft(p, Router.TOPIC));
                for (int i = 21; i <= 22; i++) {
                    PeerId peer = router.connect(i, true, "/meshsub/1.2.0");
                    router.subscribe(peer, Router.TOPIC);
                    router.graft(peer, Router.TOPIC);
                }
                assertThat(router.mesh()).hasSize(14);
                router.heartbeat();
                assertThat(router.mesh()).hasSize(6).contains(Router.peer(21), Router.peer(22));
            }
        }

        @ParameterizedTest
        @CsvSource({"6, 5, 5", "6, 2, 2", "6, 5, 4", "4, 3, 3"})
        void dOutIsBelowDLowAndAtMostHalfOfD(int target, int low, int out) {
            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(
                                    () -> new MeshDegree(target, low, 12, 4, out, 6)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class V11ScoreThresholds {
        @Test
        void belowZeroAPeerIsPrunedWithoutPeerExchangeAndNotGrafted() {
            Router router = Router.subscribed(DEFAULTS.with(p -> p.peerExchange = true));
            List<PeerId> peers = router.join(1, 4);
            router.application.put(peers.get(0), -0.5);
            router.heartbeat();
            assertThat(router.mesh()).hasSize(3).doesNotContain(peers.get(0));
            assertThat(router.prunesTo(peers.get(0)).getFirst().peers()).isEmpty();
            router.graft(peers.get(0), Router.TOPIC);
            assertThat(router.mesh()).doesNotContain(peers.get(0));
        }

        @Test
        void belowTheGraylistThresholdRpcsAreIgnored() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, -81.0);
            router.deliver(alice);
            assertThat(router.delivered).isEmpty();
            router.application.put(alice, -80.0);
            router.deliver(alice);
            assertThat(router.delivered).hasSize(1);
        }

        @Test
        void theBestPeersStayInAMeshThatIsPruned() {
            Router router = Router.subscribed(degree(6, 5, 12, 0));
            for (int i = 1; i <= 13; i++) {
                PeerId peer = router.connect(i, true, "/meshsub/1.2.0");
                router.subscribe(peer, Router.TOPIC);
                router.graft(peer, Router.TOPIC);
                router.application.put(peer, (double) i);
            }
            router.heartbeat();
            assertThat(router.mesh())
                    .contains(Router.peer(13), Router.peer(12), Router.peer(11), Router.peer(10));
        }

        @Test
        void aMeshOfPoorPeersGraftsBetterOnesEveryMinute() {
            Router router = Router.subscribed(DEFAULTS);
            router.join(1, 6).forEach(p -> router.graft(p, Router.TOPIC));
            for (int i = 20; i <= 25; i++) {
                router.application.put(router.join(i), 5.0);
            }
            router.heartbeats(59);
            assertThat(router.mesh()).hasSize(6);
            // Time in the mesh has given those in it some score; not as much as the threshold.
            router.heartbeat();
            assertThat(router.mesh()).hasSize(8);
        }
    }

    @Nested
    class V11ScoreFunction {
        private GossipSubParameters topic(TopicScoreParameters parameters) {
            return DEFAULTS.with(
                    p -> p.score = ScoreParameters.defaults().withTopic(Router.TOPIC, parameters));
        }

        private TopicScoreParameters.Counter none() {
            return new TopicScoreParameters.Counter(0, 0.5, 0);
        }

        private TopicScoreParameters.TimeInMesh noTime() {
            return new TopicScoreParameters.TimeInMesh(0, Duration.ofSeconds(1), 0);
        }

        private TopicScoreParameters.Penalty noPenalty() {
            return new TopicScoreParameters.Penalty(0, 0.5);
        }

        @Test
        void p1IsTheTimeInTheMeshUpToACap() {
            Router router =
                    Router.subscribed(
                            topic(
                                    new TopicScoreParameters(
                                            0.5,
                                            new TopicScoreParameters.TimeInMesh(
                                                    2, Duration.ofSeconds(1), 10),
                                            none(),
                                            TopicScoreParameters.MeshDeliveries.off(),
                                            noPenalty(),
                                            noPenalty())));
            PeerId alice = router.join(1);
            router.heartbeats(6);
            // The first decay is one interval after the first heartbeat.
            assertThat(router.engine.score(alice)).isCloseTo(6, within(1e-9));
            router.heartbeats(10);
            assertThat(router.engine.score(alice)).isEqualTo(10);
            router.unsubscribe(alice, Router.TOPIC);
            assertThat(router.engine.score(alice)).isZero();
        }

        @Test
        void p2CountsFirstDeliveriesUpToACapAndDecays() {
            Router router =
                    Router.subscribed(
                            topic(
                                    new TopicScoreParameters(
                                            1,
                                            noTime(),
                                            new TopicScoreParameters.Counter(3, 0.5, 4),
                                            TopicScoreParameters.MeshDeliveries.off(),
                                            noPenalty(),
                                            noPenalty())));
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            for (int i = 0; i < 6; i++) {
                Message message = router.deliver(alice);
                router.deliver(bob, message);
            }
            assertThat(router.engine.score(alice)).isEqualTo(12);
            assertThat(router.engine.score(bob)).isZero();
            router.heartbeats(2);
            assertThat(router.engine.score(alice)).isEqualTo(6);
        }

        private TopicScoreParameters deliveries(double failures) {
            return new TopicScoreParameters(
                    1,
                    noTime(),
                    none(),
                    new TopicScoreParameters.MeshDeliveries(
                            -1, 0.9, 10, 4, Duration.ofSeconds(5), Duration.ofMillis(10)),
                    new TopicScoreParameters.Penalty(failures, 0.5),
                    noPenalty());
        }

        @Test
        void p3IsTheSquareOfTheDeficitOnceItIsActive() {
            Router router = Router.subscribed(topic(deliveries(0)));
            PeerId alice = router.join(1);
            // So that it stays in the mesh.
            router.application.put(alice, 100.0);
            router.heartbeats(5);
            assertThat(router.engine.score(alice)).isEqualTo(100);
            router.heartbeat();
            assertThat(router.engine.score(alice)).isEqualTo(100 - 16);
        }

        @Test
        void p3CountsDuplicatesWithinTheWindowAlone() {
            Router router = Router.subscribed(topic(deliveries(0)));
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            PeerId carol = router.join(3);
            List.of(alice, bob, carol).forEach(p -> router.application.put(p, 100.0));
            router.heartbeats(6);
            Message message = router.deliver(alice);
            router.advance(Duration.ofMillis(10));
            router.deliver(bob, message);
            router.deliver(bob, message);
            router.advance(Duration.ofMillis(1));
            router.deliver(carol, message);
            assertThat(router.engine.score(alice)).isEqualTo(100 - 9);
            assertThat(router.engine.score(bob)).as("counted once").isEqualTo(100 - 9);
            assertThat(router.engine.score(carol)).as("too late").isEqualTo(100 - 16);
        }

        @Test
        void p3bKeepsTheDeficitOfAPeerThatIsPruned() {
            Router router = Router.subscribed(topic(deliveries(-1)));
            PeerId alice = router.join(1);
            router.heartbeats(6);
            router.prune(alice, 60);
            assertThat(router.engine.score(alice)).isEqualTo(-16);
            router.heartbeat();
            assertThat(router.engine.score(alice)).isEqualTo(-8);
        }

        @Test
        void p4IsTheSquareOfInvalidMessages() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.validation = ValidationResult.REJECT;
            router.deliver(alice);
            assertThat(router.engine.score(alice)).isEqualTo(-20);
            router.deliver(alice);
            assertThat(router.engine.score(alice)).isEqualTo(-80);
        }

        @Test
        void p5IsTheApplicationsScore() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.application.put(alice, 4.5);
            assertThat(router.engine.score(alice)).isEqualTo(4.5);
        }

        @Test
        void p6IsTheSquareOfPeersAboveTheThresholdAtOneAddress() {
            Router router = Router.subscribed(DEFAULTS);
            for (int i = 1; i <= 12; i++) {
                router.perform(router.engine.connected(Router.peer(i), false, "192.0.2.7", 0));
            }
            assertThat(router.engine.score(Router.peer(1))).isEqualTo(-20);
            router.perform(router.engine.disconnected(Router.peer(12), 0));
            router.perform(router.engine.disconnected(Router.peer(11), 0));
            assertThat(router.engine.score(Router.peer(1))).isZero();
        }

        @Test
        void p6ExemptsAddressesThatWereConfigured() {
            Router router =
                    Router.subscribed(
                            GossipSubParameters.group(List.of(Router.peer(50)), Set.of("192.0.2.7"))
                                    .with(p -> p.degree = MeshDegree.defaults()));
            for (int i = 1; i <= 15; i++) {
                router.perform(router.engine.connected(Router.peer(i), false, "192.0.2.7", 0));
            }
            assertThat(router.engine.score(Router.peer(1))).isZero();
        }

        @Test
        void p7IsAppliedToAPeerThatDoesNotSendWhatItAdvertised() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            for (int i = 0; i < 4; i++) {
                router.ihave(alice, Router.text("never " + i));
            }
            router.heartbeats(3);
            assertThat(router.engine.score(alice)).isNotNegative();
            router.heartbeat();
            // (4 - 1)² times -10, and a little for the time in the mesh.
            assertThat(router.engine.score(alice)).isLessThan(-80);
        }

        @Test
        void aPromiseIsKeptByWhoeverSendsTheMessage() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            for (int i = 0; i < 4; i++) {
                Message message = router.message(Router.peer(50), 10);
                router.ihave(alice, Router.id(message));
                router.deliver(bob, message);
            }
            router.heartbeats(5);
            assertThat(router.engine.score(alice)).isNotNegative();
        }

        @Test
        void aNegativeScoreIsRetainedWhenAPeerLeavesAndAPositiveOneIsNot() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId good = router.join(1);
            PeerId bad = router.join(2);
            router.deliver(good);
            router.validation = ValidationResult.REJECT;
            router.deliver(bad);
            assertThat(router.engine.score(good)).isPositive();
            router.perform(router.engine.disconnected(good, router.now));
            router.perform(router.engine.disconnected(bad, router.now));
            assertThat(router.engine.score(good)).isZero();
            router.heartbeats(100);
            assertThat(router.engine.score(bad)).as("does not decay").isEqualTo(-20);
            router.join(2);
            assertThat(router.engine.score(bad)).isEqualTo(-20);
        }

        @Test
        void aRetainedScoreIsForgottenAfterAnHour() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId bad = router.join(1);
            router.validation = ValidationResult.REJECT;
            router.deliver(bad);
            router.perform(router.engine.disconnected(bad, router.now));
            router.heartbeat();
            router.advance(Duration.ofHours(1));
            router.heartbeat();
            assertThat(router.engine.score(bad)).isZero();
        }

        @Test
        void topicsTogetherGiveNoMoreThanTheCap() {
            Router router =
                    Router.subscribed(
                            topic(
                                    new TopicScoreParameters(
                                            100,
                                            noTime(),
                                            new TopicScoreParameters.Counter(100, 0.9, 100),
                                            TopicScoreParameters.MeshDeliveries.off(),
                                            noPenalty(),
                                            noPenalty())));
            PeerId alice = router.join(1);
            router.deliver(alice);
            assertThat(router.engine.score(alice)).isEqualTo(100);
        }
    }

    @Nested
    class V11ExtendedValidators {
        @Test
        void anIgnoredMessageIsNeitherDeliveredNorForwardedNorPenalized() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            router.validation = ValidationResult.IGNORE;
            router.deliver(alice);
            assertThat(router.delivered).isEmpty();
            assertThat(router.messagesTo(bob)).isEmpty();
            assertThat(router.engine.score(alice)).isZero();
            assertThat(router.penalties).isEmpty();
        }

        @Test
        void aRejectedMessageIsNeitherDeliveredNorForwardedAndIsPenalized() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            router.validation = ValidationResult.REJECT;
            router.deliver(alice);
            assertThat(router.delivered).isEmpty();
            assertThat(router.messagesTo(bob)).isEmpty();
            assertThat(router.engine.score(alice)).isNegative();
            assertThat(router.penalties).extracting(p -> p.peer()).containsExactly(alice);
        }

        @Test
        void aMessageWithAWrongSignatureIsPenalizedMostAndNotTakenForSeen() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId mallory = router.join(1);
            PeerId bob = router.join(2);
            Message message = router.message(Router.peer(50), 10);
            router.verification = Verification.FORGED;
            router.deliver(mallory, message);
            assertThat(router.penalties.getFirst().points()).isEqualTo(100);
            router.verification = Verification.GOOD;
            router.deliver(bob, message);
            assertThat(router.delivered).containsExactly(message);
        }
    }

    @Nested
    class V11SpamProtection {
        @Test
        void aGraftOfAnUnknownTopicIsIgnored() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.connect(1);
            router.forgetSent();
            router.graft(alice, "unknown");
            assertThat(router.sentTo(alice)).isEmpty();
            assertThat(router.engine.score(alice)).isZero();
        }

        @Test
        void aMessageIsSentThreeTimesToAPeerThatAsks() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.connect(2);
            Message message = router.deliver(alice);
            for (int i = 0; i < 10; i++) {
                router.iwant(bob, Router.id(message));
            }
            assertThat(router.messagesTo(bob)).hasSize(3);
        }

        @Test
        void tenAdvertisementsAreLookedAtInAHeartbeat() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            for (int i = 0; i < 20; i++) {
                router.ihave(alice, Router.text("made up " + i));
            }
            assertThat(router.iwantsTo(alice)).hasSize(10);
            router.heartbeat();
            router.ihave(alice, Router.text("one more"));
            assertThat(router.iwantsTo(alice)).hasSize(11);
        }

        @Test
        void fiveThousandIdsAreAskedForInAHeartbeat() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            router.ihave(alice, madeUp(4000));
            router.ihave(
                    alice,
                    IntStream.range(0, 4000)
                            .mapToObj(i -> Router.text("b" + i))
                            .toArray(Bytes[]::new));
            router.ihave(alice, Router.text("c"));
            assertThat(new HashSet<>(router.iwantsTo(alice))).hasSize(5000);
        }
    }

    @Nested
    class V12Idontwant {
        @Test
        void aLargeMessageIsAnnouncedAtOnceToMeshPeersOfV12() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            PeerId old = router.connect(3, false, "/meshsub/1.1.0");
            router.subscribe(old, Router.TOPIC);
            PeerId author = router.join(4);
            Message message = router.message(author, 1024);
            // Before the validators have said anything.
            router.validation = ValidationResult.IGNORE;
            router.deliver(alice, message);
            assertThat(router.idontwantsTo(bob)).containsExactly(Router.id(message));
            assertThat(router.idontwantsTo(old)).isEmpty();
            assertThat(router.idontwantsTo(alice)).isEmpty();
            assertThat(router.idontwantsTo(author)).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 10, 1023})
        void aSmallMessageIsNot(int length) {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            router.deliver(alice, router.message(Router.peer(50), length));
            assertThat(router.idontwantsTo(bob)).isEmpty();
            assertThat(router.messagesTo(bob)).hasSize(1);
        }

        @Test
        void aMessageWhoseSignatureIsWrongIsNotAnnounced() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            router.verification = Verification.FORGED;
            router.deliver(alice, router.message(Router.peer(50), 2000));
            assertThat(router.idontwantsTo(bob)).isEmpty();
        }

        @Test
        void aPeerDoesNotGetWhatItDoesNotWant() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            PeerId carol = router.join(3);
            Message message = router.message(Router.peer(50), 10);
            router.idontwant(bob, Router.id(message));
            router.deliver(alice, message);
            assertThat(router.messagesTo(bob)).isEmpty();
            assertThat(router.messagesTo(carol)).containsExactly(message);
        }

        @Test
        void whatAPeerDoesNotWantIsForgottenAfterThreeHeartbeats() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            Message message = router.message(Router.peer(50), 10);
            router.idontwant(bob, Router.id(message));
            router.heartbeats(3);
            router.deliver(alice, message);
            assertThat(router.messagesTo(bob)).containsExactly(message);
        }

        @Test
        void aMessageThatComesAllTheSameIsNotPenalized() {
            Router router = Router.subscribed(DEFAULTS);
            PeerId alice = router.join(1);
            PeerId bob = router.join(2);
            Message message = router.message(Router.peer(50), 2000);
            router.deliver(alice, message);
            router.deliver(bob, message);
            assertThat(router.engine.score(bob)).isZero();
        }
    }
}
