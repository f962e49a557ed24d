package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
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
/// Threads: one *reader* takes frames from the connection and never writes to it, because two
/// readers that both wait for the other to read would wait for ever; what it has to send is written
/// by whoever is writing, or by a thread started for that. One *time-keeper* sleeps until something
/// may be due. Everybody else is the application, which writes on its own thread (see [Outbound]).
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
    private static final long FAREWELL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /// The deadline of who waits for ever.
    static final long NEVER = Long.MAX_VALUE;

    private final SecureConnection connection;
    private final YamuxConfig config;
    private final ThreadFactory threads;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final YamuxEngine engine;
    private final Outbound outbound;
    private final InputBuffer input;
    private final Map<Integer, YamuxStream> streams = new HashMap<>();
    private final Deque<YamuxStream> acceptQueue = new ArrayDeque<>();
    private final Condition acceptable = lock.newCondition();
    private final Condition openable = lock.newCondition();
    private final Condition closed = lock.newCondition();
    private @Nullable MuxerException closeReason;
    private @Nullable Duration roundTripTime;

    /// When the time-keeper will look next; guarded by `lock`.
    private long nextWake;

    /// When the thread that is writing began its current piece; 0 if nobody is.
    private volatile long writeStartedAt;

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
        this.input = new InputBuffer(connection);
    }

    void start() {
        threads.newThread(this::readLoop).start();
        threads.newThread(this::keepTime).start();
    }

    private long now() {
        return nanoClock.getAsLong();
    }

    // The reader.

    private void readLoop() {
        try {
            while (input.fill(Header.SIZE)) {
                Header header = Header.decode(input.data(), input.position());
                input.skip(Header.SIZE);
                receive(header);
                if (input.available() < Header.SIZE) {
                    writeElsewhere();
                }
            }
            end(new MuxerException(Code.REMOTE_CLOSED, "the remote closed the connection"), false);
        } catch (IOException e) {
            end(
                    new MuxerException(Code.TRANSPORT_FAILED, String.valueOf(e.getMessage()), e),
                    false);
        } catch (RuntimeException e) {
            end(new MuxerException(Code.TRANSPORT_FAILED, "internal error: " + e, e), false);
        }
    }

    private void receive(Header header) throws IOException {
        Action.@Nullable Terminate terminate = null;
        lock.lock();
        try {
            for (Action action : engine.receive(header, now())) {
                switch (action) {
                    case Action.Deliver deliver -> deliver(deliver);
                    case Action.Discard discard -> discard(discard.length());
                    case Action.Terminate t -> terminate = t;
                    case Action.Send ignored -> perform(action);
                    case Action.Accept ignored -> perform(action);
                    case Action.RemoteEnd ignored -> perform(action);
                    case Action.RemoteReset ignored -> perform(action);
                    case Action.LocalReset ignored -> perform(action);
                    case Action.Writable ignored -> perform(action);
                    case Action.Acknowledged ignored -> perform(action);
                    case Action.RoundTrip ignored -> perform(action);
                }
            }
            if (!outbound.hasRoomFor(0)) {
                terminate =
                        new Action.Terminate(
                                Code.FLOOD,
                                Header.PROTOCOL_ERROR,
                                "the remote makes us answer and does not read");
            }
        } finally {
            lock.unlock();
        }
        if (terminate != null) {
            terminate(terminate);
        }
    }

    /// With the lock held, which is released while the connection is read.
    private void deliver(Action.Deliver deliver) throws IOException {
        YamuxStream stream = streams.get(deliver.streamId());
        int left = deliver.length();
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            if (stream != null && !stream.readClosed && stream.failure == null) {
                stream.received.add(input.data(), input.position(), count);
                stream.readable.signal();
            }
            input.skip(count);
            left -= count;
        }
    }

    private void discard(int length) throws IOException {
        int left = length;
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            input.skip(count);
            left -= count;
        }
    }

    private void requireInput() throws IOException {
        if (input.available() > 0) {
            return;
        }
        lock.unlock();
        try {
            if (!input.fill(1)) {
                throw new IOException("the connection ended within a frame");
            }
        } finally {
            lock.lock();
        }
    }

    /// With the lock held: everything but payload and the end.
    private void perform(Action action) {
        switch (action) {
            case Action.Send send -> outbound.add(send.header());
            case Action.Accept accept -> {
                YamuxStream stream = new YamuxStream(this, lock, accept.streamId(), true);
                streams.put(accept.streamId(), stream);
                acceptQueue.add(stream);
                acceptable.signal();
            }
            case Action.RemoteEnd end -> {
                YamuxStream stream = streams.get(end.streamId());
                if (stream != null) {
                    stream.remoteEnded = true;
                    stream.signalAll();
                    forgetIfDone(stream);
                }
            }
            case Action.RemoteReset reset ->
                    fail(
                            reset.streamId(),
                            new YamuxStream.Failure(
                                    true, reset.errorCode(), "the remote reset the stream"));
            case Action.LocalReset reset ->
                    fail(reset.streamId(), new YamuxStream.Failure(false, 0, reset.reason()));
            case Action.Writable writable -> {
                YamuxStream stream = streams.get(writable.streamId());
                if (stream != null) {
                    stream.writable.signal();
                }
            }
            case Action.Acknowledged ignored -> openable.signal();
            case Action.RoundTrip trip -> roundTripTime = Duration.ofNanos(trip.nanos());
            case Action.Deliver ignored ->
                    throw new IllegalStateException("payload without a reader");
            case Action.Discard ignored ->
                    throw new IllegalStateException("payload without a reader");
            case Action.Terminate ignored -> throw new IllegalStateException("end is not for here");
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

    private void forgetIfDone(YamuxStream stream) {
        if (stream.localEnded && stream.remoteEnded) {
            streams.remove(stream.streamId);
            openable.signal();
        }
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
                        left = await(openable, left);
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
                await(acceptable, NEVER);
            }
            requireOpen();
            YamuxStream stream = acceptQueue.remove();
            engine.accepted(stream.streamId);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    int read(YamuxStream stream, byte[] target, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (stream.received.size() == 0) {
                awaitData(stream);
            }
            int count = stream.received.take(target, offset, length);
            if (count == 0) {
                return -1;
            }
            if (closeReason == null) {
                enqueue(engine.consumed(stream.streamId, count, now()));
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /// Returns with data in the buffer, or without at the end of the stream.
    private void awaitData(YamuxStream stream) throws IOException {
        // Nobody has heard of the stream, or of our consent to it, if we wait before we ever wrote.
        enqueue(closeReason == null ? engine.announce(stream.streamId) : List.of());
        long deadline = deadline(stream.readTimeout);
        try {
            while (stream.received.size() == 0) {
                requireAlive(stream);
                if (stream.remoteEnded || stream.readClosed) {
                    return;
                }
                requireOpen();
                requireTime(deadline, "nothing to read in time");
                stream.readDeadline = deadline;
                awaitUntil(stream.readable, deadline);
            }
        } finally {
            stream.readDeadline = NEVER;
        }
    }

    private long deadline(long timeoutNanos) {
        return timeoutNanos == NEVER ? NEVER : now() + timeoutNanos;
    }

    private void requireTime(long deadline, String otherwise) throws SocketTimeoutException {
        if (deadline != NEVER && now() - deadline >= 0) {
            throw new SocketTimeoutException(otherwise);
        }
    }

    /// One wait, which may end for no reason. The time-keeper ends it at the deadline, which the
    /// stream must show: a timed wait would wake one more thread for every read.
    private void awaitUntil(Condition condition, long deadline) throws IOException {
        if (deadline != NEVER && deadline - nextWake < 0) {
            nextWake = deadline;
            closed.signal();
        }
        await(condition, NEVER);
    }

    void write(YamuxStream stream, byte[] source, int offset, int length) throws IOException {
        lock.lock();
        boolean writer = false;
        try {
            int from = offset;
            int end = offset + length;
            long deadline = deadline(stream.writeTimeout);
            stream.writeDeadline = deadline;
            while (from < end) {
                requireWritable(stream);
                if (!writer && outbound.isWriting() && !outbound.hasRoomFor(config.maxFrame())) {
                    requireTime(deadline, "the connection does not take data in time");
                    awaitUntil(outbound.changed(), deadline);
                    continue;
                }
                Header header = engine.write(stream.streamId, end - from);
                if (header == null) {
                    if (writer) {
                        writer = false;
                        write();
                    } else {
                        requireTime(deadline, "the remote does not read in time");
                        awaitUntil(stream.writable, deadline);
                    }
                    continue;
                }
                if (!writer && outbound.isWriting()) {
                    outbound.add(header, source, from);
                } else {
                    if (!writer) {
                        outbound.stepUp();
                        writer = true;
                    }
                    append(header, source, from);
                }
                from += header.length();
            }
        } finally {
            stream.writeDeadline = NEVER;
            try {
                if (writer) {
                    write();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    void closeWrite(YamuxStream stream) throws IOException {
        lock.lock();
        try {
            if (stream.localEnded || stream.failure != null) {
                return;
            }
            stream.localEnded = true;
            stream.writable.signalAll();
            if (closeReason == null) {
                // Nobody waits for it, and it may find company on the way.
                engine.closeWrite(stream.streamId, now()).forEach(this::perform);
                forgetIfDone(stream);
                writeElsewhere();
            }
        } finally {
            lock.unlock();
        }
    }

    void closeRead(YamuxStream stream) {
        lock.lock();
        try {
            if (!stream.readClosed) {
                stream.readClosed = true;
                stream.received.clear();
                stream.readable.signalAll();
                engine.closeRead(stream.streamId, now());
            }
        } finally {
            lock.unlock();
        }
    }

    void reset(YamuxStream stream) {
        lock.lock();
        try {
            if (stream.failure == null && closeReason == null) {
                enqueue(engine.reset(stream.streamId, "we reset the stream"));
            }
        } catch (IOException e) {
            // The connection is gone, and the stream with it.
        } finally {
            lock.unlock();
        }
    }

    /// With the lock held: performs what an application's wish led to, on its thread.
    private void enqueue(List<Action> actions) throws IOException {
        for (Action action : actions) {
            perform(action);
        }
        if (outbound.hasPending() && !outbound.isWriting()) {
            outbound.stepUp();
            write();
        }
    }

    private void append(Header header, byte[] source, int from) throws IOException {
        writeStartedAt = now() | 1;
        try {
            outbound.append(header, source, from);
        } catch (IOException e) {
            throw broken(e);
        } finally {
            writeStartedAt = 0;
        }
    }

    /// As the writer, with the lock held: writes what is pending and steps down.
    private void write() throws IOException {
        writeStartedAt = now() | 1;
        try {
            outbound.writePending();
        } catch (IOException e) {
            throw broken(e);
        } finally {
            writeStartedAt = 0;
        }
    }

    private MuxerException broken(IOException e) {
        MuxerException reason =
                new MuxerException(Code.TRANSPORT_FAILED, String.valueOf(e.getMessage()), e);
        closeStreams(reason);
        connection.close();
        return reason();
    }

    /// Lets another thread write what the reader or the time-keeper has to say.
    private void writeElsewhere() {
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
            write();
        } catch (IOException e) {
            // The connection has been closed with this reason.
        } finally {
            lock.unlock();
        }
    }

    /// One wait, which may end for no reason: every caller asks again in a loop.
    @SuppressWarnings("WaitNotInLoop")
    private static long await(Condition condition, long nanos) throws IOException {
        try {
            if (nanos == NEVER) {
                condition.await();
                return nanos;
            }
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    private static void requireAlive(YamuxStream stream) throws StreamResetException {
        YamuxStream.Failure failure = stream.failure;
        if (failure != null) {
            throw new StreamResetException(
                    failure.byRemote(), failure.errorCode(), failure.detail());
        }
    }

    private void requireWritable(YamuxStream stream) throws IOException {
        requireAlive(stream);
        requireOpen();
        if (stream.localEnded) {
            throw new IOException("write after closeWrite");
        }
    }

    private void requireOpen() throws MuxerException {
        if (closeReason != null) {
            throw reason();
        }
    }

    /// A fresh exception, so that its stack trace is the caller's.
    private MuxerException reason() {
        MuxerException reason = closeReason;
        if (reason == null) {
            throw new IllegalStateException("connection is open");
        }
        return new MuxerException(
                reason.code(), String.valueOf(reason.getMessage()), reason.getCause());
    }

    // The time-keeper.

    private void keepTime() {
        long interval =
                Math.clamp(
                        Math.min(config.pingTimeout().toNanos(), config.writeTimeout().toNanos())
                                / 4,
                        TimeUnit.MILLISECONDS.toNanos(10),
                        TimeUnit.SECONDS.toNanos(5));
        long nextTick = now() + interval;
        Action.@Nullable Terminate terminate = null;
        lock.lock();
        try {
            while (closeReason == null && terminate == null) {
                long now = now();
                if (now - nextTick >= 0) {
                    terminate = tick(now);
                    nextTick = now + interval;
                }
                nextWake = Math.min(nextTick, wakeExpired(now));
                if (terminate == null && nextWake - now > 0) {
                    await(closed, nextWake - now);
                }
            }
            if (terminate == null) {
                // Whoever closes writes the last words; if the remote does not take them, it ends
                // all the same.
                outbound.awaitIdle(FAREWELL_NANOS);
            }
        } catch (InterruptedIOException | InterruptedException e) {
            terminate =
                    new Action.Terminate(
                            Code.TRANSPORT_FAILED, Header.INTERNAL_ERROR, "interrupted");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
        if (terminate != null) {
            terminate(terminate);
        }
        connection.close();
    }

    /// With the lock held.
    private Action.@Nullable Terminate tick(long now) {
        long started = writeStartedAt;
        if (started != 0 && now - started > config.writeTimeout().toNanos()) {
            return new Action.Terminate(
                    Code.WRITE_STALLED,
                    Header.NORMAL_TERMINATION,
                    "the remote took nothing for " + config.writeTimeout());
        }
        for (Action action : engine.tick(now)) {
            if (action instanceof Action.Terminate terminate) {
                return terminate;
            }
            perform(action);
        }
        writeElsewhere();
        return null;
    }

    /// With the lock held: wakes those whose deadline has come.
    ///
    /// @return the next deadline
    private long wakeExpired(long now) {
        long next = NEVER;
        for (YamuxStream stream : streams.values()) {
            if (stream.readDeadline - now <= 0) {
                stream.readable.signalAll();
            } else {
                next = Math.min(next, stream.readDeadline);
            }
            if (stream.writeDeadline - now <= 0) {
                stream.writable.signalAll();
                outbound.changed().signalAll();
            } else {
                next = Math.min(next, stream.writeDeadline);
            }
        }
        return next;
    }

    // The end.

    private void terminate(Action.Terminate terminate) {
        MuxerException reason = new MuxerException(terminate.code(), terminate.detail());
        boolean listens =
                terminate.code() != Code.GO_AWAY && terminate.code() != Code.WRITE_STALLED;
        end(reason, terminate.goAwayCode(), listens);
    }

    private void end(MuxerException reason, boolean farewell) {
        end(reason, Header.NORMAL_TERMINATION, farewell);
    }

    private void end(MuxerException reason, int goAwayCode, boolean farewell) {
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
                    write();
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
    private void closeStreams(MuxerException reason) {
        if (closeReason != null) {
            return;
        }
        closeReason = reason;
        streams.values().forEach(YamuxStream::signalAll);
        streams.clear();
        acceptQueue.clear();
        acceptable.signalAll();
        openable.signalAll();
        closed.signalAll();
    }

    @Override
    public void close() {
        end(new MuxerException(Code.CLOSED, "we closed the connection"), true);
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
            return closeReason == null ? Optional.empty() : Optional.of(reason());
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
