package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.metrics.Metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the bytes of each stream of one connection, and tells metrics of its beginning and end.
/// Safe for all threads. Nothing is kept where nobody hears of it.
final class StreamMeters {
    private final Metrics metrics;
    private final Set<Counted> open = ConcurrentHashMap.newKeySet();

    // Volatile: set when the connection ends, seen by whoever opens a stream at that moment.
    private volatile boolean ended;

    StreamMeters(Metrics metrics) {
        this.metrics = metrics;
    }

    /// A stream of this protocol has begun.
    StreamMeter opened(String protocol, boolean inbound) {
        if (metrics.equals(Metrics.NONE)) {
            return StreamMeter.NONE;
        }
        Counted meter = new Counted(protocol, inbound);
        open.add(meter);
        metrics.streamOpened(protocol, inbound);
        if (ended) {
            meter.closed();
        }
        return meter;
    }

    /// The connection has ended, and with it streams that nobody closed.
    void ended() {
        ended = true;
        open.forEach(Counted::closed);
    }

    private final class Counted implements StreamMeter {
        private final String protocol;
        private final boolean inbound;
        private final AtomicLong bytesIn = new AtomicLong();
        private final AtomicLong bytesOut = new AtomicLong();
        private final AtomicBoolean closed = new AtomicBoolean();

        Counted(String protocol, boolean inbound) {
            this.protocol = protocol;
            this.inbound = inbound;
        }

        @Override
        public void read(int count) {
            if (count > 0) {
                bytesIn.setOpaque(bytesIn.getPlain() + count);
            }
        }

        @Override
        public void wrote(int count) {
            bytesOut.setOpaque(bytesOut.getPlain() + count);
        }

        @Override
        public void closed() {
            if (closed.compareAndSet(false, true)) {
                open.remove(this);
                metrics.streamClosed(protocol, inbound, bytesIn.getOpaque(), bytesOut.getOpaque());
            }
        }
    }
}
