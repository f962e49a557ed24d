package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.KadCodec;
import org.tutti.libp2p.internal.kad.Request;
import org.tutti.libp2p.internal.kad.Response;
import org.tutti.libp2p.internal.kad.Value;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordFixtures;
import org.tutti.libp2p.kad.record.SeenSequence;
import org.tutti.libp2p.kad.record.SeenSequenceStorage;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// Nodes in memory, through real hosts.
@Timeout(60)
class KademliaTest {
    private KadNetwork network = new KadNetwork();

    @AfterEach
    void close() {
        network.close();
    }

    @Test
    void twentyNodesFindPutAndGet() throws Exception {
        network = KadNetwork.of(20);
        Kademlia first = network.nodes.getFirst();
        Kademlia last = network.nodes.getLast();

        KadResult.Peer found = last.findPeer(network.all.get(7).peerId());
        assertThat(found.peer().orElseThrow().peer()).isEqualTo(network.all.get(7).peerId());

        Bytes key = TextValidator.key("a");
        KadResult.Stored stored = first.put(key, TextValidator.bytes("1 hello"));
        assertThat(stored.peers()).isEqualTo(19);

        KadResult.Value value = last.get(key);
        assertThat(value.value()).isEqualTo(Optional.of(TextValidator.bytes("1 hello")));
        assertThat(value.stats().hops()).isEqualTo(1);

        Bytes cid = Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();
        assertThat(first.provide(cid).peers()).isEqualTo(19);
        assertThat(last.findProviders(cid, 10).providers())
                .extracting(KadPeer::peer)
                .containsExactly(network.all.getFirst().peerId());
    }

    // What goes over the wire.

    private static final Bytes KEY = TextValidator.key("a");

    /// A stream to the first node, of a host that has no DHT.
    private Stream stream() throws IOException {
        Host mallory = network.hosts.start(network.hosts.builder());
        mallory.connect(network.address(0));
        return mallory.newStream(network.all.getFirst().peerId(), Kademlia.TUTTI);
    }

    private static Response read(Stream stream, Request to) throws IOException {
        return KadCodec.decodeResponse(to, Frames.read(stream, KadCodec.MAX_MESSAGE));
    }

    @Test
    void severalRequestsOnOneStreamAreAnsweredInTheirOrder() throws Exception {
        network = KadNetwork.of(2);
        try (Stream stream = stream()) {
            Value value = new Value(KEY, TextValidator.bytes("1 x"), 0);
            Request put = new Request.PutValue(value);
            // Has no response.
            Request provide =
                    new Request.AddProvider(
                            Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes(),
                            List.of(
                                    Contact.of(
                                            stranger(),
                                            List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1")))));
            Request get = new Request.GetValue(KEY);
            Frames.write(stream, KadCodec.encode(put));
            Frames.write(stream, KadCodec.encode(provide));
            Frames.write(stream, KadCodec.encode(get));
            assertThat(read(stream, put)).isEqualTo(new Response.Stored(value));
            assertThat(((Response.Found) read(stream, get)).value().map(Value::value))
                    .contains(value.value());
        }
    }

    /// The host of `stream`.
    private PeerId stranger() {
        return network.all.getFirst().connectedPeers().stream()
                .filter(p -> network.all.stream().noneMatch(h -> h.peerId().equals(p)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoeverEndsItsDirectionAfterItsRequestIsAnswered() throws Exception {
        network = KadNetwork.of(2);
        try (Stream stream = stream()) {
            Request find = new Request.FindNode(KEY);
            byte[] frame = Frames.encode(KadCodec.encode(find));
            stream.writeLast(frame, 0, frame.length);
            assertThat(read(stream, find).closer())
                    .extracting(Contact::peer)
                    .containsExactly(network.all.get(1).peerId());
            assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
    }

    @Test
    void whatIsNoRequestEndsTheStreamAndIsScored() throws Exception {
        network = KadNetwork.of(2);
        var events = MemoryHosts.events(network.all.getFirst());
        // Not a message; longer than any; a length of six bytes.
        for (String hex : List.of("03ffffff", "818008", "ffffffffff01")) {
            try (Stream stream = stream()) {
                byte[] frame = Bytes.fromHex(hex).toArray();
                stream.write(frame, 0, frame.length);
                assertThatThrownBy(
                                () -> {
                                    if (stream.read(new byte[1], 0, 1) < 0) {
                                        throw new IOException("ended");
                                    }
                                })
                        .isInstanceOf(IOException.class);
                KadEvent.PeerMisbehaved event =
                        MemoryHosts.next(events, KadEvent.PeerMisbehaved.class);
                assertThat(event.code()).isEqualTo("KAD_MALFORMED");
                assertThat(network.all.getFirst().peerScores().score(event.peer())).isLessThan(-9);
            }
        }
        assertThat(network.nodes.get(1).put(KEY, TextValidator.bytes("1 x")).peers()).isEqualTo(1);
    }

    @Test
    void whoeverMisbehavedALotIsNotAnswered() throws Exception {
        network = KadNetwork.of(2);
        try (Stream stream = stream()) {
            network.all.getFirst().peerScores().penalize(stranger(), "TEST", 100);
            Request find = new Request.FindNode(KEY);
            Frames.write(stream, KadCodec.encode(find));
            assertThat(read(stream, find).closer()).hasSize(1);
            network.all.getFirst().peerScores().penalize(stranger(), "TEST", 100);
            network.all.getFirst().peerScores().penalize(stranger(), "TEST", 1);
            try (Stream further = stream.connection().openStream(Kademlia.TUTTI)) {
                Frames.write(further, KadCodec.encode(find));
                assertThatThrownBy(() -> Frames.read(further, 100)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aRefusedValueResetsTheStream() throws Exception {
        network = KadNetwork.of(1);
        try (Stream stream = stream()) {
            Value value = new Value(TextValidator.bytes("/nobody/a"), KEY, 0);
            Frames.write(stream, KadCodec.encode(new Request.PutValue(value)));
            assertThatThrownBy(() -> Frames.read(stream, 100)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aClientAnswersNobodyAndDoesNotSayThatItWould() throws Exception {
        network = KadNetwork.of(1);
        Kademlia client = network.join(b -> b.mode(Kademlia.Mode.CLIENT));
        assertThat(network.all.get(1).connections(network.all.getFirst().peerId())).hasSize(1);
        assertThat(client.knownPeers()).hasSize(1);
        assertThat(network.nodes.getFirst().knownPeers()).isEmpty();
        assertThatThrownBy(() ->
                        network.all
                                .getFirst()
                                .newStream(network.all.get(1).peerId(), Kademlia.TUTTI)
                                .read(new byte[1], 0, 1))
                .isInstanceOf(ProtocolNotSupportedException.class);
        assertThat(client.put(KEY, TextValidator.bytes("1 x")).peers()).isEqualTo(1);
        assertThat(client.get(KEY).value()).contains(TextValidator.bytes("1 x"));
    }

    // What callers do wrong, or cannot have.

    @Test
    void aNamespaceWithoutValidatorIsRefusedByName() throws Exception {
        network = KadNetwork.of(2);
        Bytes key = TextValidator.bytes("/nobody/a");
        assertThatThrownBy(() -> network.nodes.get(1).put(key, KEY))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> network.nodes.get(1).get(key))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> network.nodes.get(1).put(KEY, TextValidator.bytes("no version")))
                .isInstanceOf(InvalidRecordException.class);
    }

    @Test
    void whoeverKnowsNobodyIsToldSo() throws Exception {
        Kademlia alone = network.add(b -> b);
        assertThatThrownBy(() -> alone.put(KEY, TextValidator.bytes("1 x")))
                .isInstanceOfSatisfying(
                        KadException.class,
                        e -> assertThat(e.code()).isEqualTo(KadException.Code.NO_PEERS));
        Multiaddr nowhere =
                Multiaddr.parse("/memory/999999")
                        .withPeerId(MemoryHosts.key().publicKey().peerId());
        assertThatThrownBy(() -> alone.bootstrap(List.of(nowhere)))
                .isInstanceOf(KadException.class);
        assertThatThrownBy(() -> alone.bootstrap(List.of(Multiaddr.parse("/memory/1"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOperationEndsWhenTheHostIsClosed() throws Exception {
        network = KadNetwork.of(2);
        // Accepts streams, and never answers.
        CountDownLatch asked = new CountDownLatch(1);
        Host silent =
                network.hosts.start(
                        network.hosts
                                .builder()
                                .handler(
                                        Kademlia.TUTTI,
                                        stream -> {
                                            asked.countDown();
                                            stream.inputStream()
                                                    .transferTo(
                                                            java.io.OutputStream
                                                                    .nullOutputStream());
                                        }));
        Kademlia node = network.nodes.get(1);
        Multiaddr address = MemoryHosts.addressOf(silent);
        FutureTask<Integer> joining = new FutureTask<>(() -> node.bootstrap(List.of(address)));
        Thread.ofVirtual().start(joining);
        asked.await();
        network.all.get(1).close();
        try {
            var _ = joining.get(20, TimeUnit.SECONDS); // It learnt first that the peer is gone.
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(KadException.class);
        }
    }

    /// After the tag of the field that says what a message is, which comes first.
    private static final int FIND_NODE = 4;

    /// What is provided has no response: the node may be gone before the peer reads it.
    @Test
    void whoeverReadsLateReadsWhatWasProvidedLast() throws Exception {
        CountDownLatch isClosed = new CountDownLatch(1);
        CompletableFuture<Request> late = new CompletableFuture<>();
        Kademlia node =
                besideServer((in, message) -> {
                    await(isClosed);
                    late.complete(message.read(in));
                });
        assertThat(node.provide(PROVIDED).peers()).isEqualTo(1);
        network.all.getFirst().close();
        isClosed.countDown();
        assertThat(late.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Request.AddProvider.class,
                        add -> assertThat(add.key()).isEqualTo(PROVIDED));
    }

    /// Another request on the same stream may be cancelled, and its reset takes from the peer what
    /// it has not read by then.
    @Test
    void whatIsProvidedIsTheLastOnItsStream() throws Exception {
        CompletableFuture<Integer> next = new CompletableFuture<>();
        Kademlia node =
                besideServer((in, message) -> {
                    message.read(in);
                    next.complete(in.read());
                });
        assertThat(node.provide(PROVIDED).peers()).isEqualTo(1);
        // Has requests for which a stream would be used again.
        assertThat(node.provide(PROVIDED).peers()).isEqualTo(1);
        assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
    }

    private static final Bytes PROVIDED =
            Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();

    /// A message of which the first bytes were read.
    private record Begun(Bytes begin, int length) {
        Request read(InputStream in) throws IOException {
            Bytes rest = Bytes.wrap(in.readNBytes(length - begin.length()));
            return KadCodec.decodeRequest(Bytes.concat(begin, rest).toArray());
        }
    }

    private interface Provided {
        /// No more of the message has been read than what it is.
        void begun(InputStream in, Begun message) throws IOException;
    }

    /// A node that knows a server, which names nobody.
    private Kademlia besideServer(Provided provided) throws IOException {
        Host server =
                network.hosts.start(
                        network.hosts
                                .builder()
                                .handler(Kademlia.TUTTI, stream -> serve(stream, provided)));
        Kademlia node = network.add(b -> b);
        node.bootstrap(List.of(MemoryHosts.addressOf(server)));
        return node;
    }

    private static void serve(Stream stream, Provided provided) throws IOException {
        InputStream in = stream.inputStream();
        for (int length = in.read(); length >= 0; length = in.read()) {
            Begun message = new Begun(Bytes.wrap(in.readNBytes(2)), length);
            if (message.begin.get(1) != FIND_NODE) {
                provided.begun(in, message);
                return;
            }
            Frames.write(stream, KadCodec.encode(message.read(in), new Response.Closer(List.of())));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aRequestThatComesByteByByteHasOneMinuteInAll() throws Exception {
        ManualClock clock = new ManualClock();
        Kademlia node = Kademlia.builder().mode(Kademlia.Mode.SERVER).build();
        Host host = network.hosts.start(network.hosts.builder().timer(clock).behaviour(node));
        Host mallory = network.hosts.start(network.hosts.builder());
        mallory.connect(MemoryHosts.addressOf(host));
        byte[] frame = Frames.encode(KadCodec.encode(new Request.FindNode(KEY)));
        try (Stream stream = mallory.newStream(host.peerId(), Kademlia.TUTTI)) {
            stream.write(frame, 0, frame.length);
            assertThat(Frames.read(stream, KadCodec.MAX_MESSAGE)).isNotEmpty();
            stream.setReadTimeout(Duration.ofMillis(100));
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < frame.length - 1; i++) {
                                    stream.write(frame, i, 1);
                                    requireSilence(stream);
                                    clock.advance(KadDriver.IDLE.plusSeconds(1));
                                }
                            })
                    .isInstanceOf(StreamResetException.class);
        }
    }

    private static void requireSilence(Stream stream) throws IOException {
        try {
            assertThat(stream.read(new byte[1], 0, 1)).isZero();
        } catch (SocketTimeoutException e) {
            // As it should be.
        }
    }

    // From one run to the next.

    @Test
    void aNodeFindsItsNetworkAgainWithoutBeingToldWhereItIs() throws Exception {
        network = KadNetwork.of(3);
        MemoryStorage storage = new MemoryStorage();
        Kademlia node = network.join(b -> b.routingTable(storage));
        assertThat(node.knownPeers()).hasSize(3);
        network.all.getLast().close();
        assertThat(storage.load()).hasSize(3);

        Kademlia again = network.add(b -> b.routingTable(storage));
        while (again.knownPeers().size() < 3) {
            Thread.sleep(1);
        }
    }

    @Test
    void aReaderThatRunsAgainIsShownNothingOlderThanItSaw() throws Exception {
        Bytes key = RecordFixtures.keyOf(RecordFixtures.ALICE);
        SeenStorage storage = new SeenStorage();
        network.join(KademliaTest::ofRecords);
        Bytes newer = record(2);
        network.join(KademliaTest::ofRecords).put(key, newer);
        Kademlia reader = network.join(b -> ofRecords(b).seenSequences(storage));
        assertThat(reader.get(key).value()).contains(newer);
        network.close();

        // The attacker's are all who are left.
        network = new KadNetwork();
        network.join(KademliaTest::ofRecords);
        Bytes older = record(1);
        network.join(KademliaTest::ofRecords).put(key, older);
        Kademlia stranger = network.join(KademliaTest::ofRecords);
        assertThat(stranger.get(key).value()).contains(older);
        Kademlia again = network.join(b -> ofRecords(b).seenSequences(storage));
        assertThat(again.get(key).value()).isEmpty();
    }

    private static Kademlia.Builder ofRecords(Kademlia.Builder builder) {
        return builder.validator(RecordFixtures.VALIDATOR)
                .clock(() -> Instant.ofEpochMilli(RecordFixtures.MILLIS));
    }

    private static Bytes record(int number) {
        return RecordFixtures.record(
                        RecordFixtures.ALICE, RecordFixtures.MILLIS + number, "record " + number)
                .seal(RecordFixtures.ALICE);
    }

    private static final class SeenStorage implements SeenSequenceStorage {
        private volatile List<SeenSequence> saved = List.of();

        @Override
        public List<SeenSequence> load() {
            return saved;
        }

        @Override
        public void save(List<SeenSequence> seen) {
            saved = seen;
        }
    }

    private static final class MemoryStorage implements RoutingTableStorage {
        private volatile List<KadPeer> peers = List.of();

        @Override
        public List<KadPeer> load() {
            return peers;
        }

        @Override
        public void save(List<KadPeer> saved) {
            peers = saved;
        }
    }
}
