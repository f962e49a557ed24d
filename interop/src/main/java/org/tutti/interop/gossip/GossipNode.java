package org.tutti.interop.gossip;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.pubsub.gossipsub.parameters.GossipSubParameters;
import org.tutti.libp2p.pubsub.gossipsub.parameters.MeshDegree;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node of libp2p's GossipSub interop tests (libp2p/test-plans, gossipsub-interop,
/// test-specs/implementation.md): its number is in the name of the machine, `node<n>`, its key
/// follows from the number, and it does what a script says. On standard output it says in JSON who
/// it is and what arrives, duplicates too.
///
/// `--params FILE`
public final class GossipNode {
    private static final int PORT = 9000;
    private static final int MAX_MESSAGE = 10 << 20;

    /// To connect to a node that does not listen yet, half a second apart.
    private static final int ATTEMPTS = 40;

    /// Where the nodes of one machine listen: `{id}` stands for a node's number. For tests in one
    /// network namespace; else it is the address of the machine `node<id>`.
    private static final String ADDRESSES = "TUTTI_GOSSIP_ADDRESSES";

    private static final String ID = "TUTTI_GOSSIP_NODE";

    private final int id;
    private final PrivateKey key;
    private final long began = System.nanoTime();
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private @Nullable GossipSub gossip;
    private @Nullable Host host;

    private GossipNode(int id) {
        this.id = id;
        this.key = key(id);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 2 || !arguments[0].equals("--params")) {
            throw new IllegalArgumentException("--params FILE");
        }
        Object params = Json.parse(Files.readString(Path.of(arguments[1])));
        GossipNode node = new GossipNode(ownNumber());
        say("PeerID", "id", node.key.publicKey().peerId().toString(), "node_id", node.id);
        try {
            for (Object each : list(object(params).get("script"))) {
                node.follow(object(each));
            }
        } finally {
            Host running = node.host;
            if (running != null) {
                running.close();
            }
        }
        System.exit(0);
    }

    /// From the name of the machine, or from the environment in tests.
    private static int ownNumber() throws IOException {
        String name =
                Optional.ofNullable(System.getenv(ID))
                        .orElse(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        if (!name.matches("node\\d+")) {
            throw new IOException("the name of the machine is " + name + ", not node<number>");
        }
        return Integer.parseInt(name.substring(4));
    }

    /// The seed is the number, 32 bits little-endian, and zeros; in the key message the public key
    /// follows it, which is not needed here.
    private static PrivateKey key(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        seed[1] = (byte) (number >>> 8);
        seed[2] = (byte) (number >>> 16);
        seed[3] = (byte) (number >>> 24);
        return Seeds.ed25519(seed);
    }

    // The script.

    @SuppressWarnings("unchecked") // what the parser makes
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        return value == null ? Map.of() : (Map<String, @Nullable Object>) value;
    }

    @SuppressWarnings("unchecked") // what the parser makes
    private static List<@Nullable Object> list(@Nullable Object value) {
        return value == null ? List.of() : (List<@Nullable Object>) value;
    }

    private static int number(@Nullable Object value) {
        return (int) longNumber(value);
    }

    private static long longNumber(@Nullable Object value) {
        return value instanceof Double number ? number.longValue() : 0;
    }

    private void follow(Map<String, @Nullable Object> instruction)
            throws IOException, InterruptedException {
        switch (String.valueOf(instruction.get("type"))) {
            case "initGossipSub" -> start(object(instruction.get("gossipSubParams")));
            case "connect" -> {
                for (Object other : list(instruction.get("connectTo"))) {
                    connect(number(other));
                }
            }
            case "ifNodeIDEquals" -> {
                if (number(instruction.get("nodeID")) == id) {
                    follow(object(instruction.get("instruction")));
                }
            }
            case "waitUntil" -> {
                long until =
                        began
                                + Duration.ofSeconds(longNumber(instruction.get("elapsedSeconds")))
                                        .toNanos();
                long wait = until - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(Duration.ofNanos(wait));
                }
            }
            case "subscribeToTopic" -> {
                String topic = String.valueOf(instruction.get("topicID"));
                // What arrives is told by the tracer, before it is looked at.
                subscriptions.computeIfAbsent(
                        topic,
                        name -> {
                            Subscription subscription = gossip().subscribe(name);
                            Thread.ofVirtual().start(() -> drain(subscription));
                            return subscription;
                        });
            }
            case "publish" -> {
                byte[] data = new byte[Math.max(8, number(instruction.get("messageSizeBytes")))];
                ByteBuffer.wrap(data).putLong(longNumber(instruction.get("messageID")));
                var _ =
                        gossip().publish(
                                        String.valueOf(instruction.get("topicID")),
                                        Bytes.wrap(data));
            }
            default -> System.err.println("not known, left out: " + instruction.get("type"));
        }
    }

    private GossipSub gossip() {
        GossipSub known = gossip;
        if (known == null) {
            throw new IllegalStateException("initGossipSub comes first");
        }
        return known;
    }

    private static void drain(Subscription subscription) {
        try {
            while (subscription.take() != null) {
                // Told already.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(Map<String, @Nullable Object> given) throws IOException {
        GossipSub service =
                GossipSub.anonymous()
                        .parameters(parameters(given))
                        .messageId(message -> Bytes.wrap(textId(message)))
                        .maxMessage(MAX_MESSAGE)
                        .arrivals(GossipNode::arrived)
                        .build();
        Host fresh =
                Host.builder().identity(key).listen(listenAddress()).behaviour(service).build();
        fresh.start();
        gossip = service;
        host = fresh;
    }

    private static String listenAddress() {
        String template = System.getenv(ADDRESSES);
        return template == null
                ? "/ip4/0.0.0.0/tcp/" + PORT
                : template.replace("{id}", System.getenv(ID).substring(4));
    }

    private void connect(int other) throws IOException, InterruptedException {
        Host known = host;
        if (known == null) {
            throw new IllegalStateException("initGossipSub comes first");
        }
        String template = System.getenv(ADDRESSES);
        String address =
                template == null
                        ? "/ip4/"
                                + InetAddress.getByName("node" + other).getHostAddress()
                                + "/tcp/"
                                + PORT
                        : template.replace("{id}", Integer.toString(other));
        Multiaddr full = Multiaddr.parse(address).withPeerId(key(other).publicKey().peerId());
        // The other one may be slower than we are.
        for (int attempt = 1; ; attempt++) {
            try {
                known.connect(full);
                return;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(Duration.ofMillis(500));
            }
        }
    }

    /// go's names; what is absent keeps its default.
    private static GossipSubParameters parameters(@Nullable Map<String, @Nullable Object> given) {
        Map<String, @Nullable Object> all = given == null ? Map.of() : given;
        return GossipSubParameters.largeNetwork()
                .with(p -> {
                    MeshDegree d = p.degree;
                    p.degree =
                            new MeshDegree(
                                    integer(all, "D", d.target()),
                                    integer(all, "Dlo", d.low()),
                                    integer(all, "Dhi", d.high()),
                                    integer(all, "Dscore", d.score()),
                                    integer(all, "Dout", d.out()),
                                    integer(all, "Dlazy", d.lazy()));
                    p.historyLength = integer(all, "HistoryLength", p.historyLength);
                    p.historyGossip = integer(all, "HistoryGossip", p.historyGossip);
                    p.gossipRetransmission =
                            integer(all, "GossipRetransmission", p.gossipRetransmission);
                    p.maxIhaveLength = integer(all, "MaxIHaveLength", p.maxIhaveLength);
                    p.maxIhaveMessages = integer(all, "MaxIHaveMessages", p.maxIhaveMessages);
                    p.idontwantThreshold =
                            integer(all, "IDontWantMessageThreshold", p.idontwantThreshold);
                    p.heartbeatInterval = nanos(all, "HeartbeatInterval", p.heartbeatInterval);
                    p.fanoutTtl = nanos(all, "FanoutTTL", p.fanoutTtl);
                    p.pruneBackoff = nanos(all, "PruneBackoff", p.pruneBackoff);
                    p.unsubscribeBackoff = nanos(all, "UnsubscribeBackoff", p.unsubscribeBackoff);
                    p.iwantFollowupTime = nanos(all, "IWantFollowupTime", p.iwantFollowupTime);
                    p.gossipFactor =
                            all.get("GossipFactor") instanceof Double factor
                                    ? factor
                                    : p.gossipFactor;
                    // The nodes of one run share addresses, and nobody is scored there.
                    p.scoring = false;
                });
    }

    private static int integer(Map<String, @Nullable Object> all, String name, int otherwise) {
        return all.get(name) instanceof Double number ? number.intValue() : otherwise;
    }

    /// go writes durations as nanoseconds.
    private static Duration nanos(
            Map<String, @Nullable Object> all, String name, Duration otherwise) {
        return all.get(name) instanceof Double number
                ? Duration.ofNanos(number.longValue())
                : otherwise;
    }

    // Ids and what is said.

    /// "A message's id is its first 8 bytes, big-endian": on the wire the decimal number as text,
    /// as the other implementations have it.
    private static byte[] textId(Message message) {
        return number(message).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static String number(Message message) {
        Bytes data = message.data();
        return data.length() < Long.BYTES
                ? "0"
                : Long.toUnsignedString(ByteBuffer.wrap(data.toArray()).getLong());
    }

    private static void arrived(ReceivedMessage message) {
        say(
                "Received Message",
                "id",
                number(message.message()),
                "from",
                message.via().toString(),
                "topic",
                message.message().topic());
    }

    private static void say(String text, Object... fields) {
        StringBuilder line = new StringBuilder();
        line.append("{\"time\":\"").append(Instant.now()).append("\",\"msg\":\"").append(text);
        line.append('"');
        for (int i = 0; i < fields.length; i += 2) {
            line.append(",\"").append(fields[i]).append("\":");
            if (fields[i + 1] instanceof Integer) {
                line.append(fields[i + 1]);
            } else {
                line.append('"').append(fields[i + 1].toString().replace("\"", "\\\"")).append('"');
            }
        }
        synchronized (System.out) {
            System.out.println(line.append('}'));
        }
    }

    /// Keys from seeds.
    private static final class Seeds {
        /// A key message (peer-ids.md): type Ed25519, and seed and public key, one after the other.
        private static final HexFormat HEX = HexFormat.of();

        private Seeds() {}

        static PrivateKey ed25519(byte[] seed) {
            byte[] both = Arrays.copyOf(seed, 64);
            var point = new org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters(seed, 0);
            point.generatePublicKey().encode(both, 32);
            byte[] message = new byte[68];
            byte[] head = HEX.parseHex("08011240");
            System.arraycopy(head, 0, message, 0, head.length);
            System.arraycopy(both, 0, message, head.length, both.length);
            try {
                return Keys.privateFromProtobuf(message);
            } catch (KeyFormatException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
