package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.DurableEntries;
import org.tutti.signing.journal.GroupReading;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.journal.MemoryJournalFiles;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.session.DropReason;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// One machine of a simulated world: an identity, two clocks, a disk with the real journal, the
/// real group commit over the engines of its nodes, and connections. What it does wrong is decided
/// by its [World].
final class WorldMachine {
    /// Journals of worlds are small, and compacted whenever half of one would go.
    private static final int COMPACT_GROWTH = 8 << 10;

    /// What one of its nodes is told.
    record Input(WorldNode node, EngineInput input) {}

    /// What a process has that a stop ends.
    ///
    /// @param surelyPassed the earlier of the wall clock and one that nobody sets
    private record RunningProcess(
            Journal journal,
            GroupCommit commit,
            JournalCompactor compactor,
            List<GroupEngine> engines,
            InstantSource surelyPassed) {}

    final World world;
    final PrivateKey identity;
    private final PeerId peerId;
    final MemoryJournalFiles file = new MemoryJournalFiles();
    final DurableEntries durable = new DurableEntries(file);
    final JournalRetention retention;

    /// One for each of its groups.
    final List<WorldNode> nodes = new ArrayList<>();

    final ArrayDeque<Input> todo = new ArrayDeque<>();

    /// Its journal was never replaced by an older one.
    boolean intact = true;

    /// Its wall clock was never set.
    boolean clockUntouched = true;

    Duration wallOffset = Duration.ZERO;
    byte[] backup = new byte[0];

    /// It is killed while it sends this many more messages; negative if it is not.
    int sendsUntilKilled = -1;

    /// It is killed between its next write and force.
    boolean tornAtNextForce;

    boolean diskFails;

    /// The process that this one is a copy of, while both are there.
    private @Nullable WorldMachine original;

    /// Two processes have had its identity.
    boolean wasCopied;

    /// Messages took no time while there was a copy of this process, which was there itself.
    boolean copyFoundInTime = true;

    /// When its copy ended.
    private @Nullable Instant copyEnded;

    /// The peers that it has connections with, if it is a copy.
    private final Set<PeerId> reached = new HashSet<>();

    /// With each peer's processes, in the order in which they were opened: a link is one stream, on
    /// the first.
    private final Map<PeerId, List<WorldMachine>> connections = new LinkedHashMap<>();

    private final Map<WorldMachine, WorldNetwork.Link> links = new HashMap<>();
    private @Nullable RunningProcess process;

    WorldMachine(World world, PrivateKey identity) {
        this.world = world;
        this.identity = identity;
        this.peerId = identity.publicKey().peerId();
        this.retention =
                new JournalRetention(
                        world.limits.requests().lifetime(),
                        world.limits.requests().clockSkew(),
                        0,
                        COMPACT_GROWTH);
        file.failing(() -> diskFails);
        file.probe(operation -> {
            if (tornAtNextForce && operation.equals("force") && alive()) {
                throw new SimNode.Killed();
            }
        });
    }

    /// A second process of it, on other hardware.
    static WorldMachine copyOf(WorldMachine original) {
        World world = original.world;
        WorldMachine copy = new WorldMachine(world, original.identity);
        copy.original = original;
        copy.file.content(original.file.content());
        copy.intact = original.intact;
        copy.clockUntouched = original.clockUntouched;
        copy.wallOffset = original.wallOffset;
        original.nodes.forEach(node -> copy.nodes.add(WorldNode.copyOf(node, copy)));
        boolean all = world.chance(70);
        for (WorldMachine other : world.machines) {
            if (all || world.chance(60)) {
                copy.reached.add(other.peerId);
            }
        }
        original.wasCopied = true;
        copy.wasCopied = true;
        return copy;
    }

    /// The copy is the machine from now on.
    void takesOver(WorldMachine ended) {
        original = null;
        intact = false;
        copyFoundInTime = ended.copyFoundInTime;
        backup = ended.backup;
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).takesOver(ended.nodes.get(i));
        }
        if (alive()) {
            world.network.connected(this);
        }
    }

    /// @param copy of this one, which has ended
    void ended(WorldMachine copy) {
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).copyHasSigned |= copy.nodes.get(i).hasSignedSinceCopied;
        }
        copyEnded = world.now;
    }

    /// Challenges after a copy of it, or their answers, do not arrive at once, or it is not there
    /// to answer: while others have not found yet that there were two, its journal may seem to have
    /// gone back.
    void missesAnswers() {
        Instant ended = copyEnded;
        if (ended != null
                && world.now.isBefore(ended.plus(Presence.LONGEST_PAUSE).plus(PeerHeads.SETTLES))) {
            copyFoundInTime = false;
        }
    }

    boolean isCopy() {
        return original != null;
    }

    PeerId peerId() {
        return peerId;
    }

    /// Its node in this group, if it is a member.
    @Nullable WorldNode node(WorldGroup group) {
        for (WorldNode node : nodes) {
            if (node.group.equals(group)) {
                return node;
            }
        }
        return null;
    }

    /// Of each process of the peer, its connections in the order in which they were opened.
    List<WorldMachine> connections(PeerId peer) {
        return connections.computeIfAbsent(peer, _ -> new ArrayList<>());
    }

    WorldNetwork.Link link(WorldMachine to) {
        return links.computeIfAbsent(to, _ -> new WorldNetwork.Link(this, to));
    }

    /// Whether there are connections between the two. A process has none with its own identity.
    boolean reaches(WorldMachine other) {
        return !other.peerId.equals(peerId)
                && (original == null || reached.contains(other.peerId))
                && nodes.stream().anyMatch(node -> node.group.has(other.peerId));
    }

    boolean alive() {
        return process != null;
    }

    boolean stopped() {
        RunningProcess running = process;
        return running != null && running.commit.failed();
    }

    EngineTime time() {
        return new EngineTime(world.now.plus(wallOffset), Duration.between(World.START, world.now));
    }

    /// Whether it runs as it should in all its groups.
    boolean mayBeCopied() {
        return alive()
                && !stopped()
                && nodes.stream().allMatch(node -> node.honest() && node.alive());
    }

    /// Whether a session of an honest node is in readiness, nonces or partial signatures here.
    boolean isLive() {
        for (WorldNode node : nodes) {
            if (node.honest() && node.isLive()) {
                return true;
            }
        }
        return false;
    }

    // --- messages

    /// A stream to the peer is open: each group that it shares says hello on it.
    void linkOpened(PeerId peer) {
        toGroupsWith(peer, EngineInput.PeerConnected::new, todo);
    }

    /// To every group that the peer shares with this machine.
    private void toGroupsWith(
            PeerId peer, IntFunction<EngineInput> input, Collection<Input> inputs) {
        for (WorldNode node : nodes) {
            if (node.alive()) {
                node.group
                        .member(peer)
                        .ifPresent(
                                member -> inputs.add(new Input(node, input.apply(member.index()))));
            }
        }
    }

    /// Whether it takes part in a group with the peer now.
    private boolean sharesGroupWith(PeerId peer) {
        return nodes.stream().anyMatch(node -> node.alive() && node.group.has(peer));
    }

    /// What a message that has arrived is for the engines: as the service does it, it is for the
    /// group that it names, from members of that group alone; of what is for no group here, each
    /// group that the sender shares is told.
    void route(WorldMachine from, EngineInput message, List<Input> inputs) {
        PeerId sender = from.peerId;
        switch (message) {
            case EngineInput.Received(Inbound inbound) -> {
                WorldGroup group = world.group(inbound.group());
                WorldNode node = node(group);
                Member via = group.member(sender).orElse(null);
                if (node != null && node.alive() && via != null) {
                    inputs.add(
                            new Input(
                                    node,
                                    new EngineInput.Received(GroupFixture.from(inbound, via))));
                    return;
                }
                hit(WorldFault.OTHER_GROUP);
                if (node != null && node.alive()) {
                    toGroupsWith(sender, rejected(DropReason.UNKNOWN_SIGNER), inputs);
                } else if (inbound instanceof Inbound.Greeting) {
                    toGroupsWith(
                            sender,
                            member -> new EngineInput.OtherGroup(member, group.id()),
                            inputs);
                } else {
                    toGroupsWith(sender, rejected(DropReason.WRONG_GROUP), inputs);
                }
            }
            case EngineInput.Rejected(int _, var reason) ->
                    toGroupsWith(sender, rejected(reason), inputs);
            default -> throw new IllegalArgumentException(message + " is not a message");
        }
    }

    private static IntFunction<EngineInput> rejected(DropReason reason) {
        return member -> new EngineInput.Rejected(member, reason);
    }

    private void hit(WorldFault fault) {
        if (isLive()) {
            world.counts.hit(fault);
        }
    }

    /// What is waiting, and a wall clock that is right.
    void handleAll() {
        while (!todo.isEmpty()) {
            handle(todo.remove());
        }
    }

    void handle(Input... batch) {
        handle(List.of(batch));
    }

    /// With one force at most.
    void handle(List<Input> batch) {
        RunningProcess running = process;
        if (running == null) {
            return;
        }
        orDie(() -> {
            List<GroupOutput> outputs = new ArrayList<>();
            for (Input each : batch) {
                outputs.addAll(each.node().handled(each.input()));
                if (each.input() instanceof EngineInput.GroupDropped) {
                    running.engines.removeIf(
                            engine -> engine.group().equals(each.node().group.id()));
                }
            }
            countGroupsOf(outputs);
            running.commit.perform(outputs, time());
            running.commit.compact(running.compactor, time());
        });
        if (alive() && intact) {
            for (Input each : batch) {
                if (each.input() instanceof EngineInput.Tick && each.node().honest()) {
                    WorldChecks.requireHeld(each.node());
                }
            }
        }
    }

    /// Were a message given to the engine of another group, nothing would come of it.
    void mixUp(Input strange) {
        for (WorldNode other : nodes) {
            if (other.equals(strange.node())
                    || !(strange.input() instanceof EngineInput.Received(Inbound message))) {
                continue;
            }
            handle(new Input(other, new EngineInput.Tick()));
            if (other.alive() && !stopped()) {
                hit(WorldFault.MIXED_UP_GROUPS);
                WorldChecks.requireIgnored(other, message, strange.input(), time());
            }
        }
    }

    private void countGroupsOf(List<GroupOutput> outputs) {
        if (nodes.size() < 2) {
            return;
        }
        Set<Bytes> written = new HashSet<>();
        boolean forced = false;
        for (GroupOutput output : outputs) {
            if (output.output() instanceof EngineOutput.Append(JournalRecord record)) {
                written.add(output.from().group());
                forced |= record.mustForce();
            }
        }
        if (written.size() > 1 && forced) {
            hit(WorldFault.FORCE_OF_TWO_GROUPS);
        }
    }

    // --- groups

    /// One of its nodes takes no part in its group any more, after what came before.
    void drop(WorldNode node) {
        List<Input> batch = new ArrayList<>();
        while (!todo.isEmpty() && batch.size() < 2) {
            batch.add(todo.remove());
        }
        batch.add(new Input(node, new EngineInput.GroupDropped()));
        handle(batch);
        if (alive()) {
            WorldChecks.requireWiped(node);
            node.left();
            todo.removeIf(input -> input.node().equals(node));
        }
    }

    /// The nodes that take no part in their groups take part again.
    void joinAll() {
        for (WorldNode node : nodes) {
            if (alive() && !stopped() && !node.alive()) {
                join(node);
            }
        }
    }

    /// It takes part in the group again, from what the journal says now.
    void join(WorldNode node) {
        RunningProcess running = process;
        if (running == null) {
            return;
        }
        List<PeerId> strangers =
                connections.keySet().stream()
                        .filter(peer -> node.group.has(peer) && !sharesGroupWith(peer))
                        .toList();
        try (GroupReading reading = running.journal.reading(node.group.id())) {
            List<JournalEntry> entries = TestJournals.entries(file);
            JournalState state = reading.read(retention, running.surelyPassed.instant());
            List<GroupOutput> outputs = node.join(running.journal, state, entries);
            running.engines.add(node.groupEngine());
            for (PeerId peer : connections.keySet()) {
                if (!strangers.contains(peer) && !connections(peer).isEmpty()) {
                    node.group
                            .member(peer)
                            .ifPresent(member ->
                                    node.later(new EngineInput.PeerConnected(member.index())));
                }
            }
            orDie(() -> running.commit.perform(outputs, time()));
            if (intact) {
                node.requireRestored(entries, outputs);
            }
        } catch (IOException e) {
            throw new AssertionError(this + " cannot read its journal", e);
        }
        // Their streams were reset, and are opened again.
        for (PeerId peer : strangers) {
            for (WorldMachine other : List.copyOf(connections(peer))) {
                world.network.breakLink(this, other);
            }
        }
    }

    // --- life and death

    void start() {
        diskFails = false;
        try {
            JournalState state = new JournalState(retention, time().wall());
            Journal journal = Journal.open(file, this::journalId, state);
            List<JournalEntry> entries = TestJournals.entries(file);
            List<GroupEngine> engines = new ArrayList<>();
            GroupCommit commit = new GroupCommit(engines, journal);
            InstantSource surelyPassed = surelyPassed(time());
            JournalCompactor compactor =
                    new JournalCompactor(
                            journal, retention, surelyPassed, Runnable::run, () -> {}, _ -> {});
            process = new RunningProcess(journal, commit, compactor, engines, surelyPassed);
            List<GroupOutput> outputs = new ArrayList<>();
            for (WorldNode node : nodes) {
                outputs.addAll(node.join(journal, state, entries));
                engines.add(node.groupEngine());
            }
            orDie(() -> commit.perform(outputs, time()));
            if (intact) {
                nodes.forEach(node -> node.requireRestored(entries, outputs));
            }
        } catch (IOException e) {
            throw new AssertionError(this + " cannot read its journal", e);
        }
        if (alive()) {
            world.network.connected(this);
        }
    }

    private InstantSource surelyPassed(EngineTime start) {
        return () -> {
            EngineTime now = time();
            Instant running = start.wall().plus(now.boot()).minus(start.boot());
            return now.wall().isBefore(running) ? now.wall() : running;
        };
    }

    private void orDie(Runnable step) {
        boolean live = (tornAtNextForce || sendsUntilKilled >= 0) && isLive();
        try {
            step.run();
        } catch (SimNode.Killed _) {
            if (live) {
                world.counts.hit(tornAtNextForce ? WorldFault.TORN_WRITE : WorldFault.POWER_LOSS);
            }
            die(tornAtNextForce ? Loss.PART : Loss.ALL);
        }
    }

    /// One more message leaves.
    void sends() {
        if (sendsUntilKilled >= 0 && --sendsUntilKilled < 0) {
            throw new SimNode.Killed();
        }
    }

    /// What a stop loses of what was not forced.
    enum Loss {
        NOTHING,
        PART,
        ALL
    }

    /// Loses its memory, and what was not forced.
    void die(Loss loss) {
        missesAnswers();
        process = null;
        sendsUntilKilled = -1;
        tornAtNextForce = false;
        todo.clear();
        nodes.forEach(WorldNode::left);
        byte[] written = file.content();
        file.crash();
        int durable = file.content().length;
        if (loss != Loss.ALL && written.length > durable) {
            int rest = written.length - durable;
            int kept = loss == Loss.NOTHING ? rest : world.random.nextInt(rest);
            file.content(Arrays.copyOf(written, durable + kept));
        }
        world.network.disconnected(this);
    }

    /// An orderly stop.
    void shutdown() {
        List<Input> all = new ArrayList<>();
        nodes.forEach(node -> all.add(new Input(node, new EngineInput.Shutdown())));
        handle(all);
        if (alive()) {
            nodes.forEach(WorldChecks::requireWiped);
            die(Loss.NOTHING);
        }
    }

    /// The operator replaces the journal by an older copy.
    void restoreBackup() {
        if (alive()) {
            die(Loss.ALL);
        }
        file.content(backup.clone());
        intact = false;
    }

    private Bytes journalId() {
        return World.hash("journal", peerId.multihash()).slice(0, JournalHead.JOURNAL_ID_BYTES);
    }

    @Override
    public String toString() {
        return (isCopy() ? "copy of machine " : "machine ") + world.machines.indexOf(this);
    }
}
