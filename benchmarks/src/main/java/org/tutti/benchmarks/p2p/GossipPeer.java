package org.tutti.benchmarks.p2p;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// A subscriber of the benchmark of GossipSub in a process of its own. It connects to the addresses
/// among its arguments, prints its own, and counts what comes: `begin` starts a count, `count` says
/// how many, `end` says how many, when the last came (nanoseconds since 1970), and all latencies in
/// nanoseconds.
public final class GossipPeer implements AutoCloseable {
    static final String TOPIC = "bench";
    static final int BYTES = 1024;

    private final Host host;
    private final GossipSub gossip;
    private final Subscription subscription;
    private long[] latencies = new long[1024];
    private int count;
    private long last;

    private GossipPeer() throws IOException {
        PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
        gossip = GossipSub.builder(key).build();
        host =
                Host.builder()
                        .identity(key)
                        .listen("/ip4/127.0.0.1/tcp/0")
                        .behaviour(gossip)
                        .build();
        host.start();
        subscription = gossip.subscribe(TOPIC);
    }

    /// A peer that is connected to these.
    static GossipPeer start(List<String> addresses) throws IOException {
        GossipPeer peer = new GossipPeer();
        for (String address : addresses) {
            peer.host.connect(address);
        }
        Thread.ofVirtual().name("bench-messages").start(peer::receive);
        return peer;
    }

    public static void main(String[] arguments) throws IOException {
        try (GossipPeer peer = start(List.of(arguments))) {
            System.out.println(peer.address());
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                System.out.println(
                        switch (line) {
                            case "begin" -> peer.begin();
                            case "count" -> peer.counted();
                            case "end" -> peer.end();
                            default -> Usage.now().toString();
                        });
            }
        }
    }

    static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    String address() {
        return host.addresses().getFirst().toString();
    }

    int peers() {
        return gossip.peers(TOPIC).size();
    }

    void publish() throws InterruptedException {
        byte[] data = new byte[BYTES];
        ByteBuffer.wrap(data).putLong(now());
        var _ = gossip.publish(TOPIC, Bytes.wrap(data));
    }

    private void receive() {
        try {
            for (ReceivedMessage next = subscription.take();
                    next != null;
                    next = subscription.take()) {
                long now = now();
                count(now, now - ByteBuffer.wrap(next.message().data().toArray()).getLong());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void count(long now, long latency) {
        if (count == latencies.length) {
            latencies = Arrays.copyOf(latencies, 2 * count);
        }
        latencies[count++] = latency;
        last = now;
    }

    private synchronized String begin() {
        count = 0;
        return "began";
    }

    private synchronized String counted() {
        return Integer.toString(count);
    }

    private synchronized String end() {
        StringBuilder line = new StringBuilder();
        line.append(count).append(' ').append(last);
        for (int i = 0; i < count; i++) {
            line.append(' ').append(latencies[i]);
        }
        return line.toString();
    }

    @Override
    public void close() {
        host.close();
    }
}
