package org.tutti.signing.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The connections between the machines of a world: one link in each direction between two
/// processes, whatever groups they share.
final class WorldNetwork {
    private final World world;
    private final List<Link> waiting = new ArrayList<>();

    /// One direction of a connection; its messages stay in order.
    static final class Link {
        final WorldMachine from;
        final WorldMachine to;
        final ArrayDeque<EngineInput> queue = new ArrayDeque<>();
        boolean listed;

        Link(WorldMachine from, WorldMachine to) {
            this.from = from;
            this.to = to;
        }
    }

    WorldNetwork(World world) {
        this.world = world;
    }

    /// @param message as it was opened
    void enqueue(WorldMachine from, WorldMachine to, EngineInput message) {
        Link link = from.link(to);
        link.queue.add(message);
        if (!link.listed) {
            link.listed = true;
            waiting.add(link);
        }
    }

    /// The links that have messages.
    List<Link> waiting() {
        waiting.removeIf(link -> {
            link.listed = !link.queue.isEmpty();
            return !link.listed;
        });
        return waiting;
    }

    boolean isAnythingOnTheWay() {
        return waiting.stream().anyMatch(link -> !link.queue.isEmpty());
    }

    /// Of this link; and if there is room for more, of the others to the same machine.
    void take(Link link, int most, List<WorldMachine.Input> batch) {
        WorldMachine to = link.to;
        while (batch.size() < most && !link.queue.isEmpty()) {
            to.route(link.from, link.queue.remove(), batch);
        }
        if (most > 1) {
            for (Link other : waiting) {
                if (other.to.equals(to) && batch.size() < most && !other.queue.isEmpty()) {
                    to.route(other.from, other.queue.remove(), batch);
                }
            }
        }
    }

    /// The process is there, and all that can reach it open a connection to it.
    void connected(WorldMachine machine) {
        for (WorldMachine other : world.processes) {
            if (other.alive()
                    && other.reaches(machine)
                    && machine.reaches(other)
                    && !machine.connections(other.peerId()).contains(other)) {
                connect(machine, other);
                connect(other, machine);
            }
        }
    }

    private static void connect(WorldMachine from, WorldMachine to) {
        List<WorldMachine> known = from.connections(to.peerId());
        known.add(to);
        if (known.size() == 1) {
            from.linkOpened(to.peerId());
        }
    }

    void disconnected(WorldMachine machine) {
        for (WorldMachine other : world.processes) {
            disconnect(machine, other);
            disconnect(other, machine);
        }
    }

    /// The link goes on to another connection, if there is one.
    private static void disconnect(WorldMachine from, WorldMachine to) {
        from.link(to).queue.clear();
        List<WorldMachine> known = from.connections(to.peerId());
        boolean first = !known.isEmpty() && known.getFirst().equals(to);
        known.remove(to);
        if (first && !known.isEmpty() && from.alive()) {
            from.linkOpened(to.peerId());
        }
    }

    /// And is opened again.
    void breakLink(WorldMachine a, WorldMachine b) {
        a.link(b).queue.clear();
        b.link(a).queue.clear();
        if (a.alive() && b.alive() && a.reaches(b) && b.reaches(a)) {
            reconnect(a, b);
            reconnect(b, a);
        }
    }

    private static void reconnect(WorldMachine from, WorldMachine to) {
        List<WorldMachine> known = from.connections(to.peerId());
        known.remove(to);
        known.add(to);
        from.linkOpened(to.peerId());
    }
}
