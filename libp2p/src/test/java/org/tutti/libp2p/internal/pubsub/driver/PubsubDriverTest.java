package org.tutti.libp2p.internal.pubsub.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.RpcCodec;
import org.tutti.libp2p.internal.pubsub.SubscriptionChange;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.ValidationResult;
import org.tutti.libp2p.pubsub.floodsub.FloodSub;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The driver over real hosts in memory, against a peer that speaks bytes.
@Timeout(60)
class PubsubDriverTest {
    private static final String MESH = "/meshsub/1.2.0";
    private static final String FLOOD = "/floodsub/1.0.0";
    private static final RpcCodec CODEC =
            new RpcCodec(MessageIdFunction.authorAndSequenceNumber(), RpcCodec.MAX_MEMORY);

    private final MemoryHosts hosts = new MemoryHosts();
    private final PrivateKey key = MemoryHosts.key();
    private final PrivateKey author = MemoryHosts.key();
    private final BlockingQueue<Rpc> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
    private long sequence;

    @AfterEach
    void close() {
        hosts.close();
    }

    private Host with(GossipSub gossip) throws IOException {
        return hosts.start(hosts.builder().identity(key).behaviour(gossip));
    }

    /// Speaks bytes: reads what comes to its stream.
    private Host raw(String protocol) throws IOException {
        return hosts.start(
                hosts.builder()
                        .handler(
                                protocol,
                                stream -> {
                                    streams.add(stream);
                                    for (byte[] frame =
                                                    Frames.readOrEnd(stream, 4 << 20).orElse(null);
                                            frame != null;
                                            frame =
                                                    Frames.readOrEnd(stream, 4 << 20)
                                                            .orElse(null)) {
                                        heard.add(CODEC.decode(frame).rpc());
                                    }
                                }));
    }

    private static void send(Stream stream, Rpc... rpcs) throws IOException {
        for (Rpc rpc : rpcs) {
            byte[] frame = new byte[RpcCodec.frameSize(rpc)];
            RpcCodec.write(rpc, frame, 0);
            stream.write(frame, 0, frame.length);
        }
    }

    private Rpc signed(String topic, int length) {
        Message message = Message.signed(author, ++sequence, topic, Bytes.wrap(new byte[length]));
        return Rpc.message(MessageIdFunction.authorAndSequenceNumber().id(message), message);
    }

    private static Message messageOf(Rpc rpc) {
        return rpc.messages().getFirst().message();
    }

    private Message nextHeard() throws InterruptedException {
        while (true) {
            Rpc rpc = heard.poll(20, TimeUnit.SECONDS);
            assertThat(rpc).isNotNull();
            for (IdentifiedMessage message : rpc.messages()) {
                return message.message();
            }
        }
    }

    private static ReceivedMessage next(Subscription subscription) throws InterruptedException {
        return Objects.requireNonNull(subscription.poll(Duration.ofSeconds(20)), "no message came");
    }

    private static void await(java.util.function.BooleanSupplier condition)
            throws InterruptedException {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            assertThat(i).isLessThan(4000);
            Thread.sleep(5);
        }
    }

    private static void awaitSubscribed(GossipSub gossip, String topic)
            throws InterruptedException {
        await(() -> !gossip.peers(topic).isEmpty());
    }

    @Test
    void theNewestStreamReplacesAnOlderOne() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        Subscription subscription = gossip.subscribe("t");
        Connection connection = raw(MESH).connect(MemoryHosts.addressOf(host));
        Stream first = connection.openStream(MESH);
        Rpc one = signed("t", 10);
        send(first, one);
        assertThat(next(subscription).message()).isEqualTo(messageOf(one));
        Stream second = connection.openStream(MESH);
        Rpc two = signed("t", 10);
        send(second, two);
        assertThat(next(subscription).message()).isEqualTo(messageOf(two));
        // The older one is reset.
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                                () -> first.read(new byte[1], 0, 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoRpcEndsTheStreamAndIsHeldAgainstThePeer() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        Host mallory = raw(MESH);
        Connection connection = mallory.connect(MemoryHosts.addressOf(host));
        Stream stream = connection.openStream(MESH);
        byte[] bad = {3, 0x12, 1, 0x0f};
        stream.write(bad, 0, bad.length);
        await(() -> gossip.score(mallory.peerId()) < -9);
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                                () -> stream.read(new byte[1], 0, 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anRpcThatIsAnnouncedTooLongIsRefusedBeforeItComes() throws Exception {
        GossipSub gossip = GossipSub.builder(key).maxMessage(1000).build();
        Host host = with(gossip);
        Host mallory = raw(MESH);
        Stream stream = mallory.connect(MemoryHosts.addressOf(host)).openStream(MESH);
        byte[] length = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
        stream.write(length, 0, length.length);
        await(() -> gossip.score(mallory.peerId()) < -9);
    }

    @Test
    void aMessageSignedByAnotherKeyIsNotDelivered() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        Subscription subscription = gossip.subscribe("t");
        Host mallory = raw(MESH);
        Stream stream = mallory.connect(MemoryHosts.addressOf(host)).openStream(MESH);
        byte[] bytes = messageOf(signed("t", 10)).encoded().toArray();
        bytes[bytes.length - 1] ^= 1;
        Message forged = Message.decode(bytes, 0, bytes.length);
        Rpc good = signed("t", 20);
        send(stream, Rpc.message(Bytes.fromHex("01"), forged));
        await(() -> gossip.score(mallory.peerId()) < -99);
        // Below the graylist, so that a good one is not taken from it either.
        send(stream, good);
        assertThat(subscription.poll(Duration.ofMillis(100))).isNull();
    }

    @Test
    void aMessageThatIsLongerThanAllowedOrHasNoAuthorIsNotDelivered() throws Exception {
        GossipSub gossip = GossipSub.builder(key).maxMessage(1000).build();
        Host host = with(gossip);
        Subscription subscription = gossip.subscribe("t");
        Stream stream = raw(MESH).connect(MemoryHosts.addressOf(host)).openStream(MESH);
        Message unsigned = Message.unsigned(author.publicKey().peerId(), 99, "t", Bytes.EMPTY);
        Rpc good = signed("t", 1000);
        send(stream, good, signed("t", 1001), Rpc.message(Bytes.fromHex("01"), unsigned));
        assertThat(next(subscription).message()).isEqualTo(messageOf(good));
        assertThat(subscription.poll(Duration.ofMillis(100))).isNull();
    }

    @Test
    void withoutSignaturesWhatHasAnAuthorIsRejected() throws Exception {
        GossipSub gossip = GossipSub.anonymous().build();
        Host host = with(gossip);
        Subscription subscription = gossip.subscribe("t");
        Stream stream = raw(MESH).connect(MemoryHosts.addressOf(host)).openStream(MESH);
        Message anonymous = Message.anonymous("t", Bytes.fromHex("07"));
        send(stream, Rpc.message(Bytes.fromHex("01"), anonymous), signed("t", 10));
        assertThat(next(subscription).message()).isEqualTo(anonymous);
        assertThat(subscription.poll(Duration.ofMillis(100))).isNull();
    }

    @Test
    void aValidatorThatBlocksHoldsUpNothingButItsTopic() throws Exception {
        GossipSub gossip = GossipSub.builder(key).maxValidating(2).build();
        CountDownLatch release = new CountDownLatch(1);
        gossip.validator(
                "slow",
                (_, _) -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return ValidationResult.ACCEPT;
                });
        Host host = with(gossip);
        Subscription slow = gossip.subscribe("slow");
        Subscription quick = gossip.subscribe("quick");
        Stream stream = raw(MESH).connect(MemoryHosts.addressOf(host)).openStream(MESH);
        for (int i = 0; i < 5; i++) {
            send(stream, signed("slow", i));
        }
        Rpc other = signed("quick", 10);
        send(stream, other);
        assertThat(next(quick).message()).isEqualTo(messageOf(other));
        assertThat(slow.poll(Duration.ZERO)).isNull();
        release.countDown();
        assertThat(next(slow).message().dataLength() + next(slow).message().dataLength())
                .isEqualTo(1);
        assertThat(slow.poll(Duration.ofMillis(100))).as("the others were ignored").isNull();
    }

    @Test
    void aValidatorThatFailsIgnoresTheMessageAndOneThatRejectsPenalizes() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        gossip.validator(
                "t",
                (message, _) -> {
                    if (message.dataLength() == 1) {
                        throw new IllegalStateException("a fault of the validator");
                    }
                    return message.dataLength() == 2
                            ? ValidationResult.REJECT
                            : ValidationResult.ACCEPT;
                });
        Host host = with(gossip);
        Subscription subscription = gossip.subscribe("t");
        Host mallory = raw(MESH);
        Stream stream = mallory.connect(MemoryHosts.addressOf(host)).openStream(MESH);
        send(stream, signed("t", 1), signed("t", 3));
        assertThat(next(subscription).message().dataLength()).isEqualTo(3);
        assertThat(gossip.score(mallory.peerId())).isNotNegative();
        send(stream, signed("t", 2));
        await(() -> gossip.score(mallory.peerId()) < -20);
    }

    @Test
    void aSubscriberThatNeverReadsHoldsUpNoOther() throws Exception {
        GossipSub gossip = GossipSub.builder(key).maxSubscriptionQueue(10, 1 << 20).build();
        Host host = with(gossip);
        Subscription never = gossip.subscribe("t");
        Subscription reads = gossip.subscribe("t");
        Stream stream = raw(MESH).connect(MemoryHosts.addressOf(host)).openStream(MESH);
        for (int i = 0; i < 50; i++) {
            Rpc rpc = signed("t", 10);
            send(stream, rpc);
            assertThat(next(reads).message()).isEqualTo(messageOf(rpc));
        }
        assertThat(never.dropped()).isEqualTo(40);
        assertThat(reads.dropped()).isZero();
    }

    @Test
    void aPeerThatNeverReadsIsWaitedForOnceAndHoldsUpNoOther() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        // Both streams have something to carry.
        var _ = gossip.subscribe("hello");
        Host reads = raw(MESH);
        CountDownLatch opened = new CountDownLatch(1);
        subscribed(reads, host);
        subscribed(never(opened), host);
        await(() -> gossip.peers("t").size() == 2);
        await(() -> streams.size() == 1);
        opened.await();
        Bytes data = Bytes.wrap(new byte[100_000]);
        PublishResult first = gossip.publish("t", data);
        assertThat(first.sent()).isEqualTo(2);
        PublishResult last = gossip.publish("t", data);
        int count = 2;
        while (last.dropped() == 0 && count < 200) {
            last = gossip.publish("t", data);
            count++;
        }
        // The queue is full; the one that reads gets everything all the same.
        assertThat(last.dropped()).as("after " + count + ": " + last).isEqualTo(1);
        assertThat(last.sent()).as("after " + count).isEqualTo(1);
        for (int i = 0; i < count; i++) {
            assertThat(nextHeard().dataLength()).isEqualTo(100_000);
        }
    }

    /// What waits for all together is bounded: those who read nothing lose it, and nobody else.
    @Test
    void peersThatNeverReadMakeRoomForOneThatReads() throws Exception {
        GossipSub gossip = GossipSub.builder(key).maxQueuedMemory(1_000_000).build();
        Host host = with(gossip);
        var _ = gossip.subscribe("hello");
        CountDownLatch opened = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            subscribed(never(opened), host);
        }
        opened.await();
        subscribed(raw(MESH), host);
        await(() -> gossip.peers("t").size() == 4);
        await(() -> streams.size() == 1);
        Bytes data = Bytes.wrap(new byte[100_000]);
        PublishResult last = gossip.publish("t", data);
        for (int i = 0; i < 40; i++) {
            assertThat(nextHeard().dataLength()).as(last.toString()).isEqualTo(100_000);
            last = gossip.publish("t", data);
        }
        // Each of the three has lost its queue by now.
        assertThat(last.sent()).isEqualTo(1);
        assertThat(last.dropped()).isEqualTo(3);
    }

    private static void subscribed(Host peer, Host to) throws IOException {
        Stream stream = peer.connect(MemoryHosts.addressOf(to)).openStream(MESH);
        send(stream, Rpc.subscriptions(java.util.List.of(new SubscriptionChange(true, "t"))));
    }

    /// Reads the first byte, with which the protocol is agreed on, and no more.
    private Host never(CountDownLatch opened) throws IOException {
        return hosts.start(
                hosts.builder()
                        .handler(
                                MESH,
                                stream -> {
                                    int _ = stream.read(new byte[1], 0, 1);
                                    opened.countDown();
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        stream.reset();
                                    }
                                }));
    }

    @Test
    void aStreamThatThePeerResetsIsOpenedAgainAndBeginsWithOurSubscriptions() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        var _ = gossip.subscribe("t");
        raw(MESH).connect(MemoryHosts.addressOf(host));
        Stream first = streams.poll(20, TimeUnit.SECONDS);
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(first).isNotNull();
        first.reset();
        assertThat(streams.poll(20, TimeUnit.SECONDS)).isNotNull();
        Rpc hello = heard.poll(20, TimeUnit.SECONDS);
        assertThat(hello).isNotNull();
        assertThat(hello.subscriptions()).containsExactly(new SubscriptionChange(true, "t"));
    }

    @Test
    void whatIsPublishedLastIsWrittenBeforeTheHostCloses() throws Exception {
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = with(gossip);
        Stream stream = raw(MESH).connect(MemoryHosts.addressOf(host)).openStream(MESH);
        send(stream, Rpc.subscriptions(java.util.List.of(new SubscriptionChange(true, "t"))));
        awaitSubscribed(gossip, "t");
        publish(gossip::publish);
        assertThat(nextHeard().dataLength()).isEqualTo(7);
        for (int i = 0; i < 20; i++) {
            assertThat(gossip.publish("t", Bytes.wrap(new byte[1000])).sent()).isEqualTo(1);
        }
        host.close();
        for (int i = 0; i < 20; i++) {
            assertThat(nextHeard().dataLength()).isEqualTo(1000);
        }
    }

    /// Of a stream that is reset, or whose connection ends before it, go drops what it has not
    /// read.
    @Test
    void whoeverReadsLateReadsWhatWasPublishedLastUpToTheEndOfTheStream() throws Exception {
        // So many that some of their streams would end after their connections, were they not
        // waited for.
        int peers = 30;
        CountDownLatch isClosed = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(peers);
        GossipSub gossip = GossipSub.builder(key).build();
        // Its time stands still: it waits for its streams as long as it takes.
        Host host =
                hosts.start(
                        hosts.builder().identity(key).timer(new ManualClock()).behaviour(gossip));
        for (int i = 0; i < peers; i++) {
            Host late =
                    hosts.start(
                            hosts.builder()
                                    .handler(
                                            MESH,
                                            stream -> {
                                                // Answers the opening of the stream.
                                                var _ = stream.read(new byte[0], 0, 0);
                                                await(isClosed);
                                                for (byte[] frame : allFrames(stream)) {
                                                    heard.add(CODEC.decode(frame).rpc());
                                                }
                                                ended.countDown();
                                            }));
            subscribed(late, host);
        }
        await(() -> gossip.peers("t").size() == peers);
        publish(gossip::publish, peers);
        host.close();
        isClosed.countDown();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < peers; i++) {
            assertThat(nextHeard().dataLength()).isEqualTo(7);
        }
    }

    private static void publish(Publishing service) throws InterruptedException {
        publish(service, 1);
    }

    /// Seven bytes, until our streams to so many are open.
    private static void publish(Publishing service, int peers) throws InterruptedException {
        await(() -> {
            try {
                return service.publish("t", Bytes.wrap(new byte[7])).sent() == peers;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    private interface Publishing {
        PublishResult publish(String topic, Bytes data) throws InterruptedException;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Up to the end of the stream; an exception if it does not end in order.
    private static java.util.List<byte[]> allFrames(Stream stream) throws IOException {
        java.util.List<byte[]> frames = new java.util.ArrayList<>();
        for (var next = Frames.readOrEnd(stream, 4 << 20);
                next.isPresent();
                next = Frames.readOrEnd(stream, 4 << 20)) {
            frames.add(next.get());
        }
        return frames;
    }

    /// As rust's FloodSub does it.
    @Test
    void aPeerThatReadsOneRpcFromAStreamGetsEachOnItsOwn() throws Exception {
        FloodSub flood = FloodSub.unsigned();
        Host host = hosts.start(hosts.builder().identity(key).behaviour(flood));
        var _ = flood.subscribe("t");
        Host rust =
                hosts.start(
                        hosts.builder()
                                .handler(
                                        FLOOD,
                                        stream -> {
                                            heard.add(
                                                    CODEC.decode(Frames.read(stream, 4 << 20))
                                                            .rpc());
                                            stream.reset();
                                        }));
        Connection connection = rust.connect(MemoryHosts.addressOf(host));
        try (Stream stream = connection.openStream(FLOOD)) {
            send(stream, Rpc.subscriptions(java.util.List.of(new SubscriptionChange(true, "t"))));
        }
        await(() -> !flood.peers("t").isEmpty());
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isNotNull();
        for (int i = 1; i <= 5; i++) {
            // Where the first is lost with the stream, it is repeated.
            publish(flood::publish);
            assertThat(nextHeard().dataLength()).isEqualTo(7);
        }
        // Each of its own comes on a stream of its own as well.
        Subscription subscription = flood.subscribe("t");
        for (int i = 0; i < 3; i++) {
            try (Stream stream = connection.openStream(FLOOD)) {
                Message message =
                        Message.unsigned(rust.peerId(), 100 + i, "t", Bytes.wrap(new byte[i]));
                send(stream, Rpc.message(Bytes.fromHex("01"), message));
            }
        }
        int all = 0;
        for (int i = 0; i < 3; i++) {
            all += next(subscription).message().dataLength();
        }
        assertThat(all).isEqualTo(3);
    }

    /// What was written and not read, and what still waited, when it reset the first stream.
    @Test
    void aPeerThatReadsOneRpcFromAStreamLosesNothingThatWaitedWhenThatWasFoundOut()
            throws Exception {
        FloodSub flood = FloodSub.unsigned();
        Host host = hosts.start(hosts.builder().identity(key).behaviour(flood));
        var _ = flood.subscribe("t");
        CountDownLatch published = new CountDownLatch(1);
        Host rust =
                hosts.start(
                        hosts.builder()
                                .handler(
                                        FLOOD,
                                        stream -> {
                                            heard.add(
                                                    CODEC.decode(Frames.read(stream, 4 << 20))
                                                            .rpc());
                                            await(published);
                                            stream.reset();
                                        }));
        Connection connection = rust.connect(MemoryHosts.addressOf(host));
        try (Stream stream = connection.openStream(FLOOD)) {
            send(stream, Rpc.subscriptions(java.util.List.of(new SubscriptionChange(true, "t"))));
        }
        await(() -> !flood.peers("t").isEmpty());
        // Our subscription: the stream is open.
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isNotNull();
        // The window takes two and a half of them.
        for (int i = 1; i <= 5; i++) {
            assertThat(flood.publish("t", Bytes.wrap(new byte[100_000 + i])).sent()).isEqualTo(1);
        }
        published.countDown();
        java.util.Set<Integer> lengths = new java.util.TreeSet<>();
        while (lengths.size() < 5) {
            lengths.add(nextHeard().dataLength());
        }
        assertThat(lengths).containsExactly(100_001, 100_002, 100_003, 100_004, 100_005);
    }
}
