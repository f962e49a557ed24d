package org.tutti.libp2p.pubsub.gossipsub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Real hosts over memory: the driver's threads, streams and signatures.
class GossipSubHostTest {
    private final MemoryHosts hosts = new MemoryHosts();

    private record Node(Host host, GossipSub gossip, PrivateKey key) {}

    @AfterEach
    void close() {
        hosts.close();
    }

    private Node node() throws IOException {
        PrivateKey key = MemoryHosts.key();
        GossipSub gossip = GossipSub.builder(key).build();
        Host host = hosts.start(hosts.builder().identity(key).behaviour(gossip));
        return new Node(host, gossip, key);
    }

    private static void connect(Node from, Node to) throws IOException {
        var _ = from.host.connect(MemoryHosts.addressOf(to.host));
    }

    private static Bytes text(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ReceivedMessage next(Subscription subscription) throws InterruptedException {
        return Objects.requireNonNull(subscription.poll(Duration.ofSeconds(20)), "no message came");
    }

    private static void awaitPeers(Node node, String topic, int count) throws InterruptedException {
        for (int i = 0; node.gossip.peers(topic).size() < count; i++) {
            assertThat(i).as("waiting for peers of " + topic).isLessThan(4000);
            Thread.sleep(5);
        }
    }

    @Test
    void threeHostsInARowExchangeSignedMessages() throws Exception {
        Node alice = node();
        Node bob = node();
        Node carol = node();
        Subscription atBob = bob.gossip.subscribe("chat");
        Subscription atCarol = carol.gossip.subscribe("chat");
        Subscription atAlice = alice.gossip.subscribe("chat");
        connect(alice, bob);
        connect(bob, carol);
        awaitPeers(alice, "chat", 1);
        awaitPeers(bob, "chat", 2);
        awaitPeers(carol, "chat", 1);

        PublishResult sent = alice.gossip.publish("chat", text("hello"));

        assertThat(sent.sent()).isEqualTo(1);
        ReceivedMessage first = next(atBob);
        assertThat(first.message().data()).isEqualTo(text("hello"));
        assertThat(first.message().from()).contains(alice.host.peerId());
        ReceivedMessage second = next(atCarol);
        assertThat(second.message()).isEqualTo(first.message());
        assertThat(second.id()).isEqualTo(sent.id());
        assertThat(second.via()).isEqualTo(bob.host.peerId());
        var _ = carol.gossip.publish("chat", text("good evening"));
        assertThat(next(atAlice).message().data()).isEqualTo(text("good evening"));
        assertThat(next(atBob).message().data()).isEqualTo(text("good evening"));
        assertThat(List.of(atAlice.dropped(), atBob.dropped(), atCarol.dropped())).containsOnly(0L);
    }
}
