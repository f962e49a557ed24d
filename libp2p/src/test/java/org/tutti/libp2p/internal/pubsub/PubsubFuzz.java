package org.tutti.libp2p.internal.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pubsub.floodsub.FloodSubEngine;
import org.tutti.libp2p.internal.pubsub.gossipsub.GossipSubEngine;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PubsubFormatException;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// RPCs of a stranger, each behind its length in two bytes: whatever they are, what can be read is
/// written back the same, and both engines go on within their bounds.
public final class PubsubFuzz {
    private static final PeerId SELF =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
    private static final PeerId BOB =
            PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    private static final RpcCodec CODEC =
            new RpcCodec(MessageIdFunction.authorAndSequenceNumber(), RpcCodec.MAX_MEMORY);

    private static final List<Verification> VERIFICATIONS = List.of(Verification.values());
    private static final List<ValidationResult> RESULTS = List.of(ValidationResult.values());

    private PubsubFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        GossipSubEngine gossip =
                new GossipSubEngine(
                        SELF,
                        GossipSubParameters.largeNetwork(),
                        true,
                        new Random(1),
                        _ -> 0,
                        _ -> Optional.empty());
        for (PubsubEngine engine : List.of(gossip, new FloodSubEngine(SELF, false, _ -> 0))) {
            run(engine, input);
        }
        require(gossip.memory() < 1 << 20, "more memory than the input can take");
    }

    private static void run(PubsubEngine engine, byte[] input) {
        engine.subscribe("t", 0);
        engine.connected(BOB, false, null, 0);
        engine.streamOpened(BOB, engine.protocols().getFirst(), 0);
        long now = 0;
        for (int at = 0; at + 2 <= input.length; ) {
            int length = (input[at] & 0xff) << 8 | (input[at + 1] & 0xff);
            int end = Math.min(input.length, at + 2 + length);
            now += 100_000_000L;
            try {
                Rpc rpc = CODEC.decode(Arrays.copyOfRange(input, at + 2, end)).rpc();
                byte[] frame = new byte[RpcCodec.frameSize(rpc)];
                require(RpcCodec.write(rpc, frame, 0) == frame.length, "a wrong size");
                perform(engine, engine.received(BOB, rpc, now), now);
            } catch (PubsubFormatException e) {
                perform(engine, engine.malformed(BOB, "PUBSUB_" + e.code(), now), now);
            }
            at = end;
        }
        perform(engine, engine.heartbeat(now + 1_000_000_000L), now);
        perform(engine, engine.disconnected(BOB, now), now);
    }

    private static void perform(PubsubEngine engine, List<PubsubOutput> first, long now) {
        Deque<PubsubOutput> outputs = new ArrayDeque<>(first);
        while (!outputs.isEmpty()) {
            switch (outputs.poll()) {
                case PubsubOutput.Verify(PeerId from, Bytes id, Message message) ->
                        outputs.addAll(
                                engine.verified(
                                        from,
                                        id,
                                        message,
                                        VERIFICATIONS.get(message.dataLength() % 3),
                                        now));
                case PubsubOutput.Validate(PeerId _, Bytes id, Message message) ->
                        outputs.addAll(
                                engine.validated(
                                        id,
                                        RESULTS.get(message.sequenceNumber().length() % 3),
                                        now));
                default -> {}
            }
        }
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        Message message = Message.unsigned(BOB, 5, "t", Bytes.fromHex("01020304"));
        Bytes id = MessageIdFunction.authorAndSequenceNumber().id(message);
        List<Rpc> all =
                List.of(
                        Rpc.subscriptions(List.of(new SubscriptionChange(true, "t"))),
                        Rpc.message(id, message),
                        Rpc.ihave(List.of(new Control.Ihave("t", List.of(id)))),
                        Rpc.iwant(List.of(id)),
                        Rpc.idontwant(List.of(id)),
                        Rpc.mesh(
                                List.of("t"),
                                List.of(
                                        new Control.Prune(
                                                "t",
                                                List.of(
                                                        new Control.ExchangedPeer(
                                                                BOB.multihash(), id)),
                                                60))));
        for (Rpc rpc : all) {
            seeds.add(framed(rpc).toArray());
        }
        seeds.add(
                Bytes.concat(all.stream().map(PubsubFuzz::framed).toArray(Bytes[]::new)).toArray());
        return seeds;
    }

    private static Bytes framed(Rpc rpc) {
        byte[] frame = new byte[RpcCodec.frameSize(rpc)];
        RpcCodec.write(rpc, frame, 0);
        int prefix = 1;
        while (frame[prefix - 1] < 0) {
            prefix++;
        }
        byte[] body = Arrays.copyOfRange(frame, prefix, frame.length);
        byte[] length = {(byte) (body.length >>> 8), (byte) body.length};
        return Bytes.concat(Bytes.wrap(length), Bytes.wrap(body));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
