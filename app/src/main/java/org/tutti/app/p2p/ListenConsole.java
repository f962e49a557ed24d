package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.metrics.HostStats;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Commands to a peer that runs, one JSON object a line. Each is answered by one object; `dial`
/// later, so that others are answered meanwhile.
///
/// Threads: `run` belongs to one; each dial has one of its own.
final class ListenConsole {
    /// Longest line, in bytes: an address fits many times.
    static final int MAX_LINE = 64 * 1024;

    /// Dials at once.
    static final int MAX_DIALS = 16;

    private final Host host;
    private final PeerLists lists;
    private final Optional<GossipSub> gossip;
    private final ListenOutput output;
    private final Semaphore dials = new Semaphore(MAX_DIALS);

    ListenConsole(Host host, PeerLists lists, Optional<GossipSub> gossip, ListenOutput output) {
        this.host = host;
        this.lists = lists;
        this.gossip = gossip;
        this.output = output;
    }

    /// Does what the lines say until their end.
    void run(InputStream input) throws IOException {
        BoundedLines lines = new BoundedLines(input, MAX_LINE);
        for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
            if (line.tooLong()) {
                refuse("BAD_REQUEST", "more than " + MAX_LINE + " bytes in a line");
            } else if (!line.text().isBlank()) {
                perform(line.text());
            }
        }
    }

    private void perform(String line) {
        try {
            JsonObject command = JsonLine.parse(line);
            String name = command.string("cmd");
            switch (name) {
                case "allow" -> {
                    PeerId peer = peer(command);
                    lists.allow(peer);
                    done(name, "peer", peer);
                }
                case "deny" -> {
                    PeerId peer = peer(command);
                    lists.block(peer);
                    done(name, "peer", peer);
                }
                case "stats" -> stats();
                case "dial" -> dial(address(command));
                case "publish" -> publish(command);
                default -> refuse("BAD_REQUEST", "cmd: none of allow, deny, stats, dial, publish");
            }
        } catch (JsonLineException e) {
            refuse("BAD_REQUEST", e.reason());
        }
    }

    private void publish(JsonObject command) throws JsonLineException {
        if (gossip.isEmpty()) {
            refuse("BAD_REQUEST", "publish: no --topic was given, so there is no GossipSub");
            return;
        }
        String topic = command.string("topic");
        try {
            byte[] data = Base64.getDecoder().decode(command.string("data"));
            PublishResult result = gossip.get().publish(topic, Bytes.wrap(data));
            output.print(
                    PubsubMessages.published(topic, result),
                    "published to " + result.sent() + " peers: " + result.id());
        } catch (IllegalArgumentException e) {
            refuse("BAD_REQUEST", "publish: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static PeerId peer(JsonObject command) throws JsonLineException {
        try {
            return PeerId.parse(command.string("peer"));
        } catch (MultiformatException e) {
            throw new JsonLineException("peer: no peer id: " + e.getMessage());
        }
    }

    private static Multiaddr address(JsonObject command) throws JsonLineException {
        try {
            Multiaddr address = Multiaddr.parse(command.string("addr"));
            if (address.peerId().isEmpty()) {
                throw new JsonLineException("addr: does not end in /p2p and a peer id");
            }
            return address;
        } catch (MultiformatException e) {
            throw new JsonLineException("addr: " + e.getMessage());
        }
    }

    private void stats() {
        HostStats stats = host.stats();
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "stats");
        fields.put("connections", stats.connections());
        fields.put("streams", stats.streams());
        fields.put("bytesIn", stats.bytesIn());
        fields.put("bytesOut", stats.bytesOut());
        fields.put("refused", stats.refused());
        output.print(
                fields,
                "%d connections, %d streams, %d bytes in, %d out, %d refused"
                        .formatted(
                                stats.connections(),
                                stats.streams(),
                                stats.bytesIn(),
                                stats.bytesOut(),
                                stats.refusedInAll()));
    }

    private void dial(Multiaddr address) {
        if (!dials.tryAcquire()) {
            refuse("TOO_MANY_DIALS", MAX_DIALS + " dials are on their way");
            return;
        }
        Thread.ofVirtual()
                .name("p2p-dial")
                .start(() -> {
                    try {
                        host.connect(address);
                        done("dial", "addr", address);
                    } catch (IOException e) {
                        failed(address, ClientCommand.code(e), e);
                    } catch (IllegalArgumentException e) {
                        failed(address, "BAD_REQUEST", e);
                    } finally {
                        dials.release();
                    }
                });
    }

    private void done(String command, String name, Object value) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("ok", true);
        fields.put("cmd", command);
        fields.put(name, value);
        output.print(fields, command + " " + value + ": done");
    }

    private void failed(Multiaddr address, String code, Exception e) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("ok", false);
        fields.put("cmd", "dial");
        fields.put("addr", address);
        fields.put("code", code);
        fields.put("message", String.valueOf(e.getMessage()));
        output.print(fields, "dial " + address + ": " + e.getMessage());
    }

    private void refuse(String code, String message) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("ok", false);
        fields.put("code", code);
        fields.put("message", message);
        output.print(fields, message);
    }
}
