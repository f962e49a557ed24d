package org.tutti.libp2p.internal.pubsub.gossipsub;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// The router under test with scripted peers around it. What it sends them goes through the codec,
/// as bytes, and what they send does. Time stands still until it is moved.
final class Router {
    static final PeerId SELF = peer(0);
    static final String TOPIC = "test";

    final GossipSubEngine engine;
    final Map<PeerId, Double> application = new HashMap<>();
    final Map<PeerId, List<Rpc>> sent = new LinkedHashMap<>();
    final List<Message> delivered = new ArrayList<>();
    final List<PubsubOutput.Penalize> penalties = new ArrayList<>();
    final List<PubsubOutput.Connect> dials = new ArrayList<>();
    final RpcCodec codec =
            new RpcCodec(MessageIdFunction.authorAndSequenceNumber(), RpcCodec.MAX_MEMORY);

    /// What the signature check says, and the validators.
    Verification verification = Verification.GOOD;

    ValidationResult validation = ValidationResult.ACCEPT;
    long now;
    private long sequence;

    Router(GossipSubParameters parameters) {
        this(parameters, false);
    }

    Router(GossipSubParameters parameters, boolean rising) {
        engine =
                new GossipSubEngine(
                        SELF,
                        parameters,
                        rising,
                        new Random(7),
                        peer -> application.getOrDefault(peer, 0.0),
                        peer -> Optional.of(text("record of " + peer)));
    }

    /// One that is subscribed to `TOPIC`.
    static Router subscribed(GossipSubParameters parameters) {
        Router router = new Router(parameters);
        router.perform(router.engine.subscribe(TOPIC, 0));
        return router;
    }

    static PeerId peer(int number) {
        byte[] id = new byte[38];
        id[1] = 36;
        id[2] = 8;
        id[3] = 1;
        id[4] = 18;
        id[5] = 32;
        id[6] = (byte) (number >>> 8);
        id[7] = (byte) number;
        return PeerId.fromBytes(id);
    }

    static Bytes text(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    // Peers.

    /// A connected peer that speaks v1.2, has dialled us, and is not subscribed.
    PeerId connect(int number) {
        return connect(number, false, "/meshsub/1.2.0");
    }

    PeerId connect(int number, boolean outbound, String protocol) {
        PeerId peer = peer(number);
        perform(engine.connected(peer, outbound, "192.0.2." + (number & 0xff), now));
        perform(engine.streamOpened(peer, protocol, now));
        return peer;
    }

    /// A connected peer that is subscribed to `TOPIC`.
    PeerId join(int number) {
        PeerId peer = connect(number);
        subscribe(peer, TOPIC);
        return peer;
    }

    List<PeerId> join(int from, int to) {
        List<PeerId> peers = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            peers.add(join(i));
        }
        return peers;
    }

    void subscribe(PeerId peer, String topic) {
        receive(peer, Rpc.subscriptions(List.of(new SubscriptionChange(true, topic))));
    }

    void unsubscribe(PeerId peer, String topic) {
        receive(peer, Rpc.subscriptions(List.of(new SubscriptionChange(false, topic))));
    }

    void graft(PeerId peer, String... topics) {
        receive(peer, Rpc.mesh(List.of(topics), List.of()));
    }

    void prune(PeerId peer, long backoffSeconds, Control.ExchangedPeer... named) {
        receive(
                peer,
                Rpc.mesh(
                        List.of(),
                        List.of(new Control.Prune(TOPIC, List.of(named), backoffSeconds))));
    }

    void ihave(PeerId peer, Bytes... ids) {
        receive(peer, Rpc.ihave(List.of(new Control.Ihave(TOPIC, List.of(ids)))));
    }

    void iwant(PeerId peer, Bytes... ids) {
        receive(peer, Rpc.iwant(List.of(ids)));
    }

    void idontwant(PeerId peer, Bytes... ids) {
        receive(peer, Rpc.idontwant(List.of(ids)));
    }

    /// As bytes, as it would come.
    void receive(PeerId peer, Rpc rpc) {
        perform(engine.received(peer, overTheWire(rpc), now));
    }

    private Rpc overTheWire(Rpc rpc) {
        byte[] frame = new byte[RpcCodec.frameSize(rpc)];
        assertThat(RpcCodec.write(rpc, frame, 0)).isEqualTo(frame.length);
        int prefix = 1;
        while (frame[prefix - 1] < 0) {
            prefix++;
        }
        try {
            return codec.decode(java.util.Arrays.copyOfRange(frame, prefix, frame.length)).rpc();
        } catch (PubsubFormatException e) {
            throw new AssertionError(e);
        }
    }

    // Messages.

    Message message(PeerId author, int length) {
        return Message.unsigned(author, ++sequence, TOPIC, Bytes.wrap(new byte[length]));
    }

    static Bytes id(Message message) {
        return MessageIdFunction.authorAndSequenceNumber().id(message);
    }

    /// Sends a message of this author by this peer.
    void deliver(PeerId by, Message message) {
        receive(by, Rpc.message(id(message), message));
    }

    /// A message of somebody far away that this peer forwards.
    Message deliver(PeerId by) {
        Message message = message(peer(999), 10);
        deliver(by, message);
        return message;
    }

    Message publish(int length) {
        Message message = message(SELF, length);
        perform(engine.publish(id(message), message, now));
        return message;
    }

    // Time and what comes of it.

    void advance(Duration by) {
        now += by.toNanos();
    }

    void heartbeat() {
        advance(Duration.ofSeconds(1));
        perform(engine.heartbeat(now));
    }

    void heartbeats(int count) {
        for (int i = 0; i < count; i++) {
            heartbeat();
        }
    }

    void perform(List<PubsubOutput> outputs) {
        for (PubsubOutput output : outputs) {
            switch (output) {
                case PubsubOutput.Send(PeerId peer, Rpc rpc, var _) ->
                        sent.computeIfAbsent(peer, _ -> new ArrayList<>()).add(overTheWire(rpc));
                case PubsubOutput.Verify(PeerId from, Bytes id, Message message) ->
                        perform(engine.verified(from, id, message, verification, now));
                case PubsubOutput.Validate(PeerId _, Bytes id, Message _) ->
                        perform(engine.validated(id, validation, now));
                case PubsubOutput.Deliver(PeerId _, Bytes _, Message message) ->
                        delivered.add(message);
                case PubsubOutput.Penalize penalize -> penalties.add(penalize);
                case PubsubOutput.Connect connect -> dials.add(connect);
                case PubsubOutput.PeerTopic _, PubsubOutput.Mesh _ -> {}
            }
        }
    }

    // What was sent.

    List<Rpc> sentTo(PeerId peer) {
        return sent.getOrDefault(peer, List.of());
    }

    void forgetSent() {
        sent.clear();
    }

    List<Message> messagesTo(PeerId peer) {
        return sentTo(peer).stream()
                .flatMap(rpc -> rpc.messages().stream())
                .map(IdentifiedMessage::message)
                .toList();
    }

    List<String> graftsTo(PeerId peer) {
        return sentTo(peer).stream().flatMap(rpc -> rpc.control().grafts().stream()).toList();
    }

    List<Control.Prune> prunesTo(PeerId peer) {
        return sentTo(peer).stream().flatMap(rpc -> rpc.control().prunes().stream()).toList();
    }

    List<Bytes> iwantsTo(PeerId peer) {
        return sentTo(peer).stream().flatMap(rpc -> rpc.control().iwants().stream()).toList();
    }

    List<Bytes> ihavesTo(PeerId peer) {
        return sentTo(peer).stream()
                .flatMap(rpc -> rpc.control().ihaves().stream())
                .flatMap(ihave -> ihave.ids().stream())
                .toList();
    }

    List<Bytes> idontwantsTo(PeerId peer) {
        return sentTo(peer).stream().flatMap(rpc -> rpc.control().idontwants().stream()).toList();
    }

    List<PeerId> mesh() {
        return List.copyOf(engine.mesh(TOPIC));
    }
}
