package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.SeededRandom;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.SessionTimeouts;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Groups of signers, some of them dishonest, on machines and a network with faults. One seed
/// determines all of it.
///
/// First comes a time of chaos, then of calm, in which every honest node is up and in time; then
/// the sessions have to end as they must. [WorldChecks] looks at everything meanwhile. Faults,
/// traffic and dishonest members are elsewhere too; here is the order of events, which is one list.
final class World implements AutoCloseable {
    static final Instant START = GroupFixture.NOW;

    /// Groups of a hundred in which all are honest.
    private static final int HONEST = 12;

    /// Of second groups, so that often the members of one must not be disturbed by what happens in
    /// the other.
    private static final int HONEST_SECOND = 40;

    final List<WorldMachine> machines = new ArrayList<>();

    /// The machines, and the copy of one while there is one.
    final List<WorldMachine> processes = new ArrayList<>();

    final List<WorldGroup> groups = new ArrayList<>();
    final WorldCounts counts;
    final NonceRecorder watch = new NonceRecorder();
    final SeededRandom secureRandom;
    final RandomGenerator random;
    final SigningLimits limits = SigningLimits.DEFAULT;
    final SessionTimeouts timeouts = SessionTimeouts.DEFAULT;
    final WorldNetwork network = new WorldNetwork(this);
    final WorldMessages messages = new WorldMessages(this);
    final WorldFaults faults;
    final boolean hasTwoGroups;
    Instant now = START;
    private boolean calm;
    private int boots;

    World(long seed, WorldCounts counts, Function<WorldGroup, WorldChain> chainOf) {
        this.random = new SplittableRandom(seed);
        this.secureRandom = new SeededRandom(seed);
        this.counts = counts;
        this.hasTwoGroups = Math.floorMod(seed, 4) == 1; // Half of the small ones.
        int size = sizeOf(seed, random);
        List<SecretKey> keys = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            machines.add(new WorldMachine(this, Keys.generate(KeyType.ED25519, secureRandom)));
            keys.add(SecretKey.generate(secureRandom));
        }
        groups.add(new WorldGroup(this, 7, machines, keys, HONEST, chainOf));
        machines.sort(Comparator.comparingInt(machine -> machine.nodes.getFirst().index()));
        if (hasTwoGroups) {
            groups.add(secondGroup(chainOf));
        }
        processes.addAll(machines);
        this.faults = new WorldFaults(this);
        machines.forEach(WorldMachine::start);
    }

    /// Of another epoch, with other signing keys, of some of the machines and perhaps one more; who
    /// is honest in one group need not be in the other.
    private WorldGroup secondGroup(Function<WorldGroup, WorldChain> chainOf) {
        List<WorldMachine> members = new ArrayList<>(machines);
        while (members.size() > 3 || (members.size() > 1 && chance(30))) {
            members.remove(random.nextInt(members.size()));
        }
        if (members.size() == 1 || chance(50)) {
            WorldMachine other =
                    new WorldMachine(this, Keys.generate(KeyType.ED25519, secureRandom));
            machines.add(other);
            members.add(other);
        }
        List<SecretKey> keys = new ArrayList<>();
        members.forEach(_ -> keys.add(SecretKey.generate(secureRandom)));
        return new WorldGroup(this, 8, members, keys, HONEST_SECOND, chainOf);
    }

    /// Half 2 to 4 members, a quarter 5 to 8, a quarter 9 to 15.
    private static int sizeOf(long seed, RandomGenerator random) {
        return switch (cost(seed)) {
            case 0 -> 2 + random.nextInt(3);
            case 1 -> 5 + random.nextInt(4);
            default -> 9 + random.nextInt(7);
        };
    }

    /// How much a seed costs: 0, 1 or 2.
    static int cost(long seed) {
        return Math.max(0, Math.floorMod(seed, 4) - 1);
    }

    // --- what is in it

    WorldGroup group(SignerGroup signers) {
        for (WorldGroup group : groups) {
            if (group.signers.equals(signers)) {
                return group;
            }
        }
        throw new IllegalArgumentException("not of this world: " + signers);
    }

    /// Of all groups.
    List<WorldNode> nodes() {
        return groups.stream().flatMap(group -> group.nodes.stream()).toList();
    }

    boolean allHonest() {
        return groups.stream().allMatch(WorldGroup::allHonest);
    }

    boolean calm() {
        return calm;
    }

    Bytes boot() {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(++boots).array());
    }

    Bytes random32() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    static Bytes hash(String tag, Bytes... parts) {
        return TaggedHash.of(
                "world/" + tag, Arrays.stream(parts).map(Bytes::toArray).toArray(byte[][]::new));
    }

    // --- copies

    /// A second process with the identity, the keys and a copy of the journal of this one.
    void copy(WorldMachine original) {
        WorldMachine copy = WorldMachine.copyOf(original);
        processes.add(copy);
        copy.start();
        counts.count("copies");
        if (chance(50)) {
            // The original loses its connections, and its links go on to the copy.
            machines.forEach(other -> network.breakLink(original, other));
        }
        if (chance(80)) {
            // It becomes ready as soon as all have said hello to it.
            copy.nodes.forEach(node -> node.group.traffic.askOf(node));
        }
    }

    /// Empty while there is none.
    Optional<WorldMachine> copy() {
        return processes.size() == machines.size()
                ? Optional.empty()
                : Optional.of(processes.getLast());
    }

    /// The machine that this one has the identity of.
    WorldMachine original(WorldMachine copy) {
        return machines.stream()
                .filter(machine -> machine.peerId().equals(copy.peerId()))
                .findFirst()
                .orElseThrow();
    }

    void copyEnds() {
        copy().ifPresent(copy -> {
            if (copy.alive()) {
                copy.die(WorldMachine.Loss.ALL);
            }
            processes.remove(copy);
            WorldMachine original = original(copy);
            for (WorldNode node : original.nodes) {
                if (node.group.nodes.stream().anyMatch(other -> other.hasHeardACopyFirst(node))) {
                    original.copyFoundInTime = false;
                }
            }
            original.ended(copy);
        });
    }

    /// The copy goes on alone: its journal lacks what the original has written since.
    void originalEnds() {
        copy().ifPresent(copy -> {
            WorldMachine original = original(copy);
            if (original.alive()) {
                original.die(WorldMachine.Loss.ALL);
            }
            machines.set(machines.indexOf(original), copy);
            processes.remove(original);
            copy.takesOver(original);
        });
    }

    // --- time

    /// One input of one machine, or several together.
    ///
    /// @return false if nothing can happen without time passing
    boolean step() {
        List<WorldNetwork.Link> waiting = network.waiting();
        List<WorldMachine> busy = new ArrayList<>();
        for (WorldMachine machine : processes) {
            if (machine.alive() && !machine.todo.isEmpty()) {
                busy.add(machine);
            }
        }
        int choices = busy.size() + waiting.size();
        if (choices == 0) {
            return false;
        }
        int choice = random.nextInt(choices);
        if (choice < busy.size()) {
            WorldMachine machine = busy.get(choice);
            machine.handle(machine.todo.remove());
        } else {
            deliver(waiting.get(choice - busy.size()));
        }
        return true;
    }

    private void deliver(WorldNetwork.Link link) {
        WorldMachine machine = link.to;
        if (!machine.alive()) {
            link.queue.clear();
            return;
        }
        int most = random.nextInt(hasTwoGroups ? 3 : 5) == 0 ? 2 + random.nextInt(6) : 1;
        List<WorldMachine.Input> batch = new ArrayList<>();
        network.take(link, most, batch);
        if (most > 1) {
            while (batch.size() < most && !machine.todo.isEmpty()) {
                batch.add(machine.todo.remove());
            }
        }
        if (batch.size() > 1 && machine.isLive()) {
            counts.hit(WorldFault.BATCH);
        }
        machine.handle(batch);
        if (hasTwoGroups && !batch.isEmpty() && chance(2)) {
            machine.mixUp(any(batch));
        }
    }

    void deliverAll() {
        int steps = 0;
        while (step()) {
            if (++steps > 200_000) {
                throw new AssertionError("messages go on for ever");
            }
        }
    }

    /// Advances to the next deadline or decision of any node.
    ///
    /// @return false if there is none
    boolean passTime() {
        Duration next = null;
        for (WorldMachine machine : processes) {
            for (WorldNode node : machine.nodes) {
                if (node.alive()) {
                    next = earlier(next, node.untilNextDeadline().orElse(null));
                    for (WorldNode.Later later : node.undecided) {
                        next = earlier(next, Duration.between(now, later.due()));
                    }
                }
            }
        }
        if (next == null) {
            return false;
        }
        advance(next.isNegative() ? Duration.ZERO : next);
        return true;
    }

    private static @Nullable Duration earlier(@Nullable Duration a, @Nullable Duration b) {
        return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
    }

    /// The nodes notice it when they come to it: messages may come first.
    void advance(Duration duration) {
        noteTimeBesideCopy(duration);
        now = now.plus(duration);
        for (WorldMachine machine : processes) {
            for (WorldNode node : machine.nodes) {
                if (node.alive()) {
                    advance(node);
                }
            }
        }
    }

    private void advance(WorldNode node) {
        node.undecided.removeIf(later -> {
            boolean due = !now.isBefore(later.due());
            if (due) {
                node.later(later.decided());
            }
            return due;
        });
        Duration until = node.untilNextDeadline().orElse(null);
        if (until != null && until.isZero()) {
            node.later(new EngineInput.Tick());
        }
    }

    /// A copy is found in time if messages arrive before time passes, and the original is there.
    private void noteTimeBesideCopy(Duration duration) {
        boolean onTheWay =
                network.isAnythingOnTheWay()
                        || processes.stream()
                                .anyMatch(each -> each.alive() && !each.todo.isEmpty());
        if (duration.isPositive()) {
            for (WorldMachine machine : machines) {
                if (onTheWay || !machine.alive() || machine.stopped()) {
                    machine.missesAnswers();
                }
            }
        }
        copy().ifPresent(copy -> {
            WorldMachine original = original(copy);
            if (duration.isPositive()
                    && (onTheWay || !original.alive() || original.stopped() || copy.stopped())) {
                original.copyFoundInTime = false;
            }
        });
    }

    /// Until every session has ended.
    void untilOver() {
        deliverAll();
        int rounds = 0;
        while (passTime()) {
            deliverAll();
            if (++rounds > 2_000) {
                throw new AssertionError("the sessions do not end");
            }
        }
    }

    /// So many times to the next deadline: some of the machines may be down.
    void goOn(int times) {
        deliverAll();
        for (int i = 0; i < times && passTime(); i++) {
            deliverAll();
        }
    }

    // --- a life

    void live() {
        chaos();
        calmDown();
        untilOver();
        groups.forEach(WorldGroup::requireOver);
        for (WorldGroup group : groups) {
            if (group.mustEnd() && group.nodes.stream().anyMatch(node -> node.machine.wasCopied)) {
                counts.count("worlds that a copy must not have stopped");
            }
            group.traffic.finishAll();
            group.adversary.frame();
            faults.setClocksBackAfterExpiry(group);
            untilOver();
            groups.forEach(WorldGroup::requireOver);
        }
        for (WorldMachine machine : machines) {
            if (machine.alive() && machine.nodes.stream().anyMatch(WorldNode::honest)) {
                machine.nodes.forEach(node -> {
                    if (node.honest() && node.intact()) {
                        WorldChecks.requireHeld(node);
                    }
                });
                machine.shutdown();
            }
        }
    }

    private void chaos() {
        int perSession = 0;
        for (WorldGroup group : groups) {
            perSession += 3 * group.size() * (group.size() - 1);
        }
        int faultRate = Math.clamp(2_600 / perSession, 6, 110);
        int idle = 0;
        for (int steps = 0; steps < 110 + 9 * perSession || idle < 5; steps++) {
            int dice = random.nextInt(1_000);
            if (dice < faultRate) {
                faults.oneFault();
            } else if (asks(dice < 2 * faultRate)) {
                continue;
            } else if (!step()) {
                idle++;
                if (!passTime()) {
                    return;
                }
            }
            if (steps > 40 * perSession + 2_000) {
                return;
            }
        }
    }

    /// Somebody asks for something, in a group that has nothing to do or in any.
    private boolean asks(boolean wherever) {
        List<WorldGroup> asking = new ArrayList<>();
        for (WorldGroup group : groups) {
            if (group.traffic.hasMore() && (wherever || !group.anyLive())) {
                asking.add(group);
            }
        }
        if (asking.isEmpty()) {
            return false;
        }
        (asking.size() == 1 ? asking.getFirst() : any(asking)).traffic.ask();
        return true;
    }

    private void calmDown() {
        calm = true;
        copyEnds();
        for (WorldMachine machine : machines) {
            machine.tornAtNextForce = false;
            machine.sendsUntilKilled = -1;
            machine.diskFails = false;
            machine.nodes.forEach(node -> node.wallet.limit(WorldWallet.NO_LIMIT));
            machine.wallOffset = Duration.ZERO;
            if (machine.alive() && machine.stopped()) {
                machine.die(WorldMachine.Loss.NOTHING);
            }
            if (!machine.alive()) {
                machine.start();
            }
            machine.joinAll();
            machine.nodes.forEach(node -> node.later(new EngineInput.AcceptClock()));
        }
    }

    /// All lose power at once.
    void restartAll() {
        for (WorldMachine machine : machines) {
            if (machine.alive()) {
                machine.die(WorldMachine.Loss.ALL);
            }
        }
        machines.forEach(WorldMachine::start);
    }

    @Override
    public void close() {
        groups.forEach(WorldGroup::close);
    }
}
