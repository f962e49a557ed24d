package org.tutti.libp2p.internal.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PubsubFormatException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// RPCs as bytes.
class RpcCodecTest {
    private static final PeerId ALICE =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    private final RpcCodec codec =
            new RpcCodec(MessageIdFunction.authorAndSequenceNumber(), RpcCodec.MAX_MEMORY);

    private static byte[] body(Rpc rpc) {
        byte[] frame = new byte[RpcCodec.frameSize(rpc)];
        assertThat(RpcCodec.write(rpc, frame, 0)).isEqualTo(frame.length);
        int prefix = 1;
        while (frame[prefix - 1] < 0) {
            prefix++;
        }
        return Arrays.copyOfRange(frame, prefix, frame.length);
    }

    private static Bytes bytes(Random random, int most) {
        byte[] some = new byte[1 + random.nextInt(most)];
        random.nextBytes(some);
        return Bytes.wrap(some);
    }

    private static List<Bytes> ids(Random random, int most) {
        return IntStream.range(0, random.nextInt(most)).mapToObj(_ -> bytes(random, 60)).toList();
    }

    private static Rpc random(Random random, int most) {
        List<IdentifiedMessage> messages = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Message message =
                    Message.unsigned(
                            ALICE, random.nextLong(), "topic " + i, bytes(random, 10 * most));
            messages.add(
                    new IdentifiedMessage(
                            MessageIdFunction.authorAndSequenceNumber().id(message), message));
        }
        List<SubscriptionChange> subscriptions =
                IntStream.range(0, random.nextInt(most))
                        .mapToObj(i -> new SubscriptionChange(random.nextBoolean(), "t" + i))
                        .toList();
        List<Control.Prune> prunes =
                IntStream.range(0, random.nextInt(4))
                        .mapToObj(i ->
                                new Control.Prune(
                                        "p" + i,
                                        IntStream.range(0, random.nextInt(4))
                                                .mapToObj(_ ->
                                                        new Control.ExchangedPeer(
                                                                bytes(random, 40),
                                                                random.nextBoolean()
                                                                        ? null
                                                                        : bytes(random, 200)))
                                                .toList(),
                                        random.nextLong()))
                        .toList();
        List<Control.Ihave> ihaves =
                IntStream.range(0, random.nextInt(3))
                        .mapToObj(i -> new Control.Ihave("i" + i, ids(random, most)))
                        .toList();
        return new Rpc(
                subscriptions,
                messages,
                new Control(
                        ihaves,
                        ids(random, most),
                        IntStream.range(0, random.nextInt(4)).mapToObj(i -> "g" + i).toList(),
                        prunes,
                        ids(random, most)));
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            Rpc rpc = random(random, 20);
            assertThat(codec.decode(body(rpc)).rpc()).isEqualTo(rpc);
        }
    }

    /// Made by hand after the definitions in the specs.
    @Test
    void theBytesAreThoseOfTheSpecs() {
        assertThat(Bytes.wrap(body(Rpc.subscriptions(List.of(new SubscriptionChange(true, "ab"))))))
                .isEqualTo(Bytes.fromHex("0a06080112026162"));
        assertThat(Bytes.wrap(body(Rpc.mesh(List.of("ab"), List.of()))))
                .isEqualTo(Bytes.fromHex("1a061a040a026162"));
        assertThat(
                        Bytes.wrap(
                                body(
                                        Rpc.mesh(
                                                List.of(),
                                                List.of(new Control.Prune("ab", List.of(), 60))))))
                .isEqualTo(Bytes.fromHex("1a0822060a026162183c"));
        assertThat(Bytes.wrap(body(Rpc.iwant(List.of(Bytes.fromHex("0102"))))))
                .isEqualTo(Bytes.fromHex("1a0612040a020102"));
        assertThat(Bytes.wrap(body(Rpc.idontwant(List.of(Bytes.fromHex("0102"))))))
                .isEqualTo(Bytes.fromHex("1a062a040a020102"));
        assertThat(
                        Bytes.wrap(
                                body(
                                        Rpc.ihave(
                                                List.of(
                                                        new Control.Ihave(
                                                                "ab",
                                                                List.of(Bytes.fromHex("0102"))))))))
                .isEqualTo(Bytes.fromHex("1a0a0a080a02616212020102"));
        Message anonymous = Message.anonymous("ab", Bytes.fromHex("c0"));
        assertThat(Bytes.wrap(body(Rpc.message(Bytes.fromHex("01"), anonymous))))
                .isEqualTo(Bytes.fromHex("120712 01c0 22026162".replace(" ", "")));
    }

    @Test
    void fieldsThatAreNotKnownAreLeftOut() throws Exception {
        Rpc rpc =
                codec.decode(Bytes.fromHex("0a06080112026162" + "5a0401020304" + "2801").toArray())
                        .rpc();
        assertThat(rpc.subscriptions()).containsExactly(new SubscriptionChange(true, "ab"));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 2000})
    void partsOfALongRpcSayTheSameTogetherAndNoneIsTooLong(int most) throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 10; i++) {
            Rpc whole = random(random, most);
            List<Rpc> parts = RpcCodec.split(whole, 4096, 8192);
            List<SubscriptionChange> subscriptions = new ArrayList<>();
            List<IdentifiedMessage> messages = new ArrayList<>();
            List<Bytes> iwants = new ArrayList<>();
            List<Bytes> ihaves = new ArrayList<>();
            List<String> grafts = new ArrayList<>();
            List<Control.Prune> prunes = new ArrayList<>();
            for (Rpc part : parts) {
                if (part.messages().size() != 1) {
                    assertThat(RpcCodec.frameSize(part))
                            .isLessThanOrEqualTo(part.messages().isEmpty() ? 4096 : 8192);
                }
                Rpc read = codec.decode(body(part)).rpc();
                subscriptions.addAll(read.subscriptions());
                messages.addAll(read.messages());
                iwants.addAll(read.control().iwants());
                read.control().ihaves().forEach(ihave -> ihaves.addAll(ihave.ids()));
                grafts.addAll(read.control().grafts());
                prunes.addAll(read.control().prunes());
            }
            assertThat(subscriptions).isEqualTo(whole.subscriptions());
            assertThat(messages).isEqualTo(whole.messages());
            assertThat(iwants).isEqualTo(whole.control().iwants());
            assertThat(grafts).isEqualTo(whole.control().grafts());
            assertThat(prunes).isEqualTo(whole.control().prunes());
            assertThat(ihaves)
                    .isEqualTo(
                            whole.control().ihaves().stream()
                                    .flatMap(ihave -> ihave.ids().stream())
                                    .toList());
        }
    }

    @Test
    void aMessageWithoutAnIdIsCountedAndLeftOut() throws Exception {
        Message anonymous = Message.anonymous("t", Bytes.fromHex("00"));
        RpcCodec.Decoded decoded = codec.decode(body(Rpc.message(Bytes.fromHex("01"), anonymous)));
        assertThat(decoded.withoutId()).isEqualTo(1);
        assertThat(decoded.rpc().messages()).isEmpty();
        RpcCodec failing =
                new RpcCodec(
                        _ -> {
                            throw new IllegalStateException("not for this one");
                        },
                        RpcCodec.MAX_MEMORY);
        assertThat(failing.decode(body(Rpc.message(Bytes.fromHex("01"), anonymous))).withoutId())
                .isEqualTo(1);
    }

    @Test
    void aSignedMessageIsVerifiedByWhoeverReadsIt() throws PubsubFormatException, Exception {
        var key = MemoryHosts.key();
        Message message = Message.signed(key, 7, "t", Bytes.fromHex("010203"));
        Bytes encoded = message.encoded();
        Message read = Message.decode(encoded.toArray(), 0, encoded.length());
        assertThat(read).isEqualTo(message);
        assertThat(read.data()).isEqualTo(Bytes.fromHex("010203"));
        assertThat(read.sequenceNumber()).isEqualTo(Bytes.fromHex("0000000000000007"));
        assertThat(read.from()).contains(key.publicKey().peerId());
        assertThat(read.isSignedBy(read.authorKey())).isTrue();
        for (int i = 0; i < encoded.length(); i++) {
            byte[] damaged = encoded.toArray();
            damaged[i] ^= 1;
            try {
                Message other = Message.decode(damaged, 0, damaged.length);
                assertThat(other.isSignedBy(key.publicKey())).as("bit of byte " + i).isFalse();
            } catch (PubsubFormatException e) {
                // No message at all.
            }
        }
    }
}
