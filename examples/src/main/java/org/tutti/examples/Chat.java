package org.tutti.examples;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Scanner;
import java.util.function.Consumer;

/// A chat on a topic of GossipSub: each line of standard input goes to everybody who is there.
public final class Chat implements AutoCloseable {
    static final String TOPIC = "chat";

    private final GossipSub gossip;
    private final Host host;

    private Chat(Consumer<String> out) throws IOException {
        PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
        gossip = GossipSub.builder(key).build();
        host =
                Host.builder()
                        .identity(key)
                        .listen("/ip4/127.0.0.1/tcp/0")
                        .behaviour(gossip)
                        .build();
        host.start();
        Subscription chat = gossip.subscribe(TOPIC);
        Thread.ofVirtual().start(() -> print(chat, out));
    }

    /// @param args addresses of others who are there
    public static void main(String[] args) throws IOException, InterruptedException {
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
        Consumer<String> out = System.out::println;
        try (Chat chat = join(out, args)) {
            System.out.println("others join with " + chat.address());
            while (lines.hasNextLine()) {
                chat.say(lines.nextLine());
            }
        }
    }

    static Chat join(Consumer<String> out, String... addresses) throws IOException {
        Chat chat = new Chat(out);
        for (String address : addresses) {
            chat.host.connect(address);
        }
        return chat;
    }

    private static void print(Subscription chat, Consumer<String> out) {
        try {
            for (ReceivedMessage next = chat.take(); next != null; next = chat.take()) {
                byte[] text = next.message().data().toArray();
                // Signed by its author, whoever passed it on.
                String author = next.message().from().map(Object::toString).orElseThrow();
                out.accept(author + ": " + new String(text, StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void say(String line) throws InterruptedException {
        gossip.publish(TOPIC, Bytes.wrap(line.getBytes(StandardCharsets.UTF_8)));
    }

    int others() {
        return gossip.peers(TOPIC).size();
    }

    String name() {
        return host.peerId().toString();
    }

    String address() {
        return host.addresses().getFirst().toString();
    }

    @Override
    public void close() {
        host.close();
    }
}
