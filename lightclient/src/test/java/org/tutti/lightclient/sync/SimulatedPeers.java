package org.tutti.lightclient.sync;

import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.SerializedBlock;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.Blocks;
import org.tutti.lightclient.internal.peers.PeerOutput;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.wire.InventoryItem;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.BlockMessage;
import org.tutti.lightclient.wire.P2pMessage.GetData;
import org.tutti.lightclient.wire.P2pMessage.GetHeaders;
import org.tutti.lightclient.wire.P2pMessage.Headers;
import org.tutti.lightclient.wire.P2pMessage.Ping;
import org.tutti.lightclient.wire.P2pMessage.Pong;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/// An engine with peers that each do what their script says, and time that passes as fast as
/// nothing happens.
final class SimulatedPeers {
    /// What a peer does when it is asked. Everybody answers pings.
    static class Script {
        final List<Block> blocks;
        Duration delay = Duration.ofMillis(50);
        int questions;
        int headersServed;

        Script(List<Block> blocks) {
            this.blocks = blocks;
        }

        /// Headers of its chain after the first hash that it knows, as an honest node gives them.
        List<BlockHeader> headers(GetHeaders asked) {
            int from = 0;
            for (BlockHash hash : asked.locator()) {
                int known = height(hash);
                if (known >= 0) {
                    from = known;
                    break;
                }
            }
            int to = Math.min(blocks.size(), from + P2pMessage.MAX_HEADERS);
            return Blocks.headers(blocks.subList(from, to));
        }

        private int height(BlockHash hash) {
            if (hash.equals(Network.REGTEST.genesisHash())) {
                return 0;
            }
            return heights.getOrDefault(hash, -1);
        }

        private final Map<BlockHash, Integer> heights = new HashMap<>();

        void index() {
            for (int i = 0; i < blocks.size(); i++) {
                heights.put(blocks.get(i).hash(), i + 1);
            }
        }

        /// The messages that answer one; empty for silence.
        List<P2pMessage> answer(P2pMessage message) {
            return switch (message) {
                case GetHeaders asked -> {
                    questions++;
                    List<BlockHeader> headers = headers(asked);
                    headersServed += headers.size();
                    yield List.of(new Headers(headers));
                }
                case GetData wanted -> blocks(wanted);
                default -> List.of();
            };
        }

        List<P2pMessage> blocks(GetData wanted) {
            List<P2pMessage> found = new ArrayList<>();
            for (InventoryItem item : wanted.items()) {
                if (item instanceof InventoryItem.Block(BlockHash hash, boolean _)) {
                    int height = height(hash);
                    if (height > 0) {
                        found.add(new BlockMessage(blocks.get(height - 1)));
                    }
                }
            }
            return found;
        }
    }

    private record Arrival(Instant at, long number, SyncInput input) {}

    private final SyncEngine engine;
    private final Map<String, Script> scripts = new HashMap<>();
    private final Map<Long, Script> connected = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private final PriorityQueue<Arrival> arrivals =
            new PriorityQueue<>(
                    Comparator.comparing(Arrival::at).thenComparingLong(Arrival::number));
    private final Map<String, Duration> clocksAhead = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private final Map<String, Integer> dials = new HashMap<>();
    private final Map<Long, Optional<SerializedBlock>> fetched = new HashMap<>();
    private SyncStatus lastStatus;
    private int statusEvents;
    private Instant nextTick;
    private long nextNumber = 1;
    private Instant now;

    SimulatedPeers(SyncEngine engine, Instant now) {
        this.engine = engine;
        this.now = now;
        this.nextTick = now;
        this.lastStatus = engine.status(now);
    }

    static PeerAddress address(String name) {
        return new PeerAddress(name, 1);
    }

    /// Whoever is dialled by this name does as the script says.
    void put(String name, Script script) {
        script.index();
        scripts.put(address(name).toString(), script);
    }

    void remove(String name) {
        scripts.remove(address(name).toString());
    }

    Script script(String name) {
        Script script = scripts.get(address(name).toString());
        if (script == null) {
            throw new IllegalArgumentException("nobody is called " + name);
        }
        return script;
    }

    void setPeersClockAhead(Duration ahead) {
        scripts.keySet().forEach(name -> clocksAhead.put(name, ahead));
    }

    void setClockAhead(String name, Duration ahead) {
        clocksAhead.put(address(name).toString(), ahead);
    }

    Instant now() {
        return now;
    }

    List<String> log() {
        return log;
    }

    int dials(String name) {
        return dials.getOrDefault(address(name).toString(), 0);
    }

    SyncStatus lastStatus() {
        return lastStatus;
    }

    int statusEvents() {
        return statusEvents;
    }

    /// Our owner asks for a block.
    void fetch(long number, int height) {
        perform(engine.on(new SyncInput.Fetch(number, height), now));
    }

    /// What its questions were answered with, by their numbers.
    Map<Long, Optional<SerializedBlock>> fetched() {
        return fetched;
    }

    /// A peer says something unasked.
    void say(String name, P2pMessage message) {
        names.forEach((peer, known) -> {
            if (known.equals(address(name).toString())) {
                arrive(Duration.ZERO, new SyncInput.Received(peer, message));
            }
        });
    }

    void disconnect(String name, DisconnectReason.Code code) {
        names.forEach((peer, known) -> {
            if (known.equals(address(name).toString()) && connected.remove(peer) != null) {
                arrive(
                        Duration.ofMillis(5),
                        new SyncInput.PeerGone(peer, known, new DisconnectReason(code, "")));
            }
        });
    }

    private void arrive(Duration in, SyncInput input) {
        arrivals.add(new Arrival(now.plus(in), nextNumber++, input));
    }

    interface Condition {
        boolean holds();
    }

    /// Lets time pass until something holds.
    ///
    /// @return how long it took; the limit if it never held
    Duration until(Condition condition, Duration limit) {
        Instant start = now;
        while (!condition.holds()) {
            if (Duration.between(start, now).compareTo(limit) >= 0) {
                return limit;
            }
            step();
        }
        return Duration.between(start, now);
    }

    void pass(Duration time) {
        until(() -> false, time);
    }

    private void step() {
        Arrival next = arrivals.peek();
        if (next != null && !next.at().isAfter(nextTick)) {
            arrivals.remove();
            now = next.at().isAfter(now) ? next.at() : now;
            perform(engine.on(next.input(), now));
        } else {
            now = nextTick;
            nextTick = nextTick.plusMillis(200);
            perform(engine.on(new SyncInput.Tick(), now));
        }
    }

    private void perform(List<SyncOutput> outputs) {
        for (SyncOutput output : outputs) {
            switch (output) {
                case SyncOutput.Dial(PeerAddress address) -> dial(address.toString());
                case SyncOutput.ToListener(ChainEvent event) -> note(event);
                case SyncOutput.SavePending _ -> {
                    // Nothing is broadcast here.
                }
                case SyncOutput.Fetched(long number, var block) -> fetched.put(number, block);
                case SyncOutput.ToPeer(PeerOutput.Send(long peer, P2pMessage message)) ->
                        answer(peer, message);
                case SyncOutput.ToPeer(PeerOutput.Disconnect(long peer, DisconnectReason why)) -> {
                    String name = names.get(peer);
                    if (connected.remove(peer) != null && name != null) {
                        arrive(Duration.ZERO, new SyncInput.PeerGone(peer, name, why));
                    }
                }
            }
        }
    }

    private void note(ChainEvent event) {
        switch (event) {
            case ChainEvent.PeerLost(String peer, DisconnectReason reason) ->
                    log.add("lost " + peer + " " + reason.code());
            case ChainEvent.Status(SyncStatus status) -> {
                lastStatus = status;
                statusEvents++;
            }
            default -> {
                // Nothing to note.
            }
        }
    }

    private void dial(String name) {
        dials.merge(name, 1, Integer::sum);
        long peer = nextNumber++;
        Script script = scripts.get(name);
        if (script == null) {
            arrive(
                    Duration.ofMillis(1),
                    new SyncInput.PeerGone(
                            peer,
                            name,
                            new DisconnectReason(DisconnectReason.Code.UNREACHABLE, "refused")));
            return;
        }
        connected.put(peer, script);
        names.put(peer, name);
        P2pMessage.Version version =
                new P2pMessage.Version(
                        70_016,
                        9,
                        now.plus(clocksAhead.getOrDefault(name, Duration.ZERO)).getEpochSecond(),
                        peer,
                        "/" + name + "/",
                        1_000_000,
                        true);
        arrive(Duration.ofMillis(1), new SyncInput.PeerReady(peer, name, version));
    }

    private void answer(long peer, P2pMessage message) {
        Script script = connected.get(peer);
        if (script == null) {
            return;
        }
        if (message instanceof Ping(long nonce)) {
            arrive(Duration.ofMillis(20), new SyncInput.Received(peer, new Pong(nonce)));
        }
        for (P2pMessage answer : script.answer(message)) {
            arrive(script.delay, new SyncInput.Received(peer, answer));
        }
    }
}
