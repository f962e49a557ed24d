package org.tutti.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.ManualClock;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class MdnsTest {
    private final MemoryMdnsLink link = new MemoryMdnsLink();
    private final ManualClock clock = new ManualClock();
    private final Multiaddr alices = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");
    private final Multiaddr bobs = Multiaddr.parse("/ip4/192.0.2.2/tcp/1");
    private final PeerId alice = peer();
    private final PeerId bob = peer();
    private final BlockingQueue<MdnsEvent> seenByAlice = new LinkedBlockingQueue<>();
    private final BlockingQueue<MdnsEvent> seenByBob = new LinkedBlockingQueue<>();

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    /// The clock is closed by the test alone.
    private Timer shared() {
        return new Timer() {
            @Override
            public long nanoTime() {
                return clock.nanoTime();
            }

            @Override
            public void schedule(Duration delay, Runnable task) {
                clock.schedule(delay, task);
            }

            @Override
            public void close() {}
        };
    }

    private Mdns alice() {
        return new Mdns(
                alice,
                () -> List.of(alices),
                seenByAlice::add,
                link.connect("192.0.2.1"),
                shared(),
                new Random(1));
    }

    private Mdns bob() {
        return new Mdns(
                bob,
                () -> List.of(bobs),
                seenByBob::add,
                link.connect("192.0.2.2"),
                shared(),
                new Random(2));
    }

    /// The next event, however far time has to go for it.
    private MdnsEvent next(BlockingQueue<MdnsEvent> events) throws InterruptedException {
        while (true) {
            MdnsEvent event = events.poll(20, TimeUnit.MILLISECONDS);
            if (event != null) {
                return event;
            }
            clock.advance(Duration.ofMillis(100));
        }
    }

    @Test
    void twoPeersFindEachOtherAndNoticeTheGoodbye() throws Exception {
        try (Mdns first = alice()) {
            first.start();
            try (Mdns second = bob()) {
                second.start();
                // Alice may have answered her own question within this second, and Bob waits then.
                assertThat(next(seenByBob))
                        .isEqualTo(new MdnsEvent.Discovered(alice, List.of(alices)));
                assertThat(next(seenByAlice))
                        .isEqualTo(new MdnsEvent.Discovered(bob, List.of(bobs)));
            }
            assertThat(next(seenByAlice)).isEqualTo(new MdnsEvent.Expired(bob));
        }
    }

    @Test
    void aListenerThatFailsHearsTheNextEventAllTheSame() throws Exception {
        BlockingQueue<MdnsEvent> heard = new LinkedBlockingQueue<>();
        try (Mdns first =
                new Mdns(
                        alice,
                        () -> List.of(alices),
                        event -> {
                            heard.add(event);
                            throw new IllegalStateException("a test's");
                        },
                        link.connect("192.0.2.1"),
                        shared(),
                        new Random(1))) {
            first.start();
            try (Mdns second = bob()) {
                second.start();
                assertThat(next(heard)).isInstanceOf(MdnsEvent.Discovered.class);
            }
            assertThat(next(heard)).isEqualTo(new MdnsEvent.Expired(bob));
        }
    }

    /// The timer's word finds no place in a queue that is full, and must not be lost: nobody would
    /// ever expire, and nothing be asked again.
    @Test
    void aFloodDoesNotStopTheTime() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BlockingQueue<MdnsEvent> heard = new LinkedBlockingQueue<>();
        MdnsLink mallory = link.connect("192.0.2.66");
        mallory.open((_, _) -> {});
        try (Mdns first =
                new Mdns(
                        alice,
                        () -> List.of(alices),
                        event -> {
                            heard.add(event);
                            told.countDown();
                            try {
                                goOn.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        link.connect("192.0.2.1"),
                        shared(),
                        new Random(1))) {
            first.start();
            for (Bytes packet :
                    MdnsMessages.response(
                            "b".repeat(40), bob, List.of(bobs), Duration.ofSeconds(60))) {
                mallory.send(packet.toArray());
            }
            told.await();
            // While the listener holds the loop up, the queue is filled, and then time passes.
            for (int i = 0; i < 1_000; i++) {
                mallory.send(new byte[] {1, 2, 3});
            }
            clock.advance(Duration.ofSeconds(61));
            goOn.countDown();
            assertThat(next(heard)).isInstanceOf(MdnsEvent.Discovered.class);
            assertThat(next(heard)).isEqualTo(new MdnsEvent.Expired(bob));
        }
    }

    @Test
    void itIsStartedOnce() throws Exception {
        Mdns mdns = alice();
        mdns.start();
        assertThatThrownBy(mdns::start).isInstanceOf(IllegalStateException.class);
        mdns.close();
        mdns.close();
        assertThatThrownBy(mdns::start).isInstanceOf(IllegalStateException.class);
        Mdns unused = bob();
        unused.close();
        assertThatThrownBy(unused::start).isInstanceOf(IllegalStateException.class);
    }

    /// With sockets, on a port of its own so that nobody else is met. Skipped where this machine
    /// hands no multicast packet to itself.
    @Test
    void twoPeersFindEachOtherWithSockets() throws Exception {
        int port = freePort();
        Assumptions.assumeTrue(multicastWorks(port), "multicast does not come back here");
        Mdns first =
                new Mdns(
                        alice,
                        () -> List.of(alices),
                        seenByAlice::add,
                        new MulticastLink(port),
                        Timer.system(),
                        new Random(1));
        Mdns second =
                new Mdns(
                        bob,
                        () -> List.of(bobs),
                        seenByBob::add,
                        new MulticastLink(port),
                        Timer.system(),
                        new Random(2));
        try (first;
                second) {
            first.start();
            second.start();
            assertThat(seenByAlice.take()).isEqualTo(new MdnsEvent.Discovered(bob, List.of(bobs)));
            assertThat(seenByBob.take())
                    .isEqualTo(new MdnsEvent.Discovered(alice, List.of(alices)));
            second.close();
            assertThat(seenByAlice.take()).isEqualTo(new MdnsEvent.Expired(bob));
        }
    }

    private static int freePort() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.bind(new InetSocketAddress(0));
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        }
    }

    private static boolean multicastWorks(int port) throws Exception {
        InetAddress group = InetAddress.ofLiteral("224.0.0.251");
        NetworkInterface lo = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.bind(new InetSocketAddress(port));
            List<NetworkInterface> all =
                    NetworkInterface.networkInterfaces()
                            .filter(each -> {
                                try {
                                    return each.supportsMulticast() && each.isUp();
                                } catch (IOException e) {
                                    return false;
                                }
                            })
                            .toList();
            NetworkInterface used = all.isEmpty() ? lo : all.getFirst();
            if (used == null) {
                return false;
            }
            channel.join(group, used);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, used);
            channel.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress(group, port));
            channel.socket().setSoTimeout(1000);
            byte[] one = new byte[1];
            channel.socket().receive(new java.net.DatagramPacket(one, 1));
            return one[0] == 1;
        } catch (IOException e) {
            return false;
        }
    }
}
