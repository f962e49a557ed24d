package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.HandOvers;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.HandOver;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Sends members whose journals were lost what this node's journal remembers of one group. Reads
/// the journal on a thread of its own, which ends when nobody has asked for some time; what was
/// read is kept until then. Of each member only the last question waits.
final class HandOverService implements AutoCloseable {
    /// How long what was read is kept for the next question.
    private static final Duration KEPT = Duration.ofSeconds(30);

    /// Reads what the journal says of the group now.
    interface Source {
        HandOvers read() throws IOException;
    }

    private final GroupWay way;
    private final EnvelopeSigner envelopeSigner;
    private final PeerLinks links;
    private final Source source;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition asked = lock.newCondition();

    /// Guarded by the lock, like what follows.
    private final Map<Integer, EngineOutput.HandOver> waiting = new LinkedHashMap<>();

    private @Nullable Thread thread;
    private boolean closed;

    HandOverService(GroupWay way, EnvelopeSigner envelopeSigner, PeerLinks links, Source source) {
        this.way = way;
        this.envelopeSigner = envelopeSigner;
        this.links = links;
        this.source = source;
    }

    /// Returns at once.
    void ask(EngineOutput.HandOver question) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            waiting.put(question.member(), question);
            asked.signalAll();
            if (thread == null) {
                thread = Thread.ofVirtual().name("sign-hand-over").start(this::answer);
            }
        } finally {
            lock.unlock();
        }
    }

    private void answer() {
        HandOvers known = null;
        try {
            EngineOutput.HandOver question = next();
            while (question != null) {
                HandOvers handOvers = known == null ? source.read() : known;
                known = handOvers;
                send(question, handOvers);
                question = next();
            }
        } catch (IOException | IllegalStateException e) {
            // The journal cannot be read, or the service ends: the member asks again, and sees who
            // has not handed over.
        } catch (InterruptedException _) {
            // This thread ends with the next statement.
        } finally {
            end(Thread.currentThread());
        }
    }

    private EngineOutput.@Nullable HandOver next() throws InterruptedException {
        lock.lock();
        try {
            long left = KEPT.toNanos();
            while (waiting.isEmpty() && left > 0 && !closed) {
                left = asked.awaitNanos(left);
            }
            if (waiting.isEmpty() || closed) {
                thread = null;
                return null;
            }
            Integer member = waiting.keySet().iterator().next();
            return waiting.remove(member);
        } finally {
            lock.unlock();
        }
    }

    /// Also after what nobody expected: the next question is answered by another thread.
    private void end(Thread ended) {
        lock.lock();
        try {
            if (ended.equals(thread)) {
                thread = null;
                waiting.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    private void send(EngineOutput.HandOver question, HandOvers handOvers) {
        int member = question.member();
        HandOver part =
                handOvers.next(member, question.journal(), question.after(), question.partials());
        Bytes envelope = envelopeSigner.handOver(part);
        way.send(member, envelope, false).ifPresent(links::send);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            asked.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
