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
                world.nodes.stream().filter(node -> node.honest() && node.isLive()).toList();
        return live.isEmpty() || world.chance(10) ? world.any(world.nodes) : world.any(live);
    }

    private boolean anyLive() {
        return world.nodes.stream().anyMatch(node -> node.honest() && node.isLive());
    }

    void oneFault() {
        if (copies && copyFault()) {
            return;
        }
        List<WorldNode> down = world.nodes.stream().filter(node -> !node.alive()).toList();
        List<WorldNode> stopped =
                world.nodes.stream().filter(node -> node.alive() && node.stopped()).toList();
        int dice = world.random.nextInt(130);
        if (!down.isEmpty() && dice < 45) {
            world.any(down).start();
            return;
        }
        if (!stopped.isEmpty() && dice < 60) {
            WorldNode node = world.any(stopped);
            node.diskFails = false;
            node.die(WorldNode.Loss.NOTHING);
            node.start();
            return;
        }
        WorldNode node = somebody();
        boolean live = node.isLive() && node.honest();
        if (world.chance(20)) {
            node.backup = node.file.content();
        }
        switch (world.random.nextInt(restores ? 24 : 16)) {
            case 0 -> {
                hit(WorldFault.POWER_LOSS, live && node.alive());
                if (node.alive()) {
                    node.die(world.chance(70) ? WorldNode.Loss.ALL : WorldNode.Loss.NOTHING);
                }
                if (world.chance(50)) {
                    node.start();
                }
            }
            case 1 -> {
                node.sendsUntilKilled = world.random.nextInt(2 * world.group.size());
                node.tornAtNextForce = world.chance(30);
            }
            case 2, 3 -> node.tornAtNextForce = true;
            case 4 -> {
                hit(WorldFault.DISK_ERROR, live && !node.diskFails);
                node.diskFails = true;
            }
            case 5 -> {
                hit(WorldFault.SHUTDOWN, live);
                if (node.alive()) {
                    node.shutdown();
                    if (world.chance(60)) {
                        node.start();
                    }
                }
            }
            case 6 -> setClock(node, world.any(FORWARD), live);
            case 7 -> setClock(node, world.any(BACK), live);
            case 8 -> {
                if (world.chance(15)) {
                    world.honest().forEach(each -> setClock(each, BACK.get(1), live));
                }
                hit(WorldFault.SLEEP, anyLive());
                sleep();
            }
            case 9 -> {
                hit(WorldFault.STRICTER_POLICY, live);
                node.wallet.limit(0);
                if (node.alive() && world.chance(70)) {
                    node.die(WorldNode.Loss.ALL);
                    node.start();
                }
                if (world.chance(50)) {
                    node.wallet.limit(WorldWallet.NO_LIMIT);
                }
            }
            case 10, 11 -> {
                WorldNode other = world.any(world.nodes);
                if (!other.equals(node)) {
                    hit(WorldFault.BROKEN_LINK, live);
                    world.breakLink(node, other);
                }
            }
            case 12 -> allowConflict(node);
            case 13, 14, 15 -> {
                world.adversary.completeSomething();
                reorganise();
            }
            default -> {
                if (node.honest()) {
                    hit(WorldFault.RESTORED_JOURNAL, live);
                    node.restoreBackup();
                    node.start();
                }
            }
        }
    }

    /// A copy begins, ends, fails or loses a connection; or the original ends.
    private boolean copyFault() {
        WorldNode copy = world.copy().orElse(null);
        int dice = world.random.nextInt(100);
        if (copy == null) {
            WorldNode original = somebody();
            if (dice < 25 && original.honest() && original.alive() && !original.stopped()) {
                hit(WorldFault.COPY, original.isLive());
                world.copy(original);
                return true;
            }
            return false;
        }
        if (copiesAlone) {
            if (dice < 30) {
                world.copyEnds();
                // The others say what they remember.
                world.breakLink(world.node(copy.index()), world.any(world.nodes));
            }
            return true;
        }
        if (dice < 12) {
            world.copyEnds();
        } else if (dice < 15) {
            world.originalEnds();
        } else if (dice < 20) {
            WorldNode other = world.any(world.nodes);
            if (!other.equals(copy)) {
                hit(WorldFault.BROKEN_LINK, copy.isLive());
                world.breakLink(copy, other);
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

    private void setClock(WorldNode node, Duration by, boolean live) {
        hit(by.isNegative() ? WorldFault.CLOCK_BACK : WorldFault.CLOCK_FORWARD, live);
        // A step and back is as likely as one that stays.
        node.wallOffset = node.clockUntouched || world.chance(50) ? by : Duration.ZERO;
        node.clockUntouched = false;
    }

    /// A transaction is in a block as soon as somebody knows it; perhaps the block leaves the
    /// chain.
    void signed(SessionId id) {
        if (world.chance(25)) {
            world.adversary.complete(id);
            reorganise();
        }
    }

    private void reorganise() {
        if (world.chance(60)
                && world.chain.reorganise(1 + world.random.nextInt(WorldChain.FINAL - 1))) {
            hit(WorldFault.REORGANISATION, anyLive());
            world.adversary.completeSomething();
        }
        world.settleSoon();
    }

    /// To just before or after something expires, or for long.
    private void sleep() {
        List<Instant> expiries = new ArrayList<>();
        for (WorldNode node : world.processes) {
            for (LiveSession session : node.liveSessions()) {
                SigningRequest request = world.request(session.id());
                if (request != null && request.expires().isAfter(world.now)) {
                    expiries.add(request.expires());
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
        for (WorldNode honest : world.honest()) {
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
    void setClocksBackAfterExpiry() {
        List<SigningRequest> requests = world.requests();
        if (requests.isEmpty() || world.group.size() > 8) {
            return;
        }
        SigningRequest last = requests.get(world.random.nextInt(requests.size()));
        for (WorldNode node : world.honest()) {
            if (!node.alive() || !node.clockUntouched || !node.intact) {
                continue;
            }
            // Before it may be forgotten, or after.
            Instant late = last.expires().plusSeconds(world.chance(50) ? 10 : 70);
            if (world.now.isBefore(late)) {
                world.advance(Duration.between(world.now, late));
            }
            node.wallOffset = Duration.between(world.now, late);
            if (node.wallOffset.abs().compareTo(Duration.ofMinutes(90)) > 0) {
                node.wallOffset = Duration.ZERO;
                continue;
            }
            node.clockUntouched = false;
            world.adversary.askForAnything(node);
            node.wallOffset = node.wallOffset.minusSeconds(80);
            Bytes envelope = world.adversary.requestEnvelope(last.sessionId());
            if (envelope != null) {
                node.handle(world.open(envelope));
            }
            while (!node.todo.isEmpty()) {
                node.handle(node.todo.remove());
            }
            node.wallOffset = Duration.ZERO;
        }
    }
}
