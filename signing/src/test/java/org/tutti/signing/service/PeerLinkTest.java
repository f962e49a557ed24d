package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.internal.engine.SeededRandom;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

class PeerLinkTest {
    private volatile long maxBytes = 10_000;

    private final BlockingQueue<FakeStream> streams = new LinkedBlockingQueue<>();
    private final Semaphore opened = new Semaphore(0);

    private PeerLink link() {
        SeededRandom random = new SeededRandom(1);
        PeerId bob = Keys.generate(KeyType.ED25519, random).publicKey().peerId();
        return new PeerLink(bob, this::take, opened::release, () -> maxBytes);
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
}
