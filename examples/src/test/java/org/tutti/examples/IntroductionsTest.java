package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.transport.memory.MemoryNetwork;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class IntroductionsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Host> hosts = new ArrayList<>();

    @AfterEach
    void close() {
        hosts.forEach(Host::close);
        assertThat(hosts).allSatisfy(h -> assertThat(h.runningThreads()).isZero());
    }

    private HostBuilder builder() {
        return Host.builder()
                .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                .transport(network.transport())
                .listen(Multiaddr.parse("/memory/0"));
    }

    private Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        hosts.add(host);
        host.start();
        return host;
    }

    private static <E extends HostEvent> BlockingQueue<E> events(Host host, Class<E> type) {
        BlockingQueue<E> queue = new LinkedBlockingQueue<>();
        var _ = host.subscribe(type, queue::add);
        return queue;
    }

    private static <E> E next(BlockingQueue<E> events) throws InterruptedException {
        E event = events.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    private static void connect(Host from, Host to) throws IOException {
        from.awaitIdentified(from.connect(to.addresses().getFirst()), SOON);
    }

    @Test
    void whoeverIsIntroducedIsMet() throws Exception {
        Host bob = start(builder().behaviour(new Introductions()));
        Host carol = start(builder().behaviour(new Introductions()));
        connect(bob, carol);
        Host alice = start(builder().behaviour(new Introductions()));
        BlockingQueue<Introductions.Met> met = events(alice, Introductions.Met.class);
        connect(alice, bob);
        assertThat(next(met)).isEqualTo(new Introductions.Met(carol.peerId(), bob.peerId()));
        assertThat(alice.isConnected(carol.peerId())).isTrue();
    }

    @Test
    void whoeverCannotBeReachedIsToldOf() throws Exception {
        Host bob = start(builder().behaviour(new Introductions()));
        Host dave = start(builder());
        connect(bob, dave);
        // Said by the operator, and not true: nobody listens there. It is dialled first.
        bob.addAddress(dave.peerId(), Multiaddr.parse("/memory/7"));
        Host alice = start(builder().behaviour(new Introductions()));
        BlockingQueue<Introductions.NotMet> failed = events(alice, Introductions.NotMet.class);
        connect(alice, bob);
        assertThat(next(failed)).isEqualTo(new Introductions.NotMet(dave.peerId(), "DIAL_FAILED"));
    }

    @Test
    void aHostThatIsClosedSaysGoodbye() throws Exception {
        Host alice = start(builder().behaviour(new Introductions()));
        Host bob = start(builder().behaviour(new Introductions()));
        BlockingQueue<Introductions.Leaving> leaving = events(alice, Introductions.Leaving.class);
        connect(bob, alice);
        bob.close();
        assertThat(next(leaving)).isEqualTo(new Introductions.Leaving(bob.peerId()));
    }

    @Test
    void peersHearOfProtocolsAndAddressesThatComeAndGo() throws Exception {
        Introductions introductions = new Introductions();
        Host bob = start(builder().behaviour(introductions));
        Host alice = start(builder());
        BlockingQueue<Identified> identified = events(alice, Identified.class);
        BlockingQueue<Identified> seenByBob = events(bob, Identified.class);
        connect(alice, bob);
        assertThat(next(identified).info().protocols()).contains(Introductions.PROTOCOL);
        // Bob pushes only to peers who said that they take pushes.
        next(seenByBob);
        introductions.keepToMyself();
        assertThat(next(identified).info().protocols()).doesNotContain(Introductions.PROTOCOL);
        Multiaddr forwarded = Multiaddr.parse("/ip4/192.0.2.7/tcp/4001");
        bob.addExternalAddress(forwarded);
        assertThat(next(identified).info().listenAddresses()).contains(forwarded);
        bob.removeExternalAddress(forwarded);
        assertThat(next(identified).info().listenAddresses()).doesNotContain(forwarded);
    }
}
