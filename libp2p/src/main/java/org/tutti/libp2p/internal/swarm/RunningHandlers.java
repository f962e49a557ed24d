package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.swarm.Stream;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Which threads run handlers of inbound streams, so that closing can interrupt and name them. Safe
/// for all threads. A handler that closes its own host is left alone.
final class RunningHandlers {
    private final ConcurrentMap<Stream, Thread> threads = new ConcurrentHashMap<>();

    /// The thread that calls this runs the handler of the stream until `ended`.
    void started(Stream stream) {
        threads.put(stream, Thread.currentThread());
    }

    void ended(Stream stream) {
        threads.remove(stream);
    }

    /// Each thread belongs to one stream: an interrupt that comes late meets nothing else.
    void interrupt() {
        Thread self = Thread.currentThread();
        threads.values().stream().filter(t -> !t.equals(self)).forEach(Thread::interrupt);
    }

    /// The streams whose handlers run.
    List<Stream> running() {
        Thread self = Thread.currentThread();
        return threads.entrySet().stream()
                .filter(e -> !e.getValue().equals(self))
                .map(Map.Entry::getKey)
                .toList();
    }
}
