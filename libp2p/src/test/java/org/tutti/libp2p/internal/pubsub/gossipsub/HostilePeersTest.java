package org.tutti.libp2p.internal.pubsub.gossipsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.Control;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.RpcCodec;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.PubsubFormatException.Code;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Whatever a peer sends is bounded in memory, answered no more than it is worth, and scored.
class HostilePeersTest {
    private static final GossipSubParameters DEFAULTS = GossipSubParameters.largeNetwork();
    private static final RpcCodec CODEC =
            new RpcCodec(MessageIdFunction.authorAndSequenceNumber(), RpcCodec.MAX_MEMORY);

    private final Router router = Router.subscribed(DEFAULTS);
    private final PeerId mallory = router.join(1);
    private final PeerId bob = router.join(2);

    private static Bytes[] madeUp(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> Router.text(name + i)).toArray(Bytes[]::new);
    }

    @ParameterizedTest
    @ValueSource(longs = {3601, Long.MAX_VALUE, -1, Long.MAX_VALUE / 1_000_000_000L + 1, 1L << 63})
    void aPruneWithAnEnormousBackoffLastsAnHour(long seconds) {
        router.prune(mallory, seconds);
        router.heartbeats(3);
        router.advance(Duration.ofHours(1));
        router.heartbeat();
        assertThat(router.mesh()).contains(mallory);
    }

    @Test
    void aPruneWithAnEnormousBackoffKeepsThePeerOutUntilThen() {
        router.prune(mallory, -1);
        router.advance(Duration.ofMinutes(59));
        router.heartbeat();
        assertThat(router.mesh()).doesNotContain(mallory);
    }

    @Test
    void anRpcOfAHundredThousandTinyMessagesIsRefused() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            bytes.writeBytes(new byte[] {0x12, 3, 0x22, 1, 't'});
        }
        refused(bytes, Code.TOO_LARGE);
    }

    @Test
    void aListOfSubscriptionsOfFourMegabytesIsRefused() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() < 4 << 20) {
            bytes.writeBytes(new byte[] {0x0a, 5, 0x08, 1, 0x12, 1, 't'});
        }
        refused(bytes, Code.TOO_LARGE);
    }

    @Test
    void anRpcOfManyEmptyControlMessagesIsRefused() {
        for (int field = 1; field <= 4; field++) {
            if (field == 2) {
                continue;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < 200_000; i++) {
                bytes.writeBytes(new byte[] {0x1a, 2, (byte) (field << 3 | 2), 0});
            }
            refused(bytes, Code.TOO_LARGE);
        }
    }

    @Test
    void anRpcOfManyTinyIdsIsRefused() {
        for (int field : new int[] {2, 5}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < 200_000; i++) {
                bytes.writeBytes(new byte[] {0x1a, 5, (byte) (field << 3 | 2), 3, 0x0a, 1, 7});
            }
            refused(bytes, Code.TOO_LARGE);
        }
    }

    @Test
    void anIdAndATopicThatAreTooLongAreRefused() {
        ByteArrayOutputStream id = new ByteArrayOutputStream();
        id.writeBytes(new byte[] {0x1a, (byte) 0x89, 2, 0x12, (byte) 0x86, 2, 0x0a});
        id.writeBytes(new byte[] {(byte) 0x83, 2});
        id.writeBytes(new byte[259]);
        refused(id, Code.TOO_LONG);
        ByteArrayOutputStream topic = new ByteArrayOutputStream();
        topic.writeBytes(new byte[] {0x0a, (byte) 0x84, 8, 0x12, (byte) 0x81, 8});
        topic.writeBytes("t".repeat(1025).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        refused(topic, Code.TOO_LONG);
    }

    @Test
    void aTopicThatIsNoTextIsRefused() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0x0a, 3, 0x12, 1, (byte) 0xff});
        refused(bytes, Code.MALFORMED);
    }

    private static void refused(ByteArrayOutputStream bytes, Code code) {
        assertThatThrownBy(() -> CODEC.decode(bytes.toByteArray()))
                .isInstanceOfSatisfying(
                        PubsubFormatException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void whatIsNoRpcCostsScore() {
        router.perform(router.engine.malformed(mallory, "PUBSUB_MALFORMED", router.now));
        assertThat(router.penalties).extracting(p -> p.peer()).containsExactly(mallory);
        router.perform(router.engine.malformed(mallory, "PUBSUB_MALFORMED", router.now));
        assertThat(router.engine.score(mallory)).isNegative();
    }

    @Test
    void subscriptionsOfOnePeerAreBoundedInBytes() {
        for (int round = 0; round < 20; round++) {
            int from = round * 1000;
            router.receive(
                    mallory,
                    Rpc.subscriptions(
                            IntStream.range(from, from + 1000)
                                    .mapToObj(i -> new SubscriptionChange(true, "topic " + i))
                                    .toList()));
        }
        assertThat(router.engine.memory()).isLessThan(2L * RemotePeer.MAX_TOPIC_MEMORY);
        assertThat(router.engine.sizes().get("topics")).isLessThan(2000);
        // Others are not held up by that.
        router.subscribe(bob, "another");
        assertThat(router.engine.peers("another")).containsExactly(bob);
    }

    @Test
    void whatAPeerPublishedBeforeItLeftIsDeliveredAndNothingElseOfItCounts() {
        PeerId eve = router.join(3);
        router.perform(router.engine.disconnected(eve, router.now));
        Message last = router.deliver(eve);
        assertThat(router.delivered).containsExactly(last);
        router.subscribe(eve, "another");
        assertThat(router.engine.peers("another")).isEmpty();
        router.application.put(eve, -1e6);
        router.deliver(eve);
        assertThat(router.delivered).as("it is ignored").containsExactly(last);
    }

    @Test
    void aPeerThatThereIsNoStreamToIsNotNamedAsOneThatIsSentTo() {
        PeerId eve = Router.peer(3);
        router.perform(router.engine.connected(eve, false, "192.0.2.3", router.now));
        router.subscribe(eve, "another");
        assertThat(router.engine.peers("another")).isEmpty();
        router.perform(router.engine.streamOpened(eve, Version.V1_1.protocol, router.now));
        assertThat(router.engine.peers("another")).containsExactly(eve);
        router.perform(router.engine.streamClosed(eve, router.now));
        assertThat(router.engine.peers("another")).isEmpty();
    }

    @Test
    void subscriptionsOfAllPeersAreBoundedInBytes() {
        List<SubscriptionChange> long1 =
                IntStream.range(0, 113)
                        .mapToObj(i -> new SubscriptionChange(true, i + "x".repeat(1000)))
                        .toList();
        for (int i = 10; i < 200; i++) {
            PeerId sybil = router.connect(i);
            router.perform(router.engine.received(sybil, Rpc.subscriptions(long1), router.now));
        }
        assertThat(router.engine.memory())
                .isLessThanOrEqualTo(GossipSubEngine.MAX_SUBSCRIPTION_MEMORY)
                .isGreaterThan(GossipSubEngine.MAX_SUBSCRIPTION_MEMORY / 2);
    }

    @Test
    void oneRpcThatSubscribesAndUnsubscribesAThousandTimesIsAnsweredOnce() {
        PeerId eve = router.connect(3);
        List<SubscriptionChange> changes = new ArrayList<>();
        for (int i = 0; i < 2001; i++) {
            changes.add(new SubscriptionChange(i % 2 == 0, Router.TOPIC));
        }
        router.forgetSent();
        router.receive(eve, Rpc.subscriptions(changes));
        assertThat(router.graftsTo(eve)).hasSize(1);
        assertThat(router.engine.peers(Router.TOPIC)).contains(eve);
    }

    @Test
    void aFloodOfAdvertisementsIsAskedAboutNoMoreThanIsAllowedAndCostsScore() {
        for (int i = 0; i < 1000; i++) {
            router.ihave(mallory, madeUp("made up " + i + " ", 100));
        }
        assertThat(router.iwantsTo(mallory)).hasSize(1000);
        assertThat(router.engine.sizes().get("promises")).isEqualTo(10);
        router.heartbeats(4);
        assertThat(router.engine.score(mallory)).isLessThan(-80);
        assertThat(router.mesh()).doesNotContain(mallory);
        assertThat(router.engine.sizes().get("promises")).isZero();
    }

    @Test
    void aFloodOfRequestsGetsEachMessageThreeTimes() {
        List<Bytes> ids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ids.add(Router.id(router.deliver(bob)));
        }
        router.forgetSent();
        for (int i = 0; i < 100; i++) {
            router.receive(mallory, Rpc.iwant(ids));
        }
        assertThat(router.messagesTo(mallory)).hasSize(150);
        // Asking by another name of the same peer is no way around: it is counted by message.
        router.perform(router.engine.streamClosed(mallory, router.now));
        router.perform(router.engine.streamOpened(mallory, "/meshsub/1.2.0", router.now));
        router.receive(mallory, Rpc.iwant(ids));
        assertThat(router.messagesTo(mallory)).hasSize(150);
    }

    @Test
    void oneRequestThatNamesAMessageAThousandTimesGetsItOnce() {
        Message message = router.deliver(bob);
        router.forgetSent();
        Bytes[] ids = new Bytes[1000];
        java.util.Arrays.fill(ids, Router.id(message));
        router.iwant(mallory, ids);
        assertThat(router.messagesTo(mallory)).hasSize(1);
    }

    @Test
    void aFloodOfIdontwantIsBoundedAndNotPenalized() {
        for (int round = 0; round < 20; round++) {
            router.idontwant(mallory, madeUp("r" + round + " ", 2000));
        }
        assertThat(router.engine.memory()).isLessThan(2L * RemotePeer.MAX_UNWANTED_MEMORY);
        assertThat(router.engine.score(mallory)).isZero();
        router.heartbeats(3);
        assertThat(router.engine.memory()).isLessThan(10_000);
    }

    @Test
    void moreRpcsWithIdontwantThanAThousandAreNotLookedAt() {
        for (int i = 0; i < 1000; i++) {
            router.idontwant(mallory, Router.text("x"));
        }
        Message message = router.message(Router.peer(50), 10);
        router.idontwant(mallory, Router.id(message));
        router.deliver(bob, message);
        assertThat(router.messagesTo(mallory)).containsExactly(message);
    }

    @Test
    void aStormOfGraftsAndPrunesIsAnsweredOnceForEachRpcAndCostsScore() {
        router.prune(mallory, 60);
        router.forgetSent();
        String[] topics = new String[1000];
        java.util.Arrays.fill(topics, Router.TOPIC);
        router.application.put(mallory, -1.0);
        router.graft(mallory, topics);
        assertThat(router.prunesTo(mallory)).hasSize(1);
        for (int i = 0; i < 10; i++) {
            router.graft(mallory, topics);
            router.prune(mallory, 60);
        }
        assertThat(router.prunesTo(mallory).size()).isLessThanOrEqualTo(11);
        assertThat(router.engine.score(mallory)).isLessThan(-80);
        assertThat(router.mesh()).doesNotContain(mallory);
        assertThat(router.engine.sizes().get("backoffs")).isEqualTo(1);
    }

    @Test
    void backoffsOfManyPeersAreBounded() {
        Backoffs backoffs = new Backoffs();
        for (int i = 0; i < Backoffs.MAX_ENTRIES + 10; i++) {
            backoffs.add("t" + i, mallory, 100);
        }
        assertThat(backoffs.size()).isEqualTo(Backoffs.MAX_ENTRIES);
        backoffs.expire(100);
        assertThat(backoffs.size()).isZero();
    }

    @Test
    void scoresOfPeersThatHaveLeftAreBounded() {
        router.validation = ValidationResult.REJECT;
        for (int i = 10; i < PeerScoring.MAX_RETAINED + 20; i++) {
            PeerId sybil = router.join(i);
            router.deliver(sybil);
            router.perform(router.engine.disconnected(sybil, router.now));
        }
        assertThat(router.engine.sizes().get("scores")).isEqualTo(PeerScoring.MAX_RETAINED + 2);
    }

    @Test
    void messagesSignedByAnotherKeyCostTheGraylistAfterThree() {
        router.verification = Verification.FORGED;
        for (int i = 0; i < 3; i++) {
            router.deliver(mallory);
        }
        assertThat(router.engine.score(mallory)).isLessThan(-80);
        assertThat(router.delivered).isEmpty();
        // It is not even asked for a signature's check any more.
        Message another = router.message(Router.peer(50), 10);
        assertThat(
                        router.engine.received(
                                mallory, Rpc.message(Router.id(another), another), router.now))
                .isEmpty();
    }

    @Test
    void otherBytesUnderTheIdOfAMessageOnItsWayKeepItNotOut() {
        Message real = router.message(Router.peer(50), 10);
        Message forged =
                Message.unsigned(Router.peer(50), 1, Router.TOPIC, Bytes.wrap(new byte[20]));
        Bytes id = Router.id(real);
        var first = router.engine.received(mallory, Rpc.message(id, forged), router.now);
        var second = router.engine.received(bob, Rpc.message(id, real), router.now);
        assertThat(first).hasSize(1);
        assertThat(second).as("waits").isEmpty();
        List<PubsubOutput> next =
                router.engine.verified(mallory, id, forged, Verification.FORGED, router.now);
        assertThat(next)
                .contains(new PubsubOutput.Verify(bob, id, real))
                .filteredOn(PubsubOutput.Penalize.class::isInstance)
                .singleElement()
                .extracting(p -> ((PubsubOutput.Penalize) p).peer())
                .isEqualTo(mallory);
        router.perform(router.engine.verified(bob, id, real, Verification.GOOD, router.now));
        assertThat(router.delivered).containsExactly(real);
    }

    @Test
    void whoSendsTheSameBadBytesMeanwhileIsPenalizedAsWell() {
        Message forged = router.message(Router.peer(50), 10);
        Bytes id = Router.id(forged);
        var _ = router.engine.received(mallory, Rpc.message(id, forged), router.now);
        var _ = router.engine.received(bob, Rpc.message(id, forged), router.now);
        router.perform(
                router.engine.verified(mallory, id, forged, Verification.FORGED, router.now));
        assertThat(router.penalties).extracting(p -> p.peer()).containsExactly(mallory, bob);
    }

    @Test
    void messagesUnderValidationAreBoundedInBytesAndOthersAreNotTakenForSeen() {
        // A validator that never says anything.
        int size = 1 << 20;
        int taken = 0;
        List<Message> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Message message = router.message(Router.peer(50), size);
            all.add(message);
            Bytes id = Router.id(message);
            for (PubsubOutput output :
                    router.engine.received(mallory, Rpc.message(id, message), router.now)) {
                if (output instanceof PubsubOutput.Verify) {
                    taken++;
                    var _ =
                            router.engine.verified(
                                    mallory, id, message, Verification.GOOD, router.now);
                }
            }
        }
        assertThat(taken).isEqualTo(15);
        // Once there is room, those that were not taken can come again.
        for (Message message : all) {
            router.perform(
                    router.engine.validated(
                            Router.id(message), ValidationResult.IGNORE, router.now));
        }
        router.deliver(bob, all.getLast());
        assertThat(router.delivered).containsExactly(all.getLast());
    }

    @Test
    void sequenceNumbersThatGoBackAreIgnoredOnceTheirIdsAreForgotten() {
        Router rising = new Router(DEFAULTS, true);
        rising.perform(rising.engine.subscribe(Router.TOPIC, 0));
        PeerId alice = rising.join(1);
        Message first = rising.message(Router.peer(50), 10);
        Message overtaken = rising.message(Router.peer(50), 10);
        Message last = rising.message(Router.peer(50), 10);
        rising.deliver(alice, first);
        rising.deliver(alice, last);
        rising.deliver(alice, overtaken);
        assertThat(rising.delivered).as("in any order").hasSize(3);
        rising.heartbeats(121);
        List.of(first, overtaken, last).forEach(m -> rising.deliver(alice, m));
        assertThat(rising.delivered).as("a replay").hasSize(3);
        assertThat(rising.penalties).isEmpty();
        rising.deliver(alice, rising.message(Router.peer(50), 10));
        assertThat(rising.delivered).hasSize(4);
    }

    @Test
    void theCacheOfMessagesIsBoundedInBytes() {
        MessageCache cache = new MessageCache(5, 3, 100_000);
        for (int i = 0; i < 100; i++) {
            Message message = router.message(Router.peer(50), 9_000);
            cache.put(Router.id(message), message);
        }
        assertThat(cache.memory()).isLessThanOrEqualTo(100_000);
        assertThat(cache.size()).isEqualTo(10);
        for (int i = 0; i < 5; i++) {
            cache.shift();
        }
        assertThat(cache.memory()).isZero();
        assertThat(cache.size()).isZero();
    }

    @Test
    void nothingIsLeftOfPeersThatCameAndWent() {
        for (int i = 10; i < 60; i++) {
            PeerId peer = router.join(i);
            router.ihave(peer, madeUp("from " + i + " ", 20));
            router.idontwant(peer, madeUp("not " + i + " ", 20));
            router.perform(router.engine.disconnected(peer, router.now));
        }
        router.perform(router.engine.disconnected(mallory, router.now));
        router.perform(router.engine.disconnected(bob, router.now));
        assertThat(router.engine.memory()).isZero();
        assertThat(router.engine.sizes())
                .containsEntry("peers", 0)
                .containsEntry("promises", 0)
                .containsEntry("topics", 0);
    }

    @Test
    void messagesOfOneRpcAreAllLookedAt() {
        List<IdentifiedMessage> some = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Message message = router.message(Router.peer(50), 10);
            some.add(new IdentifiedMessage(Router.id(message), message));
        }
        router.receive(mallory, new Rpc(List.of(), some, Control.NONE));
        assertThat(router.delivered).hasSize(500);
    }
}
