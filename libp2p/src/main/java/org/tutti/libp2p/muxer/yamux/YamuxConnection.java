package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// Drives a [YamuxEngine] over a connection.
///
/// Threads: one *reader* ([FrameReceiver]), which never writes; what it has to send is written by
/// whoever is writing, or by a thread started for that. One *time-keeper* ([KeepAlive]). Everybody
/// else is the application, which waits and writes on its own thread ([StreamIo], [Outbound]).
///
/// `lock` guards the engine, the maps, the streams' fields and what is pending; it is never held
/// while the connection underneath is read, written or closed. A stream's turns are taken before
/// it.
///
/// Interrupting a thread that waits here ends the wait with `InterruptedIOException`. A thread that
/// is interrupted while the connection underneath takes its bytes ends the connection, as sockets
/// do.
final class YamuxConnection implements MuxedConnection {
    /// How long `close` lets the good-bye and what was written before travel.
    static final long FAREWELL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final SecureConnection connection;
    final YamuxConfig config;
    private final ThreadFactory threads;
    private final LongSupplier nanoClock;
    final ReentrantLock lock = new ReentrantLock();
    final YamuxEngine engine;
    final Outbound outbound;
    private final StreamIo io = new StreamIo(this);
    final Map<Integer, YamuxStream> streams = new HashMap<>();
    private final Deque<YamuxStream> acceptQueue = new ArrayDeque<>();
    private final Condition acceptable = lock.newCondition();
    private final Condition openable = lock.newCondition();
    final Condition closed = lock.newCondition();
    @Nullable CloseReason closeReason;
    private @Nullable Duration roundTripTime;

    /// When the time-keeper will look next; guarded by `lock`.
    long nextWake;

    /// When the thread that is writing began its current piece; 0 if nobody is.
    volatile long writeStartedAt;

    YamuxConnection(
            SecureConnection connection,
            boolean initiator,
            YamuxConfig config,
            ThreadFactory threads,
            LongSupplier nanoClock) {
        this.connection = connection;
        this.config = config;
        this.threads = threads;
        this.nanoClock = nanoClock;
        this.engine = new YamuxEngine(initiator, config, now());
        this.outbound = new Outbound(connection, lock, config.controlBacklog());
    }

    void start() {
        threads.newThread(new FrameReceiver(this, connection)).start();
        threads.newThread(new KeepAlive(this)).start();
    }

    long now() {
        return nanoClock.getAsLong();
    }

    /// With the lock held: everything but payload and the end.
    void perform(YamuxOutput action) {
        switch (action) {
            case YamuxOutput.Send send -> outbound.add(send.header());
            case YamuxOutput.Accept accept -> {
                YamuxStream stream = new YamuxStream(this, lock, accept.streamId(), true);
                streams.put(accept.streamId(), stream);
                acceptQueue.add(stream);
                acceptable.signal();
            }
            case YamuxOutput.RemoteEnd end -> {
                YamuxStream stream = streams.get(end.streamId());
                if (stream != null) {
                    stream.remoteEnded = true;
                    stream.signalAll();
                    forgetIfDone(stream);
                }
            }
            case YamuxOutput.RemoteReset reset ->
                    fail(
                            reset.streamId(),
                            new YamuxStream.Failure(
                                    true, reset.errorCode(), "the remote reset the stream"));
            case YamuxOutput.LocalReset reset ->
                    fail(reset.streamId(), new YamuxStream.Failure(false, 0, reset.reason()));
            case YamuxOutput.Writable writable -> {
                YamuxStream stream = streams.get(writable.streamId());
                if (stream != null) {
                    stream.writable.signal();
                }
            }
            case YamuxOutput.Acknowledged ignored -> openable.signal();
            case YamuxOutput.RoundTrip trip -> roundTripTime = Duration.ofNanos(trip.nanos());
            case YamuxOutput.Deliver ignored ->
                    throw new IllegalStateException("payload without a reader");
            case YamuxOutput.Discard ignored ->
                    throw new IllegalStateException("payload without a reader");
            case YamuxOutput.Terminate ignored ->
                    throw new IllegalStateException("end is not for here");
        }
    }

    private void fail(int streamId, YamuxStream.Failure failure) {
        YamuxStream stream = streams.remove(streamId);
        if (stream != null) {
            acceptQueue.remove(stream);
            stream.failure = failure;
            stream.received.clear();
            stream.signalAll();
            openable.signal();
        }
    }

    void forgetIfDone(YamuxStream stream) {
        if (stream.localEnded && stream.remoteEnded) {
            streams.remove(stream.streamId);
            openable.signal();
        }
    }

    /// What the streams do.
    StreamIo io() {
        return io;
    }

    /// Not under the lock.
    void closeUnderlying() {
        connection.close();
    }

    // The application.

    @Override
    public MuxedStream openStream() throws IOException {
        lock.lock();
        try {
            long left = config.writeTimeout().toNanos();
            while (true) {
                requireOpen();
                switch (engine.canOpen()) {
                    case NOW -> {
                        YamuxStream stream = new YamuxStream(this, lock, engine.open(now()), false);
                        streams.put(stream.streamId, stream);
                        return stream;
                    }
                    case WAIT -> {
                        if (left <= 0) {
                            throw new MuxerException(
                                    Code.TOO_MANY_STREAMS, "the remote acknowledges no streams");
                        }
                        left = Conditions.await(openable, left);
                    }
                    case FULL ->
                            throw new MuxerException(
                                    Code.TOO_MANY_STREAMS,
                                    "at most " + config.maxStreams() + " streams are open at once");
                    case EXHAUSTED ->
                            throw new MuxerException(
                                    Code.STREAM_IDS_EXHAUSTED, "no stream id is left");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public MuxedStream acceptStream() throws IOException {
        lock.lock();
        try {
            while (acceptQueue.isEmpty()) {
                requireOpen();
                Conditions.await(acceptable, Conditions.NEVER);
            }
            requireOpen();
            YamuxStream stream = acceptQueue.remove();
            engine.accepted(stream.streamId);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (!outbound.isWriting()) {
                outbound.stepUp();
                writePending();
            }
        } finally {
            lock.unlock();
        }
    }

    /// With the lock held: performs what an application's wish led to, on its thread.
    void enqueue(List<YamuxOutput> actions) throws IOException {
        for (YamuxOutput action : actions) {
            perform(action);
        }
        if (outbound.hasPending() && !outbound.isWriting()) {
            outbound.stepUp();
            writePending();
        }
    }

    /// As the writer, with the lock held: writes what is pending and steps down.
    void writePending() throws IOException {
        writeStartedAt = now() | 1;
        try {
            outbound.writePending();
        } catch (IOException e) {
            throw broken(e);
        } finally {
            writeStartedAt = 0;
        }
    }

    MuxerException broken(IOException e) {
        CloseReason reason = closeStreams(CloseReason.transportFailed(e));
        outbound.clear();
        // The time-keeper, who wakes up now, closes the connection: not under the lock.
        return reason.exception();
    }

    /// Lets another thread write what the reader or the time-keeper has to say.
    void writeElsewhere() {
        lock.lock();
        try {
            if (outbound.hasPending() && !outbound.isWriting()) {
                outbound.stepUp();
                threads.newThread(this::writeOnly).start();
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeOnly() {
        lock.lock();
        try {
            writePending();
        } catch (IOException e) {
            // The connection has been closed with this reason.
        } finally {
            lock.unlock();
        }
    }

    void requireOpen() throws MuxerException {
        if (closeReason != null) {
            throw closeReason.exception();
        }
    }

    // The end.

    void terminate(YamuxOutput.Terminate terminate) {
        CloseReason reason = new CloseReason(terminate.code(), terminate.detail());
        boolean listens =
                terminate.code() != Code.GO_AWAY && terminate.code() != Code.WRITE_STALLED;
        end(reason, terminate.goAwayCode(), listens);
    }

    void end(CloseReason reason, boolean farewell) {
        end(reason, Header.NORMAL_TERMINATION, farewell);
    }

    private void end(CloseReason reason, int goAwayCode, boolean farewell) {
        lock.lock();
        try {
            if (closeReason != null) {
                return;
            }
            closeStreams(reason);
            if (farewell) {
                outbound.add(new Header(Header.GO_AWAY, 0, 0, goAwayCode));
                if (outbound.isWriting()) {
                    outbound.awaitIdle(FAREWELL_NANOS);
                } else {
                    // The time-keeper is awake by now and sees to it that this does not take long.
                    outbound.stepUp();
                    writePending();
                }
            }
        } catch (IOException e) {
            // It is the end either way.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
            connection.close();
        }
    }

    /// What was received before stays readable.
    ///
    /// @return the first reason to close
    private CloseReason closeStreams(CloseReason reason) {
        if (closeReason != null) {
            return closeReason;
        }
        closeReason = reason;
        streams.values().forEach(YamuxStream::signalAll);
        streams.clear();
        acceptQueue.clear();
        acceptable.signalAll();
        openable.signalAll();
        closed.signalAll();
        return reason;
    }

    @Override
    public void close() {
        end(new CloseReason(Code.CLOSED, "we closed the connection"), true);
    }

    @Override
    public int streamCount() {
        lock.lock();
        try {
            return closeReason == null ? engine.streamCount() : 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<MuxerException> closeReason() {
        lock.lock();
        try {
            return Optional.ofNullable(closeReason).map(CloseReason::exception);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return closeReason == null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Duration> roundTripTime() {
        lock.lock();
        try {
            return Optional.ofNullable(roundTripTime);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "yamux over " + connection;
    }
}
