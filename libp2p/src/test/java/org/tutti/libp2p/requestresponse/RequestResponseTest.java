package org.tutti.libp2p.requestresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.requestresponse.RequestException.Code;
import org.tutti.libp2p.swarm.ConnectionGater;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.HandlerFailed;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.NotConnectedException;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Alice asks, bob answers, mallory does neither as she should.
@Timeout(60)
class RequestResponseTest {
    private static final String PROTOCOL = "/upper/1.0.0";
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    private final MemoryHosts hosts = new MemoryHosts();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        hosts.close();
    }

    /// With more time than any test takes, on whatever machine.
    private static RequestResponse.Builder builder() {
        return RequestResponse.builder(PROTOCOL).timeout(Duration.ofMinutes(5));
    }

    private static byte[] upper(byte[] request) {
        return new String(request, StandardCharsets.UTF_8)
                .toUpperCase(java.util.Locale.ROOT)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static RequestResponse.Builder answering() {
        return builder().handler((_, request) -> upper(request));
    }

    private Host listen(RequestResponse answers) throws IOException {
        return hosts.start(hosts.builder().behaviour(answers));
    }

    /// A host that asks, connected to the peer.
    private Host dial(RequestResponse asks, Host peer, HostBuilder builder) throws IOException {
        Host alice = hosts.start(builder.behaviour(asks));
        alice.connect(MemoryHosts.addressOf(peer));
        return alice;
    }

    private RequestResponse asking(RequestResponse.Builder builder, Host peer) throws IOException {
        RequestResponse asks = builder.build();
        dial(asks, peer, hosts.builder());
        return asks;
    }

    private static void assertCode(ThrowingCallable work, Code code) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static <T> FutureTask<T> async(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    @Test
    void aRequestGetsItsResponse() throws Exception {
        BlockingQueue<PeerId> asked = new LinkedBlockingQueue<>();
        Host bob =
                listen(
                        builder()
                                .handler((peer, request) -> {
                                    asked.add(peer);
                                    return upper(request);
                                })
                                .build());
        RequestResponse asks = builder().build();
        Host alice = dial(asks, bob, hosts.builder());
        assertThat(asks.request(bob.peerId(), HELLO)).asString().isEqualTo("HELLO");
        assertThat(asked).containsExactly(alice.peerId());
        assertThat(asks.request(bob.peerId(), new byte[0])).isEmpty();
    }

    @Test
    void anAddressThatIsKnownIsEnough() throws Exception {
        Host bob = listen(answering().build());
        RequestResponse asks = builder().build();
        Host alice = hosts.start(hosts.builder().behaviour(asks));
        assertThatThrownBy(() -> asks.request(bob.peerId(), DialOptions.defaults().noDial(), HELLO))
                .isInstanceOf(NotConnectedException.class);
        assertThatThrownBy(() -> asks.request(bob.peerId(), HELLO))
                .isInstanceOf(DialFailedException.class);
        alice.addAddress(bob.peerId(), MemoryHosts.addressOf(bob));
        assertThat(asks.request(bob.peerId(), HELLO)).asString().isEqualTo("HELLO");
    }

    @Test
    void manyRequestsAtOnceDoNotMix() throws Exception {
        Host bob = listen(answering().maxPerPeer(40).build());
        RequestResponse asks = asking(builder().maxPerPeer(40), bob);
        List<FutureTask<String>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            byte[] request = ("r" + i + "x".repeat(i * 3_000)).getBytes(StandardCharsets.UTF_8);
            answers.add(
                    async(() ->
                            new String(
                                    asks.request(bob.peerId(), request), StandardCharsets.UTF_8)));
        }
        for (int i = 0; i < 40; i++) {
            assertThat(get(answers.get(i))).isEqualTo("R" + i + "X".repeat(i * 3_000));
        }
    }

    @Test
    void bothFramingsCarryMegabytes() throws Exception {
        byte[] much = "y".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
        for (Framing framing : Framing.values()) {
            Host bob = listen(answering().framing(framing).build());
            RequestResponse asks = asking(builder().framing(framing), bob);
            assertThat(asks.request(bob.peerId(), much)).isEqualTo(upper(much));
        }
    }

    /// What a program in another language would write and read.
    @Test
    void theBytesOnTheStreamAreALengthAndTheMessage() throws Exception {
        Host bob = listen(answering().build());
        Host other = hosts.start(hosts.builder());
        try (Stream stream = other.connect(MemoryHosts.addressOf(bob)).openStreamLazily(PROTOCOL)) {
            stream.outputStream().write(new byte[] {2, 'h', 'i'});
            assertThat(stream.inputStream().readAllBytes()).containsExactly(2, 'H', 'I');
        }
        Host plain = listen(answering().framing(Framing.UNTIL_END).build());
        try (Stream stream =
                other.connect(MemoryHosts.addressOf(plain)).openStreamLazily(PROTOCOL)) {
            stream.outputStream().write(new byte[] {'h', 'i'});
            stream.outputStream().close();
            assertThat(stream.inputStream().readAllBytes()).containsExactly('H', 'I');
        }
    }

    @Test
    void aRequestThatIsTooLongIsOurOwnFault() throws Exception {
        Host bob = listen(answering().build());
        RequestResponse asks = asking(builder().maxRequest(4), bob);
        assertThatThrownBy(() -> asks.request(bob.peerId(), HELLO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequestThatIsTooLongForThePeerIsReset() throws Exception {
        for (Framing framing : Framing.values()) {
            Host bob = listen(answering().maxRequest(4).framing(framing).build());
            BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
            RequestResponse asks = asking(builder().framing(framing), bob);
            assertCode(() -> asks.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
            assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                    .isInstanceOf(FrameException.class);
            // The next one is not held up by it.
            assertThat(asks.request(bob.peerId(), new byte[] {'a'})).containsExactly('A');
        }
    }

    @Test
    void aResponseThatIsTooLongIsRefused() throws Exception {
        for (Framing framing : Framing.values()) {
            Host mallory =
                    listen(builder().framing(framing).handler((_, _) -> new byte[5]).build());
            RequestResponse asks = asking(builder().maxResponse(4).framing(framing), mallory);
            assertCode(() -> asks.request(mallory.peerId(), HELLO), Code.BAD_MESSAGE);
        }
    }

    @Test
    void aResponseOverOurOwnBoundIsAFaultOfTheHandler() throws Exception {
        Host bob = listen(builder().maxResponse(4).handler((_, _) -> new byte[5]).build());
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        RequestResponse asks = asking(builder(), bob);
        assertCode(() -> asks.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).cause())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHandlerThatFailsGivesNoResponse() throws Exception {
        Host bob =
                listen(
                        builder()
                                .handler((_, _) -> {
                                    throw new IOException("I will not say");
                                })
                                .build());
        RequestResponse asks = asking(builder(), bob);
        assertCode(() -> asks.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
    }

    @Test
    void whoeverEndsBeforeTheWholeResponseGaveNone() throws Exception {
        Host mallory =
                hosts.start(
                        hosts.builder()
                                .handler(
                                        PROTOCOL,
                                        stream -> stream.write(new byte[] {9, 1, 2}, 0, 3)));
        RequestResponse asks = asking(builder(), mallory);
        assertCode(() -> asks.request(mallory.peerId(), HELLO), Code.NO_RESPONSE);
    }

    @Test
    void aPeerThatDoesNotSpeakItSaysSo() throws Exception {
        Host bob = hosts.start(hosts.builder());
        RequestResponse asks = asking(builder(), bob);
        assertThatThrownBy(() -> asks.request(bob.peerId(), HELLO))
                .isInstanceOf(ProtocolNotSupportedException.class);
    }

    @Test
    void aResponseThatDoesNotComeIsGivenUpInTime() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        // Not of this protocol's own making: that would give up by itself.
        Host mallory =
                hosts.start(
                        hosts.builder()
                                .handler(
                                        PROTOCOL,
                                        stream -> {
                                            Frames.read(stream, 100);
                                            asked.countDown();
                                            awaitRelease();
                                        }));
        ManualClock clock = new ManualClock();
        RequestResponse asks = builder().timeout(Duration.ofSeconds(7)).build();
        dial(asks, mallory, hosts.builder().timer(clock));
        FutureTask<byte[]> asking = async(() -> asks.request(mallory.peerId(), HELLO));
        asked.await();
        clock.advance(Duration.ofMillis(6_999));
        assertThat(asking.isDone()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertCode(() -> get(asking), Code.TIMEOUT);
    }

    @Test
    void aRequestThatDoesNotComeIsGivenUpInTime() throws Exception {
        ManualClock clock = new ManualClock();
        Host bob =
                hosts.start(
                        hosts.builder()
                                .timer(clock)
                                .behaviour(answering().timeout(Duration.ofSeconds(7)).build()));
        BlockingQueue<HostEvent> events = MemoryHosts.events(bob);
        Host mallory = hosts.start(hosts.builder());
        // It agrees when it waits for the request, so that its time has begun.
        Stream stream = mallory.connect(MemoryHosts.addressOf(bob)).openStream("/no/1", PROTOCOL);
        stream.write(new byte[] {5, 'h'}, 0, 2);
        clock.advance(Duration.ofSeconds(7));
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
                .isInstanceOf(StreamResetException.class);
        assertThat(MemoryHosts.next(events, HandlerFailed.class).protocol()).isEqualTo(PROTOCOL);
    }

    private void awaitRelease() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void requestsToOnePeerAreBounded() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        Host bob =
                listen(
                        builder()
                                .handler((_, request) -> {
                                    asked.countDown();
                                    awaitRelease();
                                    return request;
                                })
                                .build());
        Host carol = listen(answering().build());
        RequestResponse asks = builder().maxPerPeer(2).build();
        Host alice = dial(asks, bob, hosts.builder());
        alice.connect(MemoryHosts.addressOf(carol));
        FutureTask<byte[]> first = async(() -> asks.request(bob.peerId(), HELLO));
        FutureTask<byte[]> second = async(() -> asks.request(bob.peerId(), HELLO));
        asked.await();
        assertCode(() -> asks.request(bob.peerId(), HELLO), Code.TOO_MANY_REQUESTS);
        assertThat(asks.request(carol.peerId(), HELLO)).asString().isEqualTo("HELLO");
        release.countDown();
        assertThat(get(first)).isEqualTo(HELLO);
        assertThat(get(second)).isEqualTo(HELLO);
        assertThat(asks.request(bob.peerId(), HELLO)).isEqualTo(HELLO);
    }

    /// Where the peer's protocols are not known yet, the stream is opened in two steps, and may end
    /// between them.
    @Test
    void aStreamThatIsResetWhileItIsOpenedIsNoResponse() throws Exception {
        ConnectionGater nothing =
                new ConnectionGater() {
                    @Override
                    public boolean allowStream(PeerId peer, String protocol) {
                        return false;
                    }
                };
        Host bob = hosts.start(hosts.builder().gater(nothing).behaviour(answering().build()));
        RequestResponse asks = asking(builder(), bob);
        assertCode(() -> asks.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
    }

    @Test
    void requestsOfOnePeerAreBounded() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        Host bob =
                listen(
                        builder()
                                .maxPerPeer(2)
                                .handler((_, request) -> {
                                    asked.countDown();
                                    awaitRelease();
                                    return request;
                                })
                                .build());
        RequestResponse asks = asking(builder().maxPerPeer(3), bob);
        FutureTask<byte[]> first = async(() -> asks.request(bob.peerId(), HELLO));
        FutureTask<byte[]> second = async(() -> asks.request(bob.peerId(), HELLO));
        asked.await();
        assertCode(() -> asks.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
        release.countDown();
        get(first);
        get(second);
    }

    @Test
    void requestsOfAllPeersTogetherAreBounded() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Host bob =
                listen(
                        builder()
                                .maxInbound(1)
                                .handler((_, request) -> {
                                    asked.countDown();
                                    awaitRelease();
                                    return request;
                                })
                                .build());
        RequestResponse alices = asking(builder(), bob);
        RequestResponse carols = asking(builder(), bob);
        FutureTask<byte[]> first = async(() -> alices.request(bob.peerId(), HELLO));
        asked.await();
        assertCode(() -> carols.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
        assertThat(bob.stats().refused()).containsEntry("maxInbound", 1L);
        release.countDown();
        get(first);
    }

    @Test
    void placesAreKeptForWhomAHostKnows() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        AtomicBoolean known = new AtomicBoolean();
        Host bob =
                listen(
                        builder()
                                .maxInbound(2)
                                .reserve(1, _ -> known.get())
                                .handler((_, request) -> {
                                    asked.countDown();
                                    awaitRelease();
                                    return request;
                                })
                                .build());
        RequestResponse alices = asking(builder(), bob);
        RequestResponse carols = asking(builder(), bob);
        FutureTask<byte[]> first = async(() -> alices.request(bob.peerId(), HELLO));
        while (asked.getCount() > 1) {
            Thread.sleep(1);
        }
        assertCode(() -> carols.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
        known.set(true);
        FutureTask<byte[]> second = async(() -> carols.request(bob.peerId(), HELLO));
        asked.await();
        assertCode(() -> alices.request(bob.peerId(), HELLO), Code.NO_RESPONSE);
        release.countDown();
        get(first);
        get(second);
    }

    @Test
    void whatBelongsToNoHostCannotAsk() {
        RequestResponse asks = builder().build();
        PeerId peer = MemoryHosts.key().publicKey().peerId();
        assertThatThrownBy(() -> asks.request(peer, HELLO))
                .isInstanceOf(IllegalStateException.class);
        assertThat(asks.protocols()).as("it answers nobody").isEmpty();
    }

    @Test
    void itBelongsToOneHost() {
        RequestResponse asks = builder().build();
        Host host = hosts.builder().behaviour(asks).build();
        HostBuilder another = hosts.builder().behaviour(asks);
        assertThatThrownBy(another::build).isInstanceOf(IllegalStateException.class);
        host.close();
    }

    @Test
    void boundsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> builder().maxRequest(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().maxResponse(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().maxPerPeer(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().maxInbound(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().timeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lengthsThatAreNoneAreRefused() throws Exception {
        Host mallory =
                hosts.start(
                        hosts.builder()
                                .handler(
                                        PROTOCOL,
                                        stream -> {
                                            Frames.read(stream, 100);
                                            byte[] notMinimal = {(byte) 0x80, 0};
                                            stream.write(notMinimal, 0, 2);
                                        }));
        RequestResponse asks = asking(builder(), mallory);
        assertCode(() -> asks.request(mallory.peerId(), HELLO), Code.BAD_MESSAGE);
    }
}
