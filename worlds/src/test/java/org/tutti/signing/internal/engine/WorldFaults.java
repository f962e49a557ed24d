package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.LiveSession;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Faults of machines, disks, clocks, people and connections.
final class WorldFaults {
    /// Worlds of a hundred in which nodes are copied.
    private static final int COPIES = 14;

    /// Of those in which all are honest, where a copy must not stop anything once it is gone.
    private static final int COPIES_AMONG_HONEST = 60;

    private final World world;
    private final boolean restores;
    private boolean dayAhead;
    private final boolean copies;

    /// While there is a copy nothing else happens: it must not stop anything once it is gone.
    private final boolean copiesAlone;

    WorldFaults(World world) {
        this.world = world;
        this.restores = world.chance(20);
        this.copies = world.chance(world.allHonest() ? COPIES_AMONG_HONEST : COPIES);
        this.copiesAlone = world.chance(world.allHonest() ? 80 : 20);
    }

    private void hit(WorldFault fault, boolean live) {
        if (live) {
            world.counts.hit(fault);
        }
    }

    /// Mostly of a node that has a live session.
    private WorldNode somebody() {
        List<WorldNode> live =
                world.nodes().stream().filter(node -> node.honest() && node.isLive()).toList();
        return live.isEmpty() || world.chance(10) ? world.any(world.nodes()) : world.any(live);
    }

    private boolean anyLive() {
        return world.machines.stream().anyMatch(WorldMachine::isLive);
    }

    void oneFault() {
        if ((copies && copyFault()) || startADayAhead()) {
            return;
        }
        if (world.hasTwoGroups && groupFault()) {
            return;
        }
        List<WorldMachine> down =
                world.machines.stream().filter(machine -> !machine.alive()).toList();
        List<WorldMachine> stopped = world.machines.stream().filter(WorldMachine::stopped).toList();
        int dice = world.random.nextInt(130);
        if (!down.isEmpty() && dice < 45) {
            world.any(down).start();
            return;
        }
        if (!stopped.isEmpty() && dice < 60) {
            WorldMachine machine = world.any(stopped);
            machine.diskFails = false;
            machine.die(WorldMachine.Loss.NOTHING);
            machine.start();
            return;
        }
        WorldNode node = somebody();
        WorldMachine machine = node.machine;
        boolean live = node.isLive() && node.honest();
        if (world.chance(20)) {
            machine.backup = machine.file.content();
        }
        switch (world.random.nextInt(restores ? 24 : 16)) {
            case 0 -> {
                hit(WorldFault.POWER_LOSS, live);
                if (machine.alive()) {
                    machine.die(
                            world.chance(70) ? WorldMachine.Loss.ALL : WorldMachine.Loss.NOTHING);
                }
                if (world.chance(50)) {
                    machine.start();
                }
            }
            case 1 -> {
                machine.sendsUntilKilled = world.random.nextInt(2 * node.group.size());
                machine.tornAtNextForce = world.chance(30);
            }
            case 2, 3 -> machine.tornAtNextForce = true;
            case 4 -> {
                hit(WorldFault.DISK_ERROR, live && !machine.diskFails);
                machine.diskFails = true;
            }
            case 5 -> {
                hit(WorldFault.SHUTDOWN, live);
                if (machine.alive()) {
                    machine.shutdown();
                    if (world.chance(60)) {
                        machine.start();
                    }
                }
            }
            case 6 -> setClock(machine, world.any(FORWARD), live);
            case 7 -> setClock(machine, world.any(BACK), live);
            case 8 -> {
                if (world.chance(15)) {
                    node.group.honest().forEach(each -> setClock(each.machine, BACK.get(1), live));
                }
                hit(WorldFault.SLEEP, anyLive());
                sleep();
            }
            case 9 -> {
                hit(WorldFault.STRICTER_POLICY, live);
                node.wallet.limit(0);
                if (machine.alive() && world.chance(70)) {
                    machine.die(WorldMachine.Loss.ALL);
                    machine.start();
                }
                if (world.chance(50)) {
                    node.wallet.limit(WorldWallet.NO_LIMIT);
                }
            }
            case 10, 11 -> {
                WorldMachine other = world.any(world.machines);
                if (!other.equals(machine)) {
                    hit(WorldFault.BROKEN_LINK, live);
                    world.network.breakLink(machine, other);
                }
            }
            case 12 -> allowConflict(node);
            case 13, 14, 15 -> {
                node.group.adversary.completeSomething();
                reorganise(node.group);
            }
            default -> {
                if (node.honest()) {
                    hit(WorldFault.RESTORED_JOURNAL, live);
                    machine.restoreBackup();
                    machine.start();
                }
            }
        }
    }

    /// All machines are started again, with wall clocks that are more than a day ahead: what was
    /// signed today is not free because of that. Were one machine alone ahead, the others would
    /// sign nothing with it.
    private boolean startADayAhead() {
        boolean limited = world.groups.stream().anyMatch(group -> group.chain.hasDayLimit());
        if (!limited || dayAhead || world.copy().isPresent() || !world.chance(8)) {
            return false;
        }
        dayAhead = true;
        spend();
        for (WorldMachine machine : world.machines) {
            machine.wallOffset = Duration.ofHours(25);
            machine.clockUntouched = false;
        }
        world.restartAll();
        spend();
        world.counts.count("all are started a day ahead");
        return true;
    }

    /// Some payments, as far as they go.
    private void spend() {
        for (WorldGroup group : world.groups) {
            for (int i = 0; i < 3; i++) {
                group.traffic.ask();
                world.goOn(40);
            }
        }
    }

    /// A node leaves its group, or joins it again. Not beside a copy: two processes are found in
    /// the groups that both are in.
    private boolean groupFault() {
        if (world.copy().isPresent()) {
            return false;
        }
        List<WorldNode> out =
                world.nodes().stream()
                        .filter(node -> node.machine.alive() && !node.alive())
                        .toList();
        if (!world.chance(out.isEmpty() ? 20 : 60)) {
            return false;
        }
        WorldNode node = out.isEmpty() ? somebody() : world.any(out);
        WorldMachine machine = node.machine;
        if (out.isEmpty() && node.alive()) {
            hit(WorldFault.GROUP_DROPPED, node.honest() && node.isLive());
            machine.drop(node);
        } else if (machine.alive() && !machine.stopped()) {
            machine.join(node);
            hit(WorldFault.GROUP_ADDED, machine.isLive() || !node.liveSessions().isEmpty());
        }
        return true;
    }

    /// A copy begins, ends, fails or loses a connection; or the original ends.
    private boolean copyFault() {
        WorldMachine copy = world.copy().orElse(null);
        int dice = world.random.nextInt(100);
        if (copy == null) {
            WorldMachine original = somebody().machine;
            if (dice < 25 && original.mayBeCopied()) {
                hit(WorldFault.COPY, original.isLive());
                world.copy(original);
                return true;
            }
            return false;
        }
        if (copiesAlone) {
            if (dice < 15) {
                world.copyEnds();
                // The others say what they remember.
                world.machines.forEach(
                        other -> world.network.breakLink(world.original(copy), other));
            }
            return true;
        }
        if (dice < 12) {
            world.copyEnds();
        } else if (dice < 15) {
            world.originalEnds();
        } else if (dice < 20) {
            WorldMachine other = world.any(world.machines);
            if (!other.equals(copy)) {
                hit(WorldFault.BROKEN_LINK, copy.isLive());
                world.network.breakLink(copy, other);
            }
        } else if (dice < 22) {
            copy.diskFails = true;
        } else if (dice < 24) {
            setClock(copy, world.any(FORWARD), copy.isLive());
        } else {
            return false;
        }
        return true;
    }

    private static final List<Duration> FORWARD =
            List.of(
                    Duration.ofSeconds(40),
                    Duration.ofMinutes(20),
                    Duration.ofHours(3),
                    Duration.ofDays(3),
                    Duration.ofDays(27_000));

    private static final List<Duration> BACK =
            List.of(
                    Duration.ofSeconds(-40),
                    Duration.ofMinutes(-20),
                    Duration.ofHours(-3),
                    Duration.ofDays(-3));

    private void setClock(WorldMachine machine, Duration by, boolean live) {
        hit(by.isNegative() ? WorldFault.CLOCK_BACK : WorldFault.CLOCK_FORWARD, live);
        // A step and back is as likely as one that stays.
        machine.wallOffset = machine.clockUntouched || world.chance(50) ? by : Duration.ZERO;
        machine.clockUntouched = false;
    }

    /// A transaction is in a block as soon as somebody knows it; perhaps the block leaves the
    /// chain.
    void signed(WorldGroup group, SessionId id) {
        if (world.chance(25)) {
            group.adversary.complete(id);
            reorganise(group);
        }
    }

    private void reorganise(WorldGroup group) {
        if (world.chance(60)
                && group.chain.reorganise(1 + world.random.nextInt(WorldChain.FINAL - 1))) {
            hit(WorldFault.REORGANISATION, anyLive());
            group.adversary.completeSomething();
        }
        group.settleSoon();
    }

    /// To just before or after something expires, or for long.
    private void sleep() {
        List<Instant> expiries = new ArrayList<>();
        for (WorldMachine machine : world.processes) {
            for (WorldNode node : machine.nodes) {
                for (LiveSession session : node.liveSessions()) {
                    SigningRequest request = node.group.request(session.id());
                    if (request != null && request.expires().isAfter(world.now)) {
                        expiries.add(request.expires());
                    }
                }
            }
        }
        Duration until =
                expiries.isEmpty() || world.chance(20)
                        ? Duration.ofSeconds(1 + world.random.nextInt(100))
                        : Duration.between(world.now, world.any(expiries))
                                .plusSeconds(world.random.nextInt(4) - 1);
        if (!until.isNegative()) {
            world.advance(until);
        }
    }

    /// The operators of all honest nodes agree that another operation may replace this one.
    private void allowConflict(WorldNode node) {
        if (!world.chance(30) || node.signed.isEmpty()) {
            return;
        }
        SessionId id = node.signed.keySet().stream().sorted(WorldFaults::compare).findFirst().get();
        for (WorldNode honest : node.group.honest()) {
            if (honest.alive() && honest.signed.containsKey(id)) {
                honest.conflictAllowed.add(id);
                honest.handle(new EngineInput.AllowConflict(id));
            }
        }
    }

    private static int compare(SessionId a, SessionId b) {
        return a.bytes().compareTo(b.bytes());
    }

    /// SAFETY 30: the wall clock runs a little ahead past the expiry of a request, is corrected,
    /// and the request comes again.
    void setClocksBackAfterExpiry(WorldGroup group) {
        List<SigningRequest> requests = group.requests();
        if (requests.isEmpty() || group.size() > 8) {
            return;
        }
        SigningRequest last = requests.get(world.random.nextInt(requests.size()));
        for (WorldNode node : group.honest()) {
            WorldMachine machine = node.machine;
            if (!node.alive() || !machine.clockUntouched || !machine.intact) {
                continue;
            }
            // Before it may be forgotten, or after.
            Instant late = last.expires().plusSeconds(world.chance(50) ? 10 : 70);
            if (world.now.isBefore(late)) {
                world.advance(Duration.between(world.now, late));
            }
            machine.wallOffset = Duration.between(world.now, late);
            if (machine.wallOffset.abs().compareTo(Duration.ofMinutes(90)) > 0) {
                machine.wallOffset = Duration.ZERO;
                continue;
            }
            machine.clockUntouched = false;
            group.adversary.askForAnything(node);
            machine.wallOffset = machine.wallOffset.minusSeconds(80);
            Bytes envelope = group.adversary.requestEnvelope(last.sessionId());
            if (envelope != null) {
                node.handle(world.messages.open(envelope));
            }
            machine.handleAll();
            machine.wallOffset = Duration.ZERO;
        }
    }
}
