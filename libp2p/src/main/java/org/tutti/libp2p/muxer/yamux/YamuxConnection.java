package org.tutti.libp2p.muxer.yamux;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.internal.memory.BufferMemory;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.MemoryScope.Priority;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.MuxerException;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.time.Deadlines;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Drives a [YamuxEngine] over a connection: threads, waiting, and the bytes. What the protocol
/// allows is decided in the engine.
///
/// **Threads.** Two belong to the connection. The *reader* (`readFrames`) reads the connection
/// underneath, tells the engine, and puts payload into the streams' buffers. It never writes,
/// because two readers that both wait for the other side to read would wait for ever. The
/// *timekeeper* (`keepTime`) sleeps until something may be due: deadlines of waiting threads, a
/// write that hangs, the end. All other threads are the application's. They wait for data and for
/// room, and write to the connection underneath themselves.
///
/// **Writing.** At most one thread at a time is the *writer*: it alone touches the connection
/// underneath. Whoever wants to send while there is a writer leaves small frames in `pending`,
/// which the writer takes along before it stops. The reader and the timekeeper leave their frames
/// there too, and start a thread that writes them (`writeElsewhere`) unless another has become the
/// writer by then.
///
/// **The lock.** One lock guards the engine and every field that is not final, those of the streams
/// included. It is released while the connection underneath is read, written or closed, and nothing
/// else blocks under it except waiting on its conditions. A stream's turn (`readTurn`, `writeTurn`)
/// is taken before the lock, never while holding it. "With the lock held" in a comment means that
/// the caller holds it; methods that are called without it say nothing.
///
/// **Turns.** What the remote sends keeps a thread busy for as long as it comes: the reader, the
/// writer of answers, and whoever reads a stream give their carrier thread away after a bounded
/// number of frames and bytes ([Turn]).
///
/// **Interrupts.** Interrupting a thread that waits here ends the wait with
/// `InterruptedIOException`. A thread that is interrupted while the connection underneath takes its
/// bytes ends the connection, as sockets do.
///
/// **Memory.** Bytes that wait to be read count against a [MemoryScope]. Where it has none left,
/// the reader waits for the application to read, which the remote feels as a slow connection, and
/// after `YamuxConfig.memoryTimeout` resets the stream that holds most. Another connection that
/// needs memory can ask for the same (`shed`).
///
/// This is one file because it is one lock: reading, writing and closing release and retake it in
/// ways that can only be checked side by side. The order is: opening streams, the reader, what the
/// engine wants done, writing, the timekeeper, the end, and one stream.
final class YamuxConnection implements MuxedConnection {
    /// How long `close` lets the go-away frame and what was written before travel.
    private static final long GO_AWAY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /// How often a reader without memory looks again: other connections may have given some back.
    private static final long MEMORY_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /// Streams that were reset by a limit and that nobody has heard of yet.
    static final int MAX_UNTOLD = 64;

    /// Buffers that a connection without unread bytes keeps when others need memory.
    private static final long MAX_IDLE_BUFFERS = 65_536;

    /// The deadline of a thread that waits for ever, and its timeout.
    private static final long NEVER = Timeouts.FOREVER;

    private final SecureConnection connection;
    private final YamuxConfig config;
    private final ThreadFactory threads;
    private final LongSupplier nanoClock;
    private final Deadlines ticks;
    private final ReentrantLock lock = new ReentrantLock();
    private final YamuxEngine engine;
    private final MemoryScope scope;
    private final ReceiveMemory memory;

    /// Of what is read ahead and of what waits to be written.
    private final BufferMemory buffers;

    /// The reader's turn at its carrier thread, and what it has read.
    private final Turn readerTurn = new Turn();

    private final InputBuffer input;

    private final Map<Integer, YamuxStream> streams = new HashMap<>();

    /// Streams with bytes that wait to be read, also those that have ended.
    private final Map<Integer, YamuxStream> unread = new HashMap<>();

    /// Signalled when the application has read, and the reader may wait for memory.
    private final Condition memoryFreed = lock.newCondition();

    /// Whether a thread was started that sheds.
    private final AtomicBoolean shedding = new AtomicBoolean();

    /// What `pending` has reserved.
    private int pendingMemory;

    /// The limits that reset streams, for the listener to hear of.
    private final List<String> refused = new ArrayList<>(0);

    /// Whether `refused` has any. Volatile: written under the lock, looked at after each frame.
    private volatile boolean toTell;

    private @Nullable Consumer<String> refusalListener;

    /// Streams that the remote opened and the application has not taken yet.
    private final Deque<YamuxStream> acceptQueue = new ArrayDeque<>();

    private final Condition acceptable = lock.newCondition();
    private final Condition openable = lock.newCondition();

    private final PendingFrames pending = new PendingFrames();

    /// Whether some thread is the writer.
    private boolean writing;

    /// Whether a thread was started to write what is pending and has not begun yet.
    private boolean writerStarted;

    /// When the writer began to write its current piece; 0 if nobody is writing.
    private long writeStartedAt;

    /// Signalled when the writer has made progress or stopped.
    private final Condition written = lock.newCondition();

    /// The header of the frame that the writer is sending. The writer's alone.
    private final byte[] head = new byte[Header.SIZE];

    /// The writer's alone: others add to `pending` while it writes, as long as they like.
    private final Turn writerTurn = new Turn();

    /// When the timekeeper will look next.
    private long nextWake;

    /// Wakes the timekeeper: a tick is due, the connection has ended, or `nextWake` has become
    /// earlier.
    private final Condition timeWake = lock.newCondition();

    private @Nullable CloseReason closeReason;
    private @Nullable Duration roundTripTime;

    private YamuxConnection(
            SecureConnection connection,
            boolean initiator,
            YamuxConfig config,
            MemoryScope scope,
            ThreadFactory threads,
            LongSupplier nanoClock,
            Deadlines ticks) {
        this.connection = connection;
        this.config = config;
        this.scope = scope;
        this.memory = new ReceiveMemory(scope);
        this.buffers = new BufferMemory(scope);
        this.threads = threads;
        this.nanoClock = nanoClock;
        this.ticks = ticks;
        this.engine = new YamuxEngine(initiator, config, memory, now());
        this.input = new InputBuffer(connection, readerTurn, buffers);
    }

    /// Takes the connection over and starts its two threads.
    ///
    /// @param memory the part of this connection
    /// @param ticks of length `tickInterval(config)`, shared by many connections
    static YamuxConnection start(
            SecureConnection connection,
            boolean initiator,
            YamuxConfig config,
            MemoryScope memory,
            ThreadFactory threads,
            LongSupplier nanoClock,
            Deadlines ticks) {
        YamuxConnection muxed =
                new YamuxConnection(
                        connection, initiator, config, memory, threads, nanoClock, ticks);
        memory.attach(muxed.new MemoryHolder());
        threads.newThread(muxed::readFrames).start();
        threads.newThread(muxed::keepTime).start();
        return muxed;
    }

    private long now() {
        return nanoClock.getAsLong();
    }

    // Opening streams, and what one may ask.

    @Override
    public MuxedStream openStream() throws IOException {
        lock.lock();
        try {
            long left = config.writeTimeout().toNanos();
            while (true) {
                requireOpen();
                switch (engine.canOpen()) {
                    case NOW -> {
                        YamuxStream stream = new YamuxStream(engine.open(now()), false);
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
    public long bytesReceived() {
        return input.received();
    }

    @Override
    public void ping() {
        lock.lock();
        try {
            if (closeReason == null) {
                engine.ping(now()).forEach(this::perform);
                writeElsewhere();
            }
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

    /// With the lock held.
    private void requireOpen() throws MuxerException {
        if (closeReason != null) {
            throw closeReason.exception();
        }
    }

    /// With the lock held, which is released meanwhile: one wait, which may end spuriously, so that
    /// every caller asks again in a loop.
    ///
    /// @param nanos `NEVER` to wait without an end
    /// @return what is left of the time
    @SuppressWarnings("WaitNotInLoop")
    private static long await(Condition condition, long nanos) throws InterruptedIOException {
        try {
            if (nanos == NEVER) {
                condition.await();
                return nanos;
            }
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    // The reader.

    private void readFrames() {
        try {
            while (input.fill(Header.SIZE)) {
                Header header = Header.decode(input.data(), input.position());
                input.skip(Header.SIZE);
                receive(header);
                if (input.available() < Header.SIZE) {
                    // Answers are written once for all the frames that one read brought.
                    writeElsewhere();
                }
                readerTurn.frame();
            }
            end(new CloseReason(Code.REMOTE_CLOSED, "the remote closed the connection"));
        } catch (IOException e) {
            end(CloseReason.transportFailed(e));
        } catch (RuntimeException e) {
            end(new CloseReason(Code.TRANSPORT_FAILED, "internal error: " + e, e));
        }
    }

    private void receive(Header header) throws IOException {
        YamuxOutput.@Nullable Terminate terminate = null;
        lock.lock();
        try {
            for (YamuxOutput output : engine.receive(header, now())) {
                switch (output) {
                    case YamuxOutput.Deliver deliver -> deliver(deliver);
                    case YamuxOutput.Discard discard -> discard(discard.length());
                    case YamuxOutput.Terminate t -> terminate = t;
                    case YamuxOutput.Send _,
                            YamuxOutput.Accept _,
                            YamuxOutput.RemoteEnd _,
                            YamuxOutput.RemoteReset _,
                            YamuxOutput.LocalReset _,
                            YamuxOutput.Refused _,
                            YamuxOutput.Writable _,
                            YamuxOutput.Acknowledged _,
                            YamuxOutput.RoundTrip _ ->
                            perform(output);
                }
            }
            if (terminate == null) {
                terminate = awaitPendingMemory();
            }
        } finally {
            lock.unlock();
        }
        tellRefused();
        if (terminate != null) {
            terminate(terminate);
        }
    }

    /// Without the lock, which nobody else's code may run under.
    private void tellRefused() {
        if (!toTell) {
            return;
        }
        List<String> limits;
        Consumer<String> listener;
        lock.lock();
        try {
            listener = refusalListener;
            if (listener == null) {
                return;
            }
            limits = List.copyOf(refused);
            refused.clear();
            toTell = false;
        } finally {
            lock.unlock();
        }
        limits.forEach(listener);
    }

    @Override
    public void onStreamRefused(Consumer<String> listener) {
        lock.lock();
        try {
            refusalListener = listener;
        } finally {
            lock.unlock();
        }
        tellRefused();
    }

    /// With the lock held, which is released while the connection is read.
    private void deliver(YamuxOutput.Deliver deliver) throws IOException {
        YamuxStream stream = streams.get(deliver.streamId());
        int left = deliver.length();
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            if (stream != null && awaitMemory(stream, count)) {
                stream.received.add(input.data(), input.position(), count);
                stream.readable.signal();
            }
            input.skip(count);
            left -= count;
        }
    }

    /// With the lock held, which is released meanwhile: waits until the stream may hold so many
    /// bytes more.
    ///
    /// @return false if nobody is going to read them: the stream was closed or reset meanwhile
    private boolean awaitMemory(YamuxStream stream, int count) throws InterruptedIOException {
        long deadline = NEVER;
        while (stream.takesData()) {
            if (memory.hold(stream.streamId, stream.received.memoryWith(count))) {
                unread.put(stream.streamId, stream);
                return true;
            }
            if (deadline == NEVER) {
                deadline = now() + config.memoryTimeout().toNanos();
                // The application must hear of what came before.
                writeElsewhere();
            } else if (now() - deadline >= 0) {
                deadline = NEVER;
                shed(memory.fullest().orElse(stream.streamId));
                continue;
            }
            await(memoryFreed, MEMORY_POLL_NANOS);
        }
        return false;
    }

    /// With the lock held, which is released meanwhile: waits until what waits to be written has
    /// its memory. What holds it may be what our application has not read yet, which is not the
    /// remote's fault.
    ///
    /// @return how the connection ends, if it has to
    private YamuxOutput.@Nullable Terminate awaitPendingMemory() throws InterruptedIOException {
        long deadline = NEVER;
        while (true) {
            if (isFlooded()) {
                return new YamuxOutput.Terminate(
                        Code.FLOOD,
                        Header.PROTOCOL_ERROR,
                        "the remote makes us answer and does not read");
            }
            if (reservePending()) {
                return null;
            }
            if (deadline == NEVER) {
                deadline = now() + config.memoryTimeout().toNanos();
                writeElsewhere();
            } else if (now() - deadline >= 0) {
                OptionalInt fullest = memory.fullest();
                if (fullest.isEmpty()) {
                    return outOfMemory();
                }
                deadline = NEVER;
                shed(fullest.getAsInt());
                continue;
            }
            await(memoryFreed, MEMORY_POLL_NANOS);
        }
    }

    private YamuxOutput.Terminate outOfMemory() {
        sayRefused();
        return new YamuxOutput.Terminate(
                Code.RECEIVE_MEMORY,
                Header.INTERNAL_ERROR,
                "receiveMemory: no memory for what it sends or does not read");
    }

    /// With the lock held: resets a stream because the budget is used up.
    private void shed(int streamId) {
        String why = "receiveMemory: no memory for what is not read";
        engine.reset(streamId, why).forEach(this::perform);
        // Also where it had ended, which the engine has forgotten.
        fail(streamId, new Failure(false, 0, why));
        writeElsewhere();
        sayRefused();
    }

    /// Whoever hears of it must not run under the lock.
    private void sayRefused() {
        threads.newThread(scope::refused).start();
    }

    /// What others know of the memory that this connection has.
    private final class MemoryHolder implements MemoryScope.Holder {
        @Override
        public long spareBytes() {
            return memory.spare();
        }

        @Override
        public void shed() {
            if (shedding.compareAndSet(false, true)) {
                threads.newThread(this::shedNow).start();
            }
        }

        private void shedNow() {
            lock.lock();
            try {
                shedding.set(false);
                OptionalInt fullest = memory.fullest();
                if (fullest.isPresent()) {
                    YamuxConnection.this.shed(fullest.getAsInt());
                    return;
                }
            } finally {
                lock.unlock();
            }
            if (scope.used() > MAX_IDLE_BUFFERS) {
                // It is buffers that hold the memory.
                terminate(outOfMemory());
            }
        }
    }

    /// With the lock held, which is released while the connection is read.
    private void discard(int length) throws IOException {
        int left = length;
        while (left > 0) {
            requireInput();
            int count = Math.min(left, input.available());
            input.skip(count);
            left -= count;
        }
    }

    /// With the lock held, which is released while the connection is read.
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

    // What the engine wants done.

    /// With the lock held: everything but payload, which only the reader can take, and the end.
    private void perform(YamuxOutput output) {
        switch (output) {
            case YamuxOutput.Send send -> pending.add(send.header());
            case YamuxOutput.Accept accept -> {
                YamuxStream stream = new YamuxStream(accept.streamId(), true);
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
                            new Failure(true, reset.errorCode(), "the remote reset the stream"));
            case YamuxOutput.LocalReset reset ->
                    fail(reset.streamId(), new Failure(false, 0, reset.reason()));
            case YamuxOutput.Refused(String limit) -> {
                // Before anybody listens only the first are kept.
                if (refused.size() < MAX_UNTOLD) {
                    refused.add(limit);
                    toTell = true;
                }
            }
            case YamuxOutput.Writable writable -> {
                YamuxStream stream = streams.get(writable.streamId());
                if (stream != null) {
                    stream.writable.signal();
                }
            }
            case YamuxOutput.Acknowledged _ -> openable.signal();
            case YamuxOutput.RoundTrip trip -> roundTripTime = Duration.ofNanos(trip.nanos());
            case YamuxOutput.Deliver _, YamuxOutput.Discard _ ->
                    throw new IllegalStateException("payload without a reader");
            case YamuxOutput.Terminate _ ->
                    throw new IllegalStateException("the caller must end the connection");
        }
    }

    /// With the lock held.
    private void fail(int streamId, Failure failure) {
        YamuxStream open = streams.remove(streamId);
        YamuxStream stream = open == null ? unread.get(streamId) : open;
        if (stream != null) {
            acceptQueue.remove(stream);
            stream.failure = failure;
            stream.dropUnread();
            stream.signalAll();
            openable.signal();
        }
    }

    /// With the lock held.
    private void forgetIfDone(YamuxStream stream) {
        if (stream.localEnded && stream.remoteEnded) {
            streams.remove(stream.streamId);
            openable.signal();
        }
    }

    // Writing.

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (!writing) {
                becomeWriter();
                writePending();
            }
        } finally {
            lock.unlock();
        }
    }

    /// With the lock held, which may be released meanwhile: does what the engine wants after a call
    /// of the application, on the application's thread.
    private void performAndWrite(List<YamuxOutput> outputs) throws IOException {
        for (YamuxOutput output : outputs) {
            perform(output);
        }
        if (!pending.isEmpty() && !writing) {
            becomeWriter();
            writePending();
        }
    }

    /// With the lock held. The caller must end with `writePending`.
    private void becomeWriter() {
        if (writing) {
            throw new IllegalStateException("another thread is writing");
        }
        writing = true;
    }

    /// As the writer, with the lock held, which is released meanwhile: hands what is pending and
    /// then a frame to the connection underneath, which may keep them back until `writePending`.
    private void append(Header header, byte[] payload, int offset) throws IOException {
        byte[] data = pending.bytes();
        int length = pending.take();
        header.encode(head, 0);
        writeStartedAt = now() | 1;
        try {
            lock.unlock();
            try {
                if (length > 0) {
                    connection.append(data, 0, length);
                }
                connection.append(head, 0, Header.SIZE);
                connection.append(payload, offset, header.length());
            } finally {
                lock.lock();
                writeStartedAt = 0;
                pending.giveBack(data, length);
                reservePending();
            }
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /// As the writer, with the lock held, which is released meanwhile: writes everything that is
    /// pending, also what is added meanwhile, and stops being the writer.
    private void writePending() throws IOException {
        try {
            do {
                byte[] data = pending.bytes();
                int length = pending.take();
                writeStartedAt = now() | 1;
                lock.unlock();
                try {
                    connection.append(data, 0, length);
                    connection.flush();
                    writerTurn.frame();
                } finally {
                    lock.lock();
                    pending.giveBack(data, length);
                    reservePending();
                    written.signalAll();
                }
            } while (!pending.isEmpty());
        } catch (IOException e) {
            throw broken(e);
        } finally {
            writeStartedAt = 0;
            writing = false;
            written.signalAll();
        }
    }

    /// With the lock held: the connection underneath takes no more bytes. The timekeeper, which
    /// wakes up now, closes it, because that must not be done under the lock.
    private MuxerException broken(IOException e) {
        CloseReason reason = closeStreams(CloseReason.transportFailed(e));
        pending.clear();
        return reason.exception();
    }

    /// Lets another thread write what is pending, if anything is and nobody is writing. It becomes
    /// the writer only when it runs: until then the application's threads write at once, and take
    /// along what is pending, instead of waiting for it.
    private void writeElsewhere() {
        lock.lock();
        try {
            if (!pending.isEmpty() && !writing && !writerStarted) {
                writerStarted = true;
                threads.newThread(this::writeOnly).start();
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeOnly() {
        lock.lock();
        try {
            writerStarted = false;
            if (!pending.isEmpty() && !writing) {
                becomeWriter();
                writePending();
            }
        } catch (IOException e) {
            // The connection has been closed with this reason.
        } finally {
            lock.unlock();
        }
    }

    /// With the lock held: counts what waits to be written to a remote that does not read.
    ///
    /// @return false if there is no memory for it
    private boolean reservePending() {
        int wanted = pending.memory();
        if (wanted > pendingMemory) {
            if (!buffers.grow(wanted - pendingMemory, Priority.NEEDED)) {
                return closeReason != null;
            }
        } else {
            buffers.shrink(pendingMemory - wanted);
        }
        pendingMemory = wanted;
        return true;
    }

    /// With the lock held: whether one more data frame may be left in `pending`.
    private boolean hasRoomForData() {
        return pending.length() + config.maxFrame() <= config.controlBacklog();
    }

    /// With the lock held: whether control frames fill their bound, even if the rest of `pending`
    /// is one data frame.
    private boolean isFlooded() {
        return pending.length() > config.controlBacklog() + config.maxFrame() + Header.SIZE;
    }

    /// With the lock held, which is released meanwhile: waits until nobody writes and nothing is
    /// pending, but not for long.
    private void awaitWritten(long nanos) throws InterruptedException {
        long left = nanos;
        while ((writing || !pending.isEmpty()) && left > 0) {
            left = written.awaitNanos(left);
        }
    }

    // The timekeeper.

    /// How often the timekeeper looks at least.
    static Duration tickInterval(YamuxConfig config) {
        long nanos = config.writeTimeout().toNanos() / 2;
        return Duration.ofNanos(
                Math.clamp(nanos, TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(5)));
    }

    private void keepTime() {
        long interval = tickInterval(config).toNanos();
        long nextTick = now() + interval;
        // Set after nextTick was computed, so that nextTick has come when it expires.
        Deadlines.Deadline tick = ticks.start(this::wakeTimekeeper);
        YamuxOutput.@Nullable Terminate terminate = null;
        lock.lock();
        try {
            while (closeReason == null && terminate == null) {
                long now = now();
                if (now - nextTick >= 0) {
                    terminate = tick(now);
                    nextTick = now + interval;
                    tick.cancel();
                    tick = ticks.start(this::wakeTimekeeper);
                }
                nextWake = Math.min(nextTick, wakeExpired(now));
                if (terminate == null && nextWake - now > 0) {
                    // Most connections end before their first tick. A timed wait of their own would
                    // wake the JVM's timer thread twice for each of them: a tenth of what a short
                    // connection costs.
                    await(timeWake, nextWake == nextTick ? NEVER : nextWake - now);
                }
            }
            if (terminate == null) {
                // Whoever closes sends go-away. If the remote does not take it, that is the end all
                // the same.
                awaitWritten(GO_AWAY_NANOS);
            }
        } catch (InterruptedIOException | InterruptedException e) {
            terminate =
                    new YamuxOutput.Terminate(
                            Code.TRANSPORT_FAILED, Header.INTERNAL_ERROR, "interrupted");
        } finally {
            tick.cancel();
            lock.unlock();
        }
        if (terminate != null) {
            terminate(terminate);
        }
        connection.close();
    }

    private void wakeTimekeeper() {
        lock.lock();
        try {
            timeWake.signal();
        } finally {
            lock.unlock();
        }
    }

    /// With the lock held.
    private YamuxOutput.@Nullable Terminate tick(long now) {
        if (writeStartedAt != 0 && now - writeStartedAt > config.writeTimeout().toNanos()) {
            return new YamuxOutput.Terminate(
                    Code.WRITE_STALLED,
                    Header.NORMAL_TERMINATION,
                    "the remote took nothing for " + config.writeTimeout());
        }
        for (YamuxOutput output : engine.tick(now)) {
            if (output instanceof YamuxOutput.Terminate terminate) {
                return terminate;
            }
            perform(output);
        }
        writeElsewhere();
        if (toTell && refusalListener != null) {
            // Whoever hears of it must not run under the lock.
            threads.newThread(this::tellRefused).start();
        }
        return null;
    }

    /// With the lock held: wakes the threads whose deadline has come.
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
                written.signalAll();
            } else {
                next = Math.min(next, stream.writeDeadline);
            }
        }
        return next;
    }

    /// With the lock held, which is released meanwhile: one wait, which may end spuriously. It is
    /// the timekeeper that ends it at the deadline, which the stream must show: a timed wait would
    /// wake one more thread for every read.
    private void awaitUntil(Condition condition, long deadline) throws InterruptedIOException {
        if (deadline != NEVER && deadline - nextWake < 0) {
            nextWake = deadline;
            timeWake.signal();
        }
        await(condition, NEVER);
    }

    private long deadlineIn(long timeoutNanos) {
        return timeoutNanos == NEVER ? NEVER : now() + timeoutNanos;
    }

    private void requireTime(long deadline, String otherwise) throws SocketTimeoutException {
        if (deadline != NEVER && now() - deadline >= 0) {
            throw new SocketTimeoutException(otherwise);
        }
    }

    // The end.

    @Override
    public void close() {
        end(
                new CloseReason(Code.CLOSED, "we closed the connection"),
                Header.NORMAL_TERMINATION,
                true);
    }

    @Override
    public void abandon(String reason) {
        end(new CloseReason(Code.KEEP_ALIVE_TIMEOUT, reason));
    }

    private void terminate(YamuxOutput.Terminate terminate) {
        boolean remoteReads =
                terminate.code() != Code.GO_AWAY && terminate.code() != Code.WRITE_STALLED;
        end(
                new CloseReason(terminate.code(), terminate.detail()),
                terminate.goAwayCode(),
                remoteReads);
    }

    /// Without a go-away frame, because there is nobody to read it.
    private void end(CloseReason reason) {
        end(reason, Header.NORMAL_TERMINATION, false);
    }

    private void end(CloseReason reason, int goAwayCode, boolean sayGoAway) {
        lock.lock();
        try {
            if (closeReason != null) {
                return;
            }
            closeStreams(reason);
            if (sayGoAway) {
                pending.add(new Header(Header.GO_AWAY, 0, 0, goAwayCode));
                if (writing) {
                    awaitWritten(GO_AWAY_NANOS);
                } else {
                    // The timekeeper is awake by now and sees to it that this does not take long.
                    becomeWriter();
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

    /// With the lock held: ends every stream and wakes every thread that waits. What was received
    /// before stays readable.
    ///
    /// @return the first reason to close
    private CloseReason closeStreams(CloseReason reason) {
        if (closeReason != null) {
            return closeReason;
        }
        closeReason = reason;
        memory.allWindowsClosed();
        buffers.close();
        memoryFreed.signalAll();
        streams.values().forEach(YamuxStream::signalAll);
        streams.clear();
        acceptQueue.clear();
        acceptable.signalAll();
        openable.signalAll();
        timeWake.signalAll();
        return reason;
    }

    // One stream.

    /// Why a stream is gone.
    private record Failure(boolean byRemote, long errorCode, String detail) {}

    /// One stream as the application holds it.
    private final class YamuxStream implements MuxedStream {
        private final int streamId;
        private final boolean inbound;
        private final ReceiveBuffer received = new ReceiveBuffer();
        private final Condition readable = lock.newCondition();
        private final Condition writable = lock.newCondition();
        private boolean remoteEnded;
        private boolean localEnded;
        private boolean readClosed;
        private @Nullable Failure failure;

        /// Until when a thread waits to read, for the timekeeper to see.
        private long readDeadline = NEVER;

        private long writeDeadline = NEVER;

        /// Two readers or two writers at once would mix up bytes: they take turns.
        private final ReentrantLock readTurn = new ReentrantLock();

        private final ReentrantLock writeTurn = new ReentrantLock();

        /// Whoever reads as fast as the remote sends never waits: a handler that answers each
        /// message would keep its carrier thread. The reader's alone.
        private final Turn carrier = new Turn();

        // Volatile: set by any thread without the lock, seen by the next read or write.
        private volatile long readTimeout = NEVER;
        private volatile long writeTimeout = NEVER;

        YamuxStream(int streamId, boolean inbound) {
            this.streamId = streamId;
            this.inbound = inbound;
        }

        @Override
        public long id() {
            return Integer.toUnsignedLong(streamId);
        }

        @Override
        public boolean isInbound() {
            return inbound;
        }

        @Override
        public String toString() {
            return "yamux stream " + id() + (inbound ? " (inbound)" : " (outbound)");
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            readTimeout = Timeouts.nanos(timeout);
        }

        @Override
        public void setWriteTimeout(Duration timeout) {
            writeTimeout = Timeouts.nanos(timeout);
        }

        /// With the lock held: wakes every thread that waits for this stream.
        private void signalAll() {
            readable.signalAll();
            writable.signalAll();
        }

        /// With the lock held: whether somebody may still read what comes.
        private boolean takesData() {
            return !readClosed && failure == null && closeReason == null;
        }

        /// With the lock held: after the application has read.
        private void heldLess() {
            memory.holdLess(streamId, received.memory());
            if (received.memory() == 0) {
                unread.remove(streamId);
            }
            memoryFreed.signal();
        }

        /// With the lock held.
        private void dropUnread() {
            received.clear();
            heldLess();
        }

        /// With the lock held.
        private void requireAlive() throws StreamResetException {
            if (failure != null) {
                throw new StreamResetException(
                        failure.byRemote(), failure.errorCode(), failure.detail());
            }
        }

        // Reading.

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            readTurn.lock();
            try {
                carrier.frame();
                int count = readInTurn(target, offset, length);
                carrier.bytes(count);
                return count;
            } finally {
                readTurn.unlock();
            }
        }

        private int readInTurn(byte[] target, int offset, int length) throws IOException {
            lock.lock();
            try {
                if (received.size() == 0) {
                    awaitData();
                    carrier.waited();
                }
                int count = received.take(target, offset, length);
                if (count == 0) {
                    return -1;
                }
                heldLess();
                replenish(count);
                return count;
            } finally {
                lock.unlock();
            }
        }

        /// With the lock held, which is released meanwhile: returns with data in the buffer, or
        /// without at the end of the stream.
        private void awaitData() throws IOException {
            writeBeforeWaiting();
            long deadline = deadlineIn(readTimeout);
            try {
                while (received.size() == 0) {
                    requireAlive();
                    if (remoteEnded || readClosed) {
                        return;
                    }
                    requireOpen();
                    requireTime(deadline, "nothing to read in time");
                    readDeadline = deadline;
                    awaitUntil(readable, deadline);
                }
            } finally {
                readDeadline = NEVER;
            }
        }

        /// With the lock held, which may be released meanwhile: what the remote waits for, before
        /// we wait for it. A connection that breaks by that takes away nothing that was received
        /// before, the end of the stream neither; where there is nothing, waiting says so.
        private void writeBeforeWaiting() {
            try {
                // If we wait before we ever wrote, the remote does not know of the stream yet, or
                // not that we accepted it.
                performAndWrite(closeReason == null ? engine.announce(streamId) : List.of());
            } catch (IOException e) {
                // The connection has ended, and knows why.
            }
        }

        /// With the lock held, which may be released meanwhile: lets the remote send as much again.
        private void replenish(int count) {
            if (closeReason == null) {
                try {
                    performAndWrite(engine.consumed(streamId, count, now()));
                } catch (IOException e) {
                    // What was read is good; the next read says that the connection is broken.
                }
            }
        }

        @Override
        public void closeRead() {
            lock.lock();
            try {
                if (!readClosed) {
                    readClosed = true;
                    dropUnread();
                    readable.signalAll();
                    engine.closeRead(streamId, now());
                }
            } finally {
                lock.unlock();
            }
        }

        // Writing.

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            writeInTurn(source, offset, length, false);
        }

        @Override
        public void writeLast(byte[] source, int offset, int length) throws IOException {
            writeInTurn(source, offset, length, true);
        }

        private void writeInTurn(byte[] source, int offset, int length, boolean last)
                throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            writeTurn.lock();
            try {
                write(source, offset, length, last);
            } finally {
                writeTurn.unlock();
            }
        }

        /// @param last whether our direction ends with this; its end is written along with the
        ///   bytes
        private void write(byte[] source, int offset, int length, boolean last) throws IOException {
            boolean writer = false;
            lock.lock();
            try {
                int from = offset;
                int end = offset + length;
                long deadline = deadlineIn(writeTimeout);
                writeDeadline = deadline;
                while (from < end) {
                    requireWritable();
                    if (!writer && writing && !hasRoomForData()) {
                        requireTime(deadline, "the connection does not take data in time");
                        awaitUntil(written, deadline);
                        continue;
                    }
                    Header header = engine.write(streamId, end - from);
                    if (header == null) {
                        // The remote's window is full.
                        if (writer) {
                            writer = false;
                            writePending();
                        } else {
                            requireTime(deadline, "the remote does not read in time");
                            awaitUntil(writable, deadline);
                        }
                        continue;
                    }
                    if (!writer && writing) {
                        pending.add(header, source, from);
                    } else {
                        if (!writer) {
                            becomeWriter();
                            writer = true;
                        }
                        append(header, source, from);
                    }
                    from += header.length();
                }
                if (last) {
                    requireWritable();
                    endOurDirection();
                    if (!writer && !writing) {
                        becomeWriter();
                        writer = true;
                    }
                }
            } finally {
                writeDeadline = NEVER;
                try {
                    if (writer) {
                        writePending();
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        /// With the lock held.
        private void requireWritable() throws IOException {
            requireAlive();
            requireOpen();
            if (localEnded) {
                throw new IOException("write after closeWrite");
            }
        }

        @Override
        public void closeWrite() {
            lock.lock();
            try {
                if (localEnded || failure != null) {
                    return;
                }
                if (closeReason == null) {
                    endOurDirection();
                    // Nobody waits for it, and other frames may travel with it.
                    writeElsewhere();
                } else {
                    localEnded = true;
                }
            } finally {
                lock.unlock();
            }
        }

        /// With the lock held, on an open connection: leaves the end of our direction in `pending`.
        private void endOurDirection() {
            localEnded = true;
            writable.signalAll();
            engine.closeWrite(streamId, now()).forEach(YamuxConnection.this::perform);
            forgetIfDone(this);
        }

        // Both.

        @Override
        public void reset() {
            lock.lock();
            try {
                if (failure == null && closeReason == null) {
                    performAndWrite(engine.reset(streamId, "we reset the stream"));
                }
            } catch (IOException e) {
                // The connection is gone, and the stream with it.
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            closeWrite();
            closeRead();
        }
    }
}
