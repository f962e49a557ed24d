package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tutti.libp2p.kad.record.RecordFixtures.ALICE;
import static org.tutti.libp2p.kad.record.RecordFixtures.MALLORY;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAME;
import static org.tutti.libp2p.kad.record.RecordFixtures.NAMESPACE;
import static org.tutti.libp2p.kad.record.RecordFixtures.NETWORK;
import static org.tutti.libp2p.kad.record.RecordFixtures.NOW;
import static org.tutti.libp2p.kad.record.RecordFixtures.VALIDATOR;
import static org.tutti.libp2p.kad.record.RecordFixtures.id;
import static org.tutti.libp2p.kad.record.RecordFixtures.keyOf;
import static org.tutti.libp2p.kad.record.RecordFixtures.record;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;
import static org.tutti.libp2p.kad.record.RecordFixtures.tombstone;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.internal.kad.KadCodec;
import org.tutti.libp2p.internal.kad.Request;
import org.tutti.libp2p.internal.kad.Response;
import org.tutti.libp2p.internal.kad.Value;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;

/// All replicas of a key belong to one attacker: it can hide a record, and show a reader that never
/// saw a newer one an older one until that expires. It cannot forge one, empty it or bring back
/// what a reader saw replaced.
@Timeout(60)
class HostileReplicasTest {
    private static final Bytes KEY = keyOf(ALICE);
    private static final int REPLICAS = 3;

    private final MemoryHosts hosts = new MemoryHosts();

    // Volatile: set by the test, read by the replicas' threads and the reader's.
    private volatile Supplier<Optional<Bytes>> answer = Optional::empty;
    private volatile Instant now = NOW;

    private final List<Multiaddr> replicas = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < REPLICAS; i++) {
            Host host = hosts.start(hosts.builder().handler(Kademlia.TUTTI, this::answer));
            replicas.add(MemoryHosts.addressOf(host));
        }
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    private void answer(Stream stream) throws IOException {
        while (true) {
            Request request = KadCodec.decodeRequest(Frames.read(stream, KadCodec.MAX_MESSAGE));
            Response response =
                    switch (request) {
                        case Request.GetValue _ ->
                                new Response.Found(
                                        answer.get().map(value -> new Value(KEY, value, 0)),
                                        List.of());
                        case Request.PutValue put -> new Response.Stored(put.value());
                        default -> new Response.Closer(List.of());
                    };
            Frames.write(stream, KadCodec.encode(request, response));
        }
    }

    private Kademlia reader() throws IOException {
        return reader(new ArrayList<>());
    }

    private Kademlia reader(List<BlockingQueue<HostEvent>> events) throws IOException {
        Kademlia node = Kademlia.builder().validator(VALIDATOR).clock(() -> now).build();
        Host host = hosts.start(hosts.builder().behaviour(node));
        events.add(MemoryHosts.events(host));
        assertThat(node.bootstrap(replicas)).isEqualTo(REPLICAS);
        return node;
    }

    private void say(Bytes value) {
        answer = () -> Optional.of(value);
    }

    private static Bytes sealed(SignedRecord record) {
        return record.seal(ALICE);
    }

    /// Alice signed it, for another place.
    private static Bytes elsewhere(Bytes network, String namespace, Bytes name) {
        return sealed(
                SignedRecord.of(
                        network,
                        namespace,
                        id(ALICE),
                        name,
                        MILLIS,
                        Duration.ofDays(1),
                        text("elsewhere")));
    }

    @Test
    void aRecordCanBeHidden() throws Exception {
        assertThat(reader().get(KEY).value()).isEmpty();
    }

    @Test
    void noneCanBeForgedOrEmptied() throws Exception {
        List<BlockingQueue<HostEvent>> events = new ArrayList<>();
        Bytes genuine = sealed(record(ALICE, MILLIS, "genuine"));
        byte[] tampered = genuine.toArray();
        tampered[tampered.length - 1] ^= 1;
        for (Bytes forged :
                List.of(
                        Bytes.EMPTY,
                        Bytes.wrap(new byte[1]),
                        Bytes.wrap(tampered),
                        genuine.slice(0, genuine.length() - 1),
                        // Of another author, who signed it.
                        record(MALLORY, MILLIS, "mine").seal(MALLORY),
                        tombstone(MALLORY, MILLIS).seal(MALLORY),
                        // From another network, another namespace, under another name.
                        elsewhere(text("other"), NAMESPACE, NAME),
                        elsewhere(NETWORK, "other", NAME),
                        elsewhere(NETWORK, NAMESPACE, text("other")),
                        // From the far future, which no honest replica keeps.
                        sealed(record(ALICE, MILLIS + Duration.ofDays(1).toMillis(), "early")))) {
            say(forged);
            assertThat(reader(events).get(KEY).value()).as(forged.toHex()).isEmpty();
            KadEvent.PeerMisbehaved event =
                    MemoryHosts.next(events.getLast(), KadEvent.PeerMisbehaved.class);
            assertThat(event.code()).isEqualTo("KAD_INVALID_VALUE");
        }
        say(genuine);
        assertThat(reader().get(KEY).value()).contains(genuine);
    }

    @Test
    void anOlderOneIsShownOnlyToWhoeverNeverSawANewerOne() throws Exception {
        Bytes old = sealed(record(ALICE, MILLIS, "old"));
        Bytes recent = sealed(record(ALICE, MILLIS + 1, "recent"));
        Kademlia knowing = reader();
        say(recent);
        assertThat(knowing.get(KEY).value()).contains(recent);
        say(old);
        assertThat(knowing.get(KEY).value()).isEmpty();
        assertThat(reader().get(KEY).value()).contains(old);
    }

    @Test
    void anOlderOneIsShownNoLongerThanItsExpiry() throws Exception {
        Duration lifetime = Duration.ofHours(1);
        Bytes old = sealed(record(ALICE, MILLIS, lifetime, "old"));
        say(old);
        now = NOW.plus(lifetime).minusMillis(1);
        assertThat(reader().get(KEY).value()).contains(old);
        now = NOW.plus(lifetime);
        assertThat(reader().get(KEY).value()).isEmpty();
    }

    @Test
    void whatWasTakenBackDoesNotComeBack() throws Exception {
        Bytes old = sealed(record(ALICE, MILLIS, "old"));
        Bytes gone = sealed(tombstone(ALICE, MILLIS + 1));
        Kademlia knowing = reader();
        say(gone);
        assertThat(knowing.get(KEY).value()).contains(gone);
        say(old);
        assertThat(knowing.get(KEY).value()).isEmpty();
    }

    /// One honest replica of three is enough.
    @Test
    void oneHonestReplicaIsEnough() throws Exception {
        Bytes recent = sealed(record(ALICE, MILLIS + 1, "recent"));
        Bytes old = sealed(record(ALICE, MILLIS, "old"));
        java.util.concurrent.atomic.AtomicInteger turn =
                new java.util.concurrent.atomic.AtomicInteger();
        answer = () -> Optional.of(turn.getAndIncrement() % REPLICAS == 1 ? recent : old);
        assertThat(reader().get(KEY).value()).contains(recent);
    }
}
