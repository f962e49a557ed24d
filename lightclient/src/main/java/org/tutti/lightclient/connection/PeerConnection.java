package org.tutti.lightclient.connection;

import org.jspecify.annotations.Nullable;
import org.tutti.lightclient.connection.DisconnectReason.Code;
import org.tutti.lightclient.wire.P2pMessage;
import org.tutti.lightclient.wire.P2pMessage.Version;
import org.tutti.lightclient.wire.WireException;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// A connection that has its own writing thread, so that a peer which does not read blocks nobody.
///
/// Threads: its owner calls [#handshake] and then [#read] in a loop; any thread may [#offer],
/// [#send] or [#close]. Messages leave in the order in which they were queued. At most
/// [#MAX_OUTBOX] wait; [#offer] refuses more, and the owner should then close.
public final class PeerConnection implements Closeable {
    /// Most messages waiting to be written.
    public static final int MAX_OUTBOX = 256;

    private final WireConnection connection;
    private final InstantSource clock;
    private final BlockingQueue<P2pMessage> outbox = new ArrayBlockingQueue<>(MAX_OUTBOX);

    /// Why we closed; the first reason stays.
    private final AtomicReference<@Nullable DisconnectReason> closed = new AtomicReference<>();

    private final Thread writer;

    private PeerConnection(WireConnection connection, InstantSource clock) {
        this.connection = connection;
        this.clock = clock;
        this.writer =
                Thread.ofVirtual().name("bitcoin-write-" + remote()).unstarted(this::writeAll);
    }

    /// Takes over the connection and starts writing.
    public static PeerConnection start(WireConnection connection, InstantSource clock) {
        PeerConnection started = new PeerConnection(connection, clock);
        started.writer.start();
        return started;
    }

    /// Host and port of the other side, for people.
    public String remote() {
        return connection.remote();
    }

    /// Runs the handshake to its end.
    ///
    /// @param limit how long all of it may take
    /// @return the peer's version
    /// @throws PeerException if it fails; the connection is then closed
    public Version handshake(Handshake handshake, Duration limit) throws PeerException {
        DisconnectReason late =
                new DisconnectReason(Code.HANDSHAKE_TIMEOUT, "not done within " + limit);
        long deadline = clock.millis() + limit.toMillis();
        handshake.start().forEach(this::offer);
        while (true) {
            long left = deadline - clock.millis();
            if (left <= 0) {
                throw failed(late);
            }
            P2pMessage message;
            try {
                message = read(Duration.ofMillis(left), late);
            } catch (PeerException e) {
                throw handshake.isSilent() ? unanswered(e) : e;
            }
            switch (handshake.on(message)) {
                case Handshake.Step.Continue(List<P2pMessage> send) -> send.forEach(this::offer);
                case Handshake.Step.Done(List<P2pMessage> send, Version theirs) -> {
                    send.forEach(this::offer);
                    return theirs;
                }
                case Handshake.Step.Refused(DisconnectReason reason) -> throw failed(reason);
            }
        }
    }

    /// Bitcoin Core closes without a word when it is asked for another network, or has no place.
    private static PeerException unanswered(PeerException e) {
        return e.reason().code() == Code.CLOSED
                ? new PeerException(
                        new DisconnectReason(
                                Code.NO_ANSWER,
                                "closed without an answer: a node of another network does that, or"
                                        + " one that has no place"))
                : e;
    }

    /// How many bytes were read.
    public long bytesRead() {
        return connection.bytesRead();
    }

    /// The next message, blocking.
    ///
    /// @param silence how long the peer may be quiet
    /// @throws PeerException when there will be no more; the connection is then closed
    public P2pMessage read(Duration silence) throws PeerException {
        return read(silence, new DisconnectReason(Code.SILENT, "nothing for " + silence));
    }

    private P2pMessage read(Duration silence, DisconnectReason late) throws PeerException {
        try {
            return connection.read(silence);
        } catch (SocketTimeoutException e) {
            throw failed(late);
        } catch (IOException e) {
            throw failed(reasonOf(e));
        }
    }

    private PeerException failed(DisconnectReason reason) {
        close(reason);
        // If we had closed before, that is why the read failed.
        return new PeerException(Objects.requireNonNull(closed.get()));
    }

    private static DisconnectReason reasonOf(IOException e) {
        return switch (e) {
            case WireException wire ->
                    new DisconnectReason(code(wire.code()), String.valueOf(wire.getMessage()));
            case EOFException _ -> new DisconnectReason(Code.CLOSED, "");
            case IOException _ ->
                    new DisconnectReason(Code.UNREACHABLE, String.valueOf(e.getMessage()));
        };
    }

    /// A connection that breaks in the middle of a message, or is slow, proves no bad will.
    private static Code code(WireException.Code wire) {
        return switch (wire) {
            case TRUNCATED -> Code.CLOSED;
            case STALLED -> Code.SILENT;
            case OTHER_NETWORK -> Code.OTHER_NETWORK;
            case HTTP -> Code.NOT_BITCOIN;
            case WRONG_MAGIC, BAD_COMMAND, OVERSIZED, BAD_CHECKSUM, MALFORMED -> Code.WIRE;
        };
    }

    /// Queues a message without waiting.
    ///
    /// @return false if the outbox is full or the connection is closed
    public boolean offer(P2pMessage message) {
        return closed.get() == null && outbox.offer(message);
    }

    /// Queues a message, waiting for room.
    ///
    /// @return false if there was none in time, or the connection is closed
    public boolean send(P2pMessage message, Duration limit) throws InterruptedException {
        return closed.get() == null
                && outbox.offer(message, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void writeAll() {
        try {
            while (closed.get() == null) {
                connection.write(outbox.take());
            }
        } catch (InterruptedException e) {
            close();
        } catch (IOException e) {
            close(reasonOf(e));
        }
    }

    /// Closes, and lets the reading thread end with this reason. Only the first call does anything.
    public void close(DisconnectReason reason) {
        if (closed.compareAndSet(null, reason)) {
            connection.close();
            writer.interrupt();
        }
    }

    @Override
    public void close() {
        close(new DisconnectReason(Code.SHUTDOWN, ""));
    }
}
