package org.tutti.libp2p.internal.pubsub.driver;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.pubsub.Control;
import org.tutti.libp2p.internal.pubsub.IdentifiedMessage;
import org.tutti.libp2p.internal.pubsub.PubsubOutput.Priority;
import org.tutti.libp2p.internal.pubsub.Rpc;
import org.tutti.libp2p.internal.pubsub.RpcCodec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits to be written to one peer: control before messages. Bounded in bytes as they lie in
/// memory.
///
/// Threads: whoever holds the engine's lock adds, one writer takes, publishers wait for room. The
/// lock guards all fields; nothing blocks under it but waiting on its conditions.
final class SendQueue {
    /// Control that cannot be dropped: a peer that does not take so much is not there any more.
    static final int MAX_CONTROL = 1 << 20;

    /// Gossip is dropped above it.
    static final int MAX_GOSSIP = 256 << 10;

    /// Messages above it are dropped.
    static final int MAX_MESSAGES = 4 << 20;

    /// Publishers wait while there are more messages than this.
    static final int HIGH_WATER = 256 << 10;

    /// A peer that took nothing for so long is not waited for.
    static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    /// What an entry takes beside its message: the RPC, its lists, its place.
    private static final int OVERHEAD = 160;

    /// What became of an RPC.
    enum Added {
        QUEUED,
        DROPPED,
        /// It fits into this queue; all queues together have no room.
        FULL,
        /// There is more control than the peer takes: its stream is to be ended.
        OVERRUN
    }

    /// Ids in one `IDONTWANT` that is put together of several: 16 KiB of usual ones.
    private static final int MAX_JOINED = 256;

    private record Entry(Rpc rpc, int memory) {}

    private final QueuedMemory all;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Deque<Entry> control = new ArrayDeque<>();

    /// By the id of its message; what has several, by itself.
    private final LinkedHashMap<Object, Entry> messages = new LinkedHashMap<>();

    private int controlMemory;
    private int messageMemory;
    private long progressAt;
    private boolean ended;
    private boolean writing;
    private long dropped;

    /// @param all what it counts against, with others
    SendQueue(QueuedMemory all) {
        this.all = all;
    }

    /// Memory of an RPC in the queue.
    private static int memory(Rpc rpc) {
        int memory = OVERHEAD;
        for (IdentifiedMessage message : rpc.messages()) {
            memory += message.message().memory();
        }
        return rpc.messages().isEmpty() ? memory + 3 * RpcCodec.frameSize(rpc) : memory;
    }

    Added add(Rpc rpc, Priority priority, long now) {
        int memory = memory(rpc);
        lock.lock();
        try {
            if (ended) {
                return Added.DROPPED;
            }
            boolean isControl =
                    switch (priority) {
                        case CONTROL, GOSSIP -> true;
                        case PUBLISHED, FORWARDED -> false;
                    };
            int held = isControl ? controlMemory : messageMemory;
            int most =
                    switch (priority) {
                        case CONTROL -> MAX_CONTROL;
                        case GOSSIP -> MAX_GOSSIP;
                        case PUBLISHED, FORWARDED -> MAX_MESSAGES;
                    };
            Object id = rpc.messages().size() == 1 ? rpc.messages().getFirst().id() : new Object();
            if (!isControl && messages.containsKey(id)) {
                return Added.QUEUED;
            }
            if (held > 0 && held + memory > most) {
                dropped++;
                return priority == Priority.CONTROL ? Added.OVERRUN : Added.DROPPED;
            }
            if (!all.reserve(memory)) {
                dropped++;
                return Added.FULL;
            }
            if (control.isEmpty() && messages.isEmpty()) {
                progressAt = now;
                filled.signal();
            }
            if (isControl) {
                control.add(new Entry(rpc, memory));
                controlMemory += memory;
            } else {
                messages.put(id, new Entry(rpc, memory));
                messageMemory += memory;
            }
            return Added.QUEUED;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is something, and takes as much as fits into one write, at least one RPC.
    ///
    /// @param maxBytes of frames
    /// @return empty if the queue has ended
    List<Rpc> take(int maxBytes) throws InterruptedException {
        lock.lock();
        try {
            while (!ended && control.isEmpty() && messages.isEmpty()) {
                filled.await();
            }
            List<Rpc> taken = new ArrayList<>();
            List<Bytes> unwanted = new ArrayList<>();
            int bytes = 0;
            while (!ended) {
                boolean isControl = !control.isEmpty();
                if (!isControl && messages.isEmpty()) {
                    break;
                }
                Entry next = isControl ? control.getFirst() : messages.firstEntry().getValue();
                bytes += RpcCodec.frameSize(next.rpc);
                if (!(taken.isEmpty() && unwanted.isEmpty()) && bytes > maxBytes) {
                    break;
                }
                if (isControl) {
                    control.remove();
                    controlMemory -= next.memory;
                    all.release(next.memory);
                    if (isIdontwant(next.rpc) && unwanted.size() < MAX_JOINED) {
                        // One RPC says what several would.
                        unwanted.addAll(next.rpc.control().idontwants());
                        continue;
                    }
                } else {
                    messages.pollFirstEntry();
                    messageMemory -= next.memory;
                    all.release(next.memory);
                }
                taken.add(next.rpc);
            }
            if (!unwanted.isEmpty()) {
                taken.addFirst(Rpc.idontwant(List.copyOf(unwanted)));
            }
            writing = !taken.isEmpty();
            if (messageMemory < HIGH_WATER) {
                room.signalAll();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isIdontwant(Rpc rpc) {
        Control said = rpc.control();
        return rpc.messages().isEmpty()
                && rpc.subscriptions().isEmpty()
                && said.ihaves().isEmpty()
                && said.iwants().isEmpty()
                && said.grafts().isEmpty()
                && said.prunes().isEmpty();
    }

    /// The peer has this message, or does not want it (gossipsub-v1.2.md: it "MUST be skipped",
    /// also where it waits already): it goes out no more.
    void cancel(Bytes id) {
        lock.lock();
        try {
            Entry entry = messages.remove(id);
            if (entry != null) {
                messageMemory -= entry.memory;
                all.release(entry.memory);
                if (messageMemory < HIGH_WATER) {
                    room.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// What was taken has been written.
    void written(long now) {
        lock.lock();
        try {
            progressAt = now;
            writing = false;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is room for what is published, while the peer takes something.
    ///
    /// @param clock nanoseconds, as in `add`
    /// @return false if the peer takes nothing
    boolean awaitRoom(java.util.function.LongSupplier clock) throws InterruptedException {
        lock.lock();
        try {
            while (!ended && messageMemory >= HIGH_WATER) {
                long left = progressAt + STALLED_NANOS - clock.getAsLong();
                if (left <= 0) {
                    return false;
                }
                var _ = room.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Whether nothing waits to be written.
    boolean isDrained() {
        lock.lock();
        try {
            return ended || (!writing && control.isEmpty() && messages.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    /// Ends it: what it holds is dropped, and whoever waits goes on.
    void end() {
        var _ = endAndTake();
    }

    /// Ends it, and gives what it held, in order, which counts no more.
    List<Rpc> endAndTake() {
        lock.lock();
        try {
            stop();
            List<Rpc> left = new ArrayList<>();
            control.forEach(entry -> left.add(entry.rpc));
            messages.values().forEach(entry -> left.add(entry.rpc));
            control.clear();
            messages.clear();
            all.release(controlMemory + messageMemory);
            controlMemory = 0;
            messageMemory = 0;
            return left;
        } finally {
            lock.unlock();
        }
    }

    /// Nothing is added or taken any more, and whoever waits goes on; what it holds is kept, and
    /// counts, until `end` or `endAndTake`.
    void stop() {
        lock.lock();
        try {
            ended = true;
            filled.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// How much memory it takes.
    int memory() {
        lock.lock();
        try {
            return controlMemory + messageMemory;
        } finally {
            lock.unlock();
        }
    }

    /// How many RPCs were dropped so far.
    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }
}
