package org.tutti.interop.pubsub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Two peers of each kind, each connected to each, subscribed to one topic of GossipSub with
/// scores. They publish in turns; every message has to reach everybody, once. At the end the
/// foreign peers tell how they scored others and what control messages came.
///
/// `SECONDS NAME=COMMAND…`, where COMMAND's words are separated by spaces, and the one named `ours`
/// is `./tutti` or a program with its commands.
public final class MixedMesh {
    private static final String TOPIC = "mixed";
    private static final int OF_EACH = 2;
    private static final long WAIT_SECONDS = 120;
    private static final Duration BETWEEN = Duration.ofMillis(250);

    /// Every third message is so large that all send IDONTWANT for it (go from 1,024 bytes on).
    private static final int LARGE_EVERY = 3;

    private static final int LARGE = 3_000;

    /// Longer than the heartbeats that fetch what the mesh left out.
    private static final Duration SETTLING = Duration.ofSeconds(15);

    private static final Duration MESHING = Duration.ofSeconds(4);
    private static final Duration UNSUBSCRIBING = Duration.ofSeconds(2);
    private static final String OURS = "ours";

    private final Map<String, List<String>> commands;
    private final List<MeshPeer> peers = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<String> published = new ArrayList<>();

    private MixedMesh(Map<String, List<String>> commands) {
        this.commands = commands;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        for (String each : Arrays.asList(arguments).subList(1, arguments.length)) {
            int equals = each.indexOf('=');
            commands.put(
                    each.substring(0, equals), List.of(each.substring(equals + 1).split(" ", -1)));
        }
        MixedMesh mesh = new MixedMesh(commands);
        try {
            mesh.run(Duration.ofSeconds(Long.parseLong(arguments[0])));
        } catch (IOException e) {
            System.out.println("FAILED: " + e.getMessage());
            System.exit(1);
        } finally {
            mesh.peers.forEach(MeshPeer::close);
        }
        System.exit(0);
    }

    private void run(Duration traffic) throws IOException, InterruptedException {
        for (int round = 0; round < OF_EACH; round++) {
            for (Map.Entry<String, List<String>> each : commands.entrySet()) {
                start(each.getKey(), each.getValue());
            }
        }
        for (MeshPeer peer : peers) {
            if (!peer.kind().equals(OURS)) {
                awaitSubscribers(peer);
            }
        }
        Thread.sleep(MESHING);
        System.out.println(peers.size() + " peers know each other");
        publishFor(traffic);
        awaitDeliveries();
        System.out.println(published.size() + " messages reached everybody, once each");
        judge();
    }

    private void start(String kind, List<String> command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(command);
        boolean ours = kind.equals(OURS);
        String known = addresses.isEmpty() ? "-" : String.join(",", addresses);
        words.addAll(
                ours
                        ? List.of(
                                "p2p",
                                "listen",
                                "--listen",
                                "/ip4/127.0.0.1/tcp/0",
                                "--topic",
                                TOPIC,
                                "--json")
                        : List.of("pubsub", "gossipsub", "strict", "sender", TOPIC, known));
        MeshPeer peer = new MeshPeer(kind, words);
        peers.add(peer);
        String listening = peer.await("listening", 0, WAIT_SECONDS);
        ids.add(MeshPeer.field(listening, "peerId").orElseThrow());
        if (ours) {
            for (String address : addresses) {
                peer.tell("{\"cmd\":\"dial\",\"addr\":\"" + address + "\"}");
            }
        }
        addresses.add(MeshPeer.field(listening, "addresses").orElseThrow());
    }

    /// Until all others are subscribed, as far as this one knows.
    private void awaitSubscribers(MeshPeer peer) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(WAIT_SECONDS).toNanos();
        while (true) {
            int before = peer.lines();
            peer.tell("{\"cmd\":\"peers\"}");
            String line = peer.await("peers", before, WAIT_SECONDS);
            if (number(line, "count") == peers.size() - 1) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new IOException(peer.kind() + " knows too few subscribers: " + line);
            }
            Thread.sleep(BETWEEN);
        }
    }

    private void publishFor(Duration traffic) throws IOException, InterruptedException {
        long end = System.nanoTime() + traffic.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            byte[] text = ("message " + i + " ").getBytes(StandardCharsets.UTF_8);
            byte[] data = i % LARGE_EVERY == 0 ? Arrays.copyOf(text, LARGE) : text;
            published.add(Base64.getEncoder().encodeToString(data));
            peers.get(i % peers.size()).publish(TOPIC, data);
            Thread.sleep(BETWEEN);
        }
    }

    private void awaitDeliveries() throws IOException, InterruptedException {
        long end = System.nanoTime() + SETTLING.toNanos();
        for (Optional<String> wrong = wrong(); wrong.isPresent(); wrong = wrong()) {
            if (System.nanoTime() > end) {
                throw new IOException(wrong.get());
            }
            Thread.sleep(BETWEEN);
        }
    }

    /// A peer that misses a message of another one, or was told one twice. Some tell their own too.
    private Optional<String> wrong() {
        for (int p = 0; p < peers.size(); p++) {
            Map<String, Integer> received = peers.get(p).received();
            for (int m = 0; m < published.size(); m++) {
                int author = m % peers.size();
                int count = received.getOrDefault(published.get(m), 0);
                if ((author != p && count != 1) || count > 1) {
                    return Optional.of(
                            name(p)
                                    + " was told message "
                                    + m
                                    + " of "
                                    + name(author)
                                    + " "
                                    + count
                                    + " times");
                }
            }
        }
        return Optional.empty();
    }

    private String name(int peer) {
        return peers.get(peer).kind() + " (" + ids.get(peer) + ")";
    }

    /// What the foreign peers say of ours.
    private void judge() throws IOException, InterruptedException {
        for (MeshPeer peer : peers) {
            if (!peer.kind().equals(OURS)) {
                // Sends PRUNE to the mesh.
                peer.tell("{\"cmd\":\"unsubscribe\"}");
            }
        }
        Thread.sleep(UNSUBSCRIBING);
        double idontwant = 0;
        double prunes = 0;
        Map<String, Double> lowest = new TreeMap<>();
        for (MeshPeer peer : peers) {
            if (peer.kind().equals(OURS)) {
                continue;
            }
            int before = peer.lines();
            peer.tell("{\"cmd\":\"report\"}");
            String report = peer.await("report", before, WAIT_SECONDS);
            for (int i = 0; i < peers.size(); i++) {
                Optional<String> of = part(report, ids.get(i));
                if (of.isEmpty()) {
                    continue;
                }
                String pair = peer.kind() + " of " + peers.get(i).kind();
                lowest.merge(pair, number(of.get(), "min"), Math::min);
                if (peers.get(i).kind().equals(OURS)) {
                    Optional<String> received = part(of.get(), "received");
                    Optional<String> sent = part(of.get(), "sent");
                    idontwant += received.map(r -> number(r, "idontwant")).orElse(0.0);
                    prunes += backoffs(received) + backoffs(sent);
                }
            }
        }
        System.out.println("lowest scores: " + lowest);
        System.out.println(
                "IDONTWANT from us: "
                        + (long) idontwant
                        + ", PRUNE with backoff from or to us: "
                        + (long) prunes);
        if (!commands.containsKey(OURS)) {
            return;
        }
        for (Map.Entry<String, Double> each : lowest.entrySet()) {
            if (each.getKey().endsWith(" " + OURS) && each.getValue() < 0) {
                throw new IOException("the score " + each.getKey() + " fell to " + each.getValue());
            }
        }
        for (MeshPeer peer : peers) {
            for (String line : peer.events("disconnected")) {
                if (MeshPeer.field(line, "peerId").filter(this::isOurs).isPresent()) {
                    throw new IOException(peer.kind() + " lost the connection to us: " + line);
                }
            }
        }
        // rust does not tell of control messages.
        if ((commands.containsKey("go") || commands.containsKey("js"))
                && (idontwant == 0 || prunes == 0)) {
            throw new IOException("no IDONTWANT came from us, or no PRUNE was exchanged with us");
        }
    }

    private boolean isOurs(String id) {
        int index = ids.indexOf(id);
        return index >= 0 && peers.get(index).kind().equals(OURS);
    }

    private static double backoffs(Optional<String> of) {
        return of.filter(o -> number(o, "backoff") > 0).map(o -> number(o, "prune")).orElse(0.0);
    }

    /// The object under this name.
    private static Optional<String> part(String json, String name) {
        int at = json.indexOf("\"" + name + "\":{");
        if (at < 0) {
            return Optional.empty();
        }
        int depth = 0;
        int from = json.indexOf('{', at);
        for (int i = from; i < json.length(); i++) {
            depth += json.charAt(i) == '{' ? 1 : json.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return Optional.of(json.substring(from, i + 1));
            }
        }
        return Optional.empty();
    }

    private static double number(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":(-?[0-9.eE+-]+)").matcher(json);
        return found.find() ? Double.parseDouble(found.group(1)) : 0;
    }
}
