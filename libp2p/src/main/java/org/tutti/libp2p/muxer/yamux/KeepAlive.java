package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxerException.Code;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/// The time-keeper of a connection: sleeps until something may be due, ends waits at their
/// deadline, notices a remote that is silent or takes nothing, and closes the connection underneath
/// at the end.
final class KeepAlive implements Runnable {
    private final YamuxConnection connection;

    KeepAlive(YamuxConnection connection) {
        this.connection = connection;
    }

    @Override
    public void run() {
        long interval =
                Math.clamp(
                        Math.min(
                                        connection.config.pingTimeout().toNanos(),
                                        connection.config.writeTimeout().toNanos())
                                / 2,
                        TimeUnit.MILLISECONDS.toNanos(10),
                        TimeUnit.SECONDS.toNanos(5));
        long nextTick = connection.now() + interval;
        YamuxOutput.@Nullable Terminate terminate = null;
        connection.lock.lock();
        try {
            while (connection.closeReason == null && terminate == null) {
                long now = connection.now();
                if (now - nextTick >= 0) {
                    terminate = tick(now);
                    nextTick = now + interval;
                }
                connection.nextWake = Math.min(nextTick, wakeExpired(now));
                if (terminate == null && connection.nextWake - now > 0) {
                    Conditions.await(connection.closed, connection.nextWake - now);
                }
            }
            if (terminate == null) {
                // Whoever closes writes the last words; if the remote does not take them, it ends
                // all the same.
                connection.outbound.awaitIdle(YamuxConnection.FAREWELL_NANOS);
            }
        } catch (InterruptedIOException | InterruptedException e) {
            terminate =
                    new YamuxOutput.Terminate(
                            Code.TRANSPORT_FAILED, Header.INTERNAL_ERROR, "interrupted");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            connection.lock.unlock();
        }
        if (terminate != null) {
            connection.terminate(terminate);
        }
        connection.closeUnderlying();
    }

    /// With the connection.lock held.
    private YamuxOutput.@Nullable Terminate tick(long now) {
        long started = connection.writeStartedAt;
        if (started != 0 && now - started > connection.config.writeTimeout().toNanos()) {
            return new YamuxOutput.Terminate(
                    Code.WRITE_STALLED,
                    Header.NORMAL_TERMINATION,
                    "the remote took nothing for " + connection.config.writeTimeout());
        }
        for (YamuxOutput action : connection.engine.tick(now)) {
            if (action instanceof YamuxOutput.Terminate terminate) {
                return terminate;
            }
            connection.perform(action);
        }
        connection.writeElsewhere();
        return null;
    }

    /// With the connection.lock held: wakes those whose deadline has come.
    ///
    /// @return the next deadline
    private long wakeExpired(long now) {
        long next = Conditions.NEVER;
        for (YamuxStream stream : connection.streams.values()) {
            if (stream.readDeadline - now <= 0) {
                stream.readable.signalAll();
            } else {
                next = Math.min(next, stream.readDeadline);
            }
            if (stream.writeDeadline - now <= 0) {
                stream.writable.signalAll();
                connection.outbound.changed().signalAll();
            } else {
                next = Math.min(next, stream.writeDeadline);
            }
        }
        return next;
    }
}
