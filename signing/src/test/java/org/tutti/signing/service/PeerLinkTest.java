package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.SeededRandom;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

class PeerLinkTest {
    private volatile long maxBytes = 10_000;

    private final BlockingQueue<FakeStream> streams = new LinkedBlockingQueue<>();
    private final Semaphore opened = new Semaphore(0);

    private PeerLink link() {
        return new PeerLink(
                peer(), this::take, opened::release, () -> {}, () -> maxBytes, new SeededRandom(2));
    }

    private static PeerId peer() {
        SeededRandom random = new SeededRandom(1);
        return Keys.generate(KeyType.ED25519, random).publicKey().peerId();
    }

    private FakeStream take() throws IOException {
        try {
            return streams.take();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IOException("closed");
        }
    }

    private void awaitOpened() throws InterruptedException {
        assertThat(opened.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void peerThatDoesNotReadIsResetWhenItsQueueOverflowsAndGetsANewStream() throws Exception {
        FakeStream stalled = new FakeStream(new byte[0], 1, true);
        streams.add(stalled);
        try (PeerLink link = link()) {
            link.start();
            link.connected(true);
            awaitOpened();
            for (int i = 0; i < 30; i++) {
                link.offer(new byte[1000]); // Never blocks, although the peer does not read.
            }
            stalled.awaitReset();
            streams.add(new FakeStream(new byte[0], 1, false));
            awaitOpened();
            assertThat(link.isOpen()).isTrue();
        }
    }

    @Test
    void moreMayWaitForAPeerThatSharesMoreGroups() throws Exception {
        FakeStream stalled = new FakeStream(new byte[0], 1, true);
        streams.add(stalled);
        try (PeerLink link = link()) {
            link.start();
            link.connected(true);
            awaitOpened();
            maxBytes = 40_000;
            // The link writes what waits at once: what follows waits behind that.
            link.offer(new byte[1000]);
            stalled.awaitWrite();
            for (int i = 0; i < 30; i++) {
                link.offer(new byte[1000]);
            }
            assertThat(link.isOpen()).isTrue();
            maxBytes = 10_000;
            link.offer(new byte[1000]);
            stalled.awaitReset();
        }
    }

    @Test
    void framesOfferedWhileNoStreamIsOpenAreDropped() throws Exception {
        FakeStream stream = new FakeStream(new byte[0], 1, false);
        try (PeerLink link = link()) {
            link.offer(new byte[] {1});
            link.start();
            link.connected(true);
            streams.add(stream);
            awaitOpened();
            link.offer(new byte[] {2});
            link.offer(new byte[] {3});
            synchronized (stream) {
                while (stream.written().stream().mapToInt(b -> b.length).sum() < 2) {
                    stream.wait();
                }
            }
            assertThat(stream.written().getFirst()[0]).isEqualTo((byte) 2);
        }
    }

    /// A stream whose first write waits, so that frames gather behind it.
    private static final class Gathering {
        private final FakeStream stream = new FakeStream(new byte[0], 1, false);
        private final CountDownLatch writes = new CountDownLatch(1);
        private final CountDownLatch mayWrite = new CountDownLatch(1);

        Stream first() {
            return (Stream)
                    Proxy.newProxyInstance(
                            Stream.class.getClassLoader(),
                            new Class<?>[] {Stream.class},
                            (_, method, arguments) -> {
                                if (method.getName().equals("write")) {
                                    writes.countDown();
                                    mayWrite.await();
                                }
                                return method.invoke(stream, arguments);
                            });
        }

        List<byte[]> awaitWritten(int bytes) throws InterruptedException {
            synchronized (stream) {
                while (total() < bytes) {
                    stream.wait();
                }
            }
            return stream.written();
        }

        private int total() {
            return stream.written().stream().mapToInt(b -> b.length).sum();
        }
    }

    private PeerLink gathering(Gathering gathering, int most) throws Exception {
        PeerId bob = peer();
        PeerLink link =
                new PeerLink(
                        bob,
                        gathering::first,
                        opened::release,
                        () -> {},
                        () -> most,
                        new SeededRandom(2));
        link.start();
        link.connected(true);
        awaitOpened();
        link.offer(new byte[] {1});
        gathering.writes.await();
        return link;
    }

    private static List<Integer> lengths(List<byte[]> written) {
        return written.stream().map(bytes -> bytes.length).toList();
    }

    @Test
    void waitingFramesGoTogetherAsFarAsOneWriteHoldsThem() throws Exception {
        Gathering gathering = new Gathering();
        int most = PeerLink.MAX_WRITE;
        try (PeerLink link = gathering(gathering, 10 * most)) {
            // The first two fill a write; the next two do not fit one; the last two do.
            for (int length : new int[] {most - 5, 5, most - 5, 6, 7}) {
                byte[] frame = new byte[length];
                Arrays.fill(frame, (byte) length);
                link.offer(frame);
            }
            gathering.mayWrite.countDown();
            List<byte[]> written = gathering.awaitWritten(1 + 2 * most - 5 + 13);
            assertThat(lengths(written)).containsExactly(1, most, most - 5, 13);
            assertThat(written.get(1)).endsWith((byte) (most - 5), 5, 5, 5, 5, 5);
            assertThat(written.get(3)).containsExactly(6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7);
        }
    }

    @Test
    void threeFramesGoTogetherAndTheFourthThatDoesNotFitGoesAlone() throws Exception {
        Gathering gathering = new Gathering();
        int most = PeerLink.MAX_WRITE;
        try (PeerLink link = gathering(gathering, 10 * most)) {
            for (int length : new int[] {2, most - 4, 2, 1}) {
                link.offer(new byte[length]);
            }
            gathering.mayWrite.countDown();
            assertThat(lengths(gathering.awaitWritten(1 + most + 1))).containsExactly(1, most, 1);
        }
    }

    /// What is written no longer counts; exactly the bound may wait, and one byte more may not.
    @Test
    void asManyBytesAsTheBoundMayWait() throws Exception {
        Gathering gathering = new Gathering();
        try (PeerLink link = gathering(gathering, 100)) {
            link.offer(new byte[40]);
            link.offer(new byte[60]);
            assertThat(link.isOpen()).isTrue();
            gathering.mayWrite.countDown();
            gathering.awaitWritten(101);
            for (int i = 0; i < 10; i++) {
                link.offer(new byte[100]);
                gathering.awaitWritten(101 + 100 * (i + 1));
            }
            assertThat(link.isOpen()).isTrue();
            link.offer(new byte[101]);
            assertThat(link.isOpen()).isFalse();
            gathering.stream.awaitReset();
        }
    }

    @Test
    void aLinkIsNamedByItsMember() {
        PeerId bob = peer();
        try (PeerLink link =
                new PeerLink(
                        bob,
                        this::take,
                        opened::release,
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2))) {
            assertThat(link).hasToString("link to " + bob);
        }
    }

    /// Its thread waits for a connection, for frames, or for the next try.
    @Test
    void closingEndsTheThreadWhereverItWaits() throws Exception {
        PeerLink unconnected = link();
        unconnected.start();
        unconnected.close();
        unconnected.join();

        streams.add(new FakeStream(new byte[0], 1, false));
        PeerLink open = link();
        open.start();
        open.connected(true);
        awaitOpened();
        open.close();
        open.join();
        assertThat(open.isOpen()).isFalse();

        PeerLink failing =
                new PeerLink(
                        peer(),
                        () -> {
                            opened.release();
                            throw new IOException("refused");
                        },
                        () -> {},
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2));
        failing.start();
        failing.connected(true);
        awaitOpened();
        failing.close();
        failing.join();
    }

    /// Opened once somebody says so, whatever interrupts it.
    private static final class SlowOpening {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch mayOpen = new CountDownLatch(1);
        private final FakeStream stream = new FakeStream(new byte[0], 1, false);

        Stream open() {
            asked.countDown();
            boolean open = false;
            while (!open) {
                try {
                    mayOpen.await();
                    open = true;
                } catch (InterruptedException _) {
                    // Its thread is told again when it waits for the next time.
                }
            }
            return stream;
        }
    }

    @Test
    void aStreamThatOpensWhenTheLinkIsClosedIsClosedAndNobodyIsGreetedOnIt() throws Exception {
        SlowOpening opening = new SlowOpening();
        PeerLink link =
                new PeerLink(
                        peer(),
                        opening::open,
                        opened::release,
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2));
        link.start();
        link.connected(true);
        opening.asked.await();
        link.close();
        opening.mayOpen.countDown();
        link.join();
        opening.stream.awaitClosed();
        assertThat(opened.availablePermits()).isZero();
        assertThat(link.isOpen()).isFalse();
    }

    /// Nothing else tells it: what it waits for knows no links.
    @Test
    void closingInterruptsAThreadThatOpensAStream() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        PeerLink link =
                new PeerLink(
                        peer(),
                        () -> {
                            asked.countDown();
                            return take();
                        },
                        opened::release,
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2));
        link.start();
        link.connected(true);
        asked.await();
        link.close();
        link.join();
        assertThat(opened.availablePermits()).isZero();
    }

    @Test
    void aPeerThatRefusesIsAskedAgainAfterAPause() throws Exception {
        BlockingQueue<Thread> asking = new LinkedBlockingQueue<>();
        try (PeerLink link =
                new PeerLink(
                        peer(),
                        () -> {
                            asking.add(Thread.currentThread());
                            throw new IOException("refused");
                        },
                        opened::release,
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2))) {
            link.start();
            link.connected(true);
            Thread thread = asking.take();
            // It waits for a time, and not for a change alone.
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.sleep(1);
            }
            asking.take();
            assertThat(opened.availablePermits()).isZero();
        }
    }

    @Test
    void aWriteMayNotTakeForEver() throws Exception {
        FakeStream stream = new FakeStream(new byte[0], 1, false);
        streams.add(stream);
        try (PeerLink link = link()) {
            link.start();
            link.connected(true);
            awaitOpened();
            assertThat(stream.writeTimeout()).isEqualTo(PeerLink.WRITE_TIMEOUT);
        }
    }

    /// Fails at its first write, which waits until then.
    private static Stream failing(FakeStream stream, CountDownLatch writes, CountDownLatch fails) {
        return (Stream)
                Proxy.newProxyInstance(
                        Stream.class.getClassLoader(),
                        new Class<?>[] {Stream.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("write")) {
                                writes.countDown();
                                fails.await();
                                throw new IOException("broken");
                            }
                            return method.invoke(stream, arguments);
                        });
    }

    /// The engines send everything again on the next one.
    @Test
    void aStreamThatFailsIsResetAndWhatWaitedForItIsNotSentOnTheNext() throws Exception {
        FakeStream broken = new FakeStream(new byte[0], 1, false);
        CountDownLatch writes = new CountDownLatch(1);
        CountDownLatch fails = new CountDownLatch(1);
        BlockingQueue<Stream> all = new LinkedBlockingQueue<>();
        all.add(failing(broken, writes, fails));
        FakeStream next = new FakeStream(new byte[0], 1, false);
        try (PeerLink link =
                new PeerLink(
                        peer(),
                        () -> {
                            try {
                                return all.take();
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                                throw new IOException("closed");
                            }
                        },
                        opened::release,
                        () -> {},
                        () -> maxBytes,
                        new SeededRandom(2))) {
            link.start();
            link.connected(true);
            awaitOpened();
            link.offer(new byte[] {1});
            writes.await();
            link.offer(new byte[] {2});
            fails.countDown();
            broken.awaitReset();
            broken.awaitClosed();
            while (link.isOpen()) {
                Thread.sleep(1);
            }
            all.add(next);
            awaitOpened();
            link.offer(new byte[] {3});
            synchronized (next) {
                while (next.written().isEmpty()) {
                    next.wait();
                }
            }
            assertThat(next.written().getFirst()).containsExactly(3);
        }
    }

    @Test
    void aPeerThatIsNotConnectedHasNoStreamUntilItIsConnectedAgain() throws Exception {
        FakeStream first = new FakeStream(new byte[0], 1, false);
        FakeStream second = new FakeStream(new byte[0], 1, false);
        streams.add(first);
        try (PeerLink link = link()) {
            assertThat(link.isOn(first.connection())).isFalse();
            link.start();
            link.connected(true);
            awaitOpened();
            assertThat(link.isOn(first.connection())).isTrue();
            assertThat(link.isOn(second.connection())).isFalse();
            link.connected(false);
            first.awaitClosed();
            while (link.isOpen()) {
                Thread.sleep(1);
            }
            assertThat(link.isOn(first.connection())).isFalse();
            streams.add(second);
            link.connected(true);
            awaitOpened();
            assertThat(link.isOn(second.connection())).isTrue();
        }
    }

    /// As when two nodes have dialled each other, and one of the connections is closed.
    @Test
    void theStreamOfAConnectionThatHasEndedIsReplacedByOneOfAnother() throws Exception {
        FakeStream first = new FakeStream(new byte[0], 1, false);
        FakeStream second = new FakeStream(new byte[0], 1, false);
        streams.add(first);
        streams.add(second);
        try (PeerLink link = link()) {
            link.start();
            link.connected(true);
            awaitOpened();
            first.endConnection();
            link.connected(true);
            first.awaitClosed();
            awaitOpened();
            assertThat(link.isOn(second.connection())).isTrue();
        }
    }
}
