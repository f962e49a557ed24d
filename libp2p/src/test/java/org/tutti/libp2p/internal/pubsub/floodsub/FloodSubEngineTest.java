package org.tutti.libp2p.internal.pubsub.floodsub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.PubsubOutput;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.internal.pubsub.Verification;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.ValidationResult;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

class FloodSubEngineTest {
    private static final String TOPIC = "t";
    private final PeerId self = peer(0);
    private final PeerId alice = peer(1);
    private final PeerId bob = peer(2);
    private final PeerId carol = peer(3);
    private final Map<PeerId, Double> scores = new HashMap<>();
    private final FloodSubEngine engine =
            new FloodSubEngine(self, false, peer -> scores.getOrDefault(peer, 0.0));
    private Verification verification = Verification.GOOD;
    private ValidationResult validation = ValidationResult.ACCEPT;

    private static PeerId peer(int number) {
        byte[] id = new byte[38];
        System.arraycopy(new byte[] {0, 36, 8, 1, 18, 32, (byte) number}, 0, id, 0, 7);
        return PeerId.fromBytes(id);
    }

    @BeforeEach
    void threePeersAreSubscribed() {
        for (PeerId peer : List.of(alice, bob, carol)) {
            engine.connected(peer, true, null, 0);
            engine.streamOpened(peer, FloodSubEngine.PROTOCOL, 0);
            engine.received(
                    peer, Rpc.subscriptions(List.of(new SubscriptionChange(true, TOPIC))), 0);
        }
    }

    private static Message message(PeerId author, long number) {
        return Message.unsigned(author, number, TOPIC, Bytes.fromHex("07"));
    }

    private static Bytes id(Message message) {
        return MessageIdFunction.authorAndSequenceNumber().id(message);
    }

    private List<PubsubOutput> deliver(PeerId by, Message message, long now) {
        List<PubsubOutput> verify = engine.received(by, Rpc.message(id(message), message), now);
        if (verify.isEmpty()) {
            return verify;
        }
        List<PubsubOutput> validate = engine.verified(by, id(message), message, verification, now);
        return validate.stream().anyMatch(PubsubOutput.Validate.class::isInstance)
                ? engine.validated(id(message), validation, now)
                : validate;
    }

    private static List<PeerId> recipients(List<PubsubOutput> outputs) {
        return outputs.stream()
                .filter(PubsubOutput.Send.class::isInstance)
                .map(output -> ((PubsubOutput.Send) output).peer())
                .toList();
    }

    @Test
    void aMessageGoesToAllButWhoSentItAndItsAuthor() {
        engine.subscribe(TOPIC, 0);
        List<PubsubOutput> outputs = deliver(alice, message(bob, 1), 0);
        assertThat(outputs).anyMatch(PubsubOutput.Deliver.class::isInstance);
        assertThat(recipients(outputs)).containsExactly(carol);
        assertThat(deliver(carol, message(bob, 1), 1)).as("seen").isEmpty();
    }

    @Test
    void ownMessagesGoToAllOfTheTopic() {
        assertThat(recipients(engine.publish(id(message(self, 1)), message(self, 1), 0)))
                .containsExactly(alice, bob, carol);
    }

    @Test
    void aPeerThatLeavesOrUnsubscribesGetsNothing() {
        engine.received(alice, Rpc.subscriptions(List.of(new SubscriptionChange(false, TOPIC))), 0);
        engine.disconnected(bob, 0);
        assertThat(recipients(engine.publish(id(message(self, 1)), message(self, 1), 0)))
                .containsExactly(carol);
        assertThat(engine.peers(TOPIC)).containsExactly(carol);
    }

    @Test
    void aPeerThatThereIsNoStreamToIsNotNamedAsOneThatIsSentTo() {
        engine.streamClosed(alice, 0);
        PeerId dave = peer(4);
        engine.connected(dave, true, null, 0);
        engine.received(dave, Rpc.subscriptions(List.of(new SubscriptionChange(true, TOPIC))), 0);
        assertThat(engine.peers(TOPIC)).containsExactlyInAnyOrder(bob, carol);
        engine.streamOpened(dave, FloodSubEngine.PROTOCOL, 0);
        assertThat(engine.peers(TOPIC)).containsExactlyInAnyOrder(bob, carol, dave);
        assertThat(recipients(engine.publish(id(message(self, 1)), message(self, 1), 0)))
                .containsExactlyInAnyOrderElementsOf(engine.peers(TOPIC));
    }

    @Test
    void whatAPeerPublishedBeforeItLeftIsDelivered() {
        engine.subscribe(TOPIC, 0);
        engine.disconnected(alice, 0);
        List<PubsubOutput> outputs = deliver(alice, message(alice, 1), 0);
        assertThat(outputs).anyMatch(PubsubOutput.Deliver.class::isInstance);
        assertThat(recipients(outputs)).containsExactlyInAnyOrder(bob, carol);
        // What it subscribes to then is nothing to us, and one that is ignored stays so.
        engine.received(alice, Rpc.subscriptions(List.of(new SubscriptionChange(true, TOPIC))), 0);
        assertThat(engine.peers(TOPIC)).containsExactlyInAnyOrder(bob, carol);
        scores.put(alice, FloodSubEngine.GRAYLIST - 1);
        assertThat(deliver(alice, message(alice, 2), 0)).isEmpty();
    }

    @Test
    void whoForgesOrForwardsWhatIsRejectedIsPenalized() {
        engine.subscribe(TOPIC, 0);
        verification = Verification.FORGED;
        assertThat(deliver(alice, message(bob, 1), 0))
                .containsExactly(new PubsubOutput.Penalize(alice, "PUBSUB_FORGED_MESSAGE", 100));
        verification = Verification.GOOD;
        validation = ValidationResult.REJECT;
        assertThat(deliver(alice, message(bob, 2), 0))
                .containsExactly(new PubsubOutput.Penalize(alice, "PUBSUB_INVALID_MESSAGE", 10));
        validation = ValidationResult.IGNORE;
        assertThat(deliver(alice, message(bob, 3), 0)).isEmpty();
        scores.put(alice, -100.0);
        validation = ValidationResult.ACCEPT;
        assertThat(deliver(alice, message(bob, 4), 0)).as("below the graylist").isEmpty();
    }

    @Test
    void idsAreForgottenAfterTwoMinutes() {
        engine.subscribe(TOPIC, 0);
        deliver(alice, message(bob, 1), 0);
        engine.heartbeat(FloodSubEngine.SEEN_NANOS - 1);
        assertThat(deliver(alice, message(bob, 1), 0)).isEmpty();
        engine.heartbeat(FloodSubEngine.SEEN_NANOS);
        assertThat(deliver(alice, message(bob, 1), 0)).isNotEmpty();
    }

    @Test
    void subscriptionsOfOnePeerAreBoundedInBytes() {
        engine.received(
                alice,
                Rpc.subscriptions(
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> new SubscriptionChange(true, "topic " + i))
                                .toList()),
                0);
        assertThat(engine.memory()).isLessThan(2L * FloodSubEngine.MAX_TOPIC_MEMORY);
    }

    @Test
    void aStreamBeginsWithOurSubscriptions() {
        engine.subscribe(TOPIC, 0);
        engine.streamClosed(alice, 0);
        assertThat(recipients(engine.publish(id(message(self, 1)), message(self, 1), 0)))
                .doesNotContain(alice);
        assertThat(recipients(engine.streamOpened(alice, FloodSubEngine.PROTOCOL, 0)))
                .containsExactly(alice);
    }
}
