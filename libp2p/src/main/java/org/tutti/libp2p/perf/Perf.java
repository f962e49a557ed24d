package org.tutti.libp2p.perf;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.perf.PerfException.Code;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `/perf/1.0.0` (libp2p/specs perf/perf.md): sends as many bytes as one likes, then gets as many
/// back. Give it to `HostBuilder.behaviour`. Safe for all threads.
public final class Perf implements NetworkBehaviour {
    public static final String PROTOCOL = "/perf/1.0.0";

    /// What one write or read takes at most.
    private static final int CHUNK = 64 * 1024;

    /// What a host that answers does at most for whoever asks.
    ///
    /// @param maxStreamsPerPeer measurements of one peer at once; one more is reset
    /// @param maxBytes of one measurement, each way
    /// @param maxTime of one measurement
    public record Limits(int maxStreamsPerPeer, long maxBytes, Duration maxTime) {
        public Limits {
            if (maxStreamsPerPeer < 1 || maxBytes < 0) {
                throw new IllegalArgumentException("a limit of perf is too small");
            }
            if (maxTime.isNegative() || maxTime.isZero()) {
                throw new IllegalArgumentException("maxTime must be positive");
            }
        }

        /// Two at once, 16 GiB each way, a minute.
        public static Limits defaults() {
            return new Limits(2, 1L << 34, Duration.ofMinutes(1));
        }
    }

    /// A stream whose peer may be asked for anything.
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException;
    }

    private final Optional<Limits> serves;
    // Volatile: written once, when the host is built.
    private volatile @Nullable BehaviourContext context;

    private Perf(Optional<Limits> serves) {
        this.serves = serves;
    }

    /// Asks, and answers nobody. perf.md, "Security Considerations": "it SHOULD NOT be enabled by
    /// default in any implementation".
    public static Perf client() {
        return new Perf(Optional.empty());
    }

    /// Asks, and answers whoever may connect.
    public static Perf server(Limits limits) {
        return new Perf(Optional.of(limits));
    }

    @Override
    public List<InboundProtocol> protocols() {
        return serves.stream()
                .map(limits ->
                        new InboundProtocol(
                                PROTOCOL,
                                limits.maxStreamsPerPeer,
                                stream -> answer(stream, limits)))
                .toList();
    }

    @Override
    public void attached(BehaviourContext newContext) {
        context = newContext;
    }

    private BehaviourContext context() {
        BehaviourContext known = context;
        if (known == null) {
            throw new IllegalStateException("perf belongs to no host yet");
        }
        return known;
    }

    /// Uploads, then downloads, on a stream of its own, connecting first if need be.
    ///
    /// @param upload bytes to send
    /// @param download bytes to be sent back
    /// @param timeout for all of it, from the open stream on
    /// @throws PerfException if it takes longer, or another number of bytes comes back
    /// @throws SwarmException if there is no connection, or the peer does not support the protocol
    public PerfResult run(PeerId peer, long upload, long download, Duration timeout)
            throws IOException {
        if (upload < 0 || download < 0) {
            throw new IllegalArgumentException("a number of bytes cannot be negative");
        }
        Stream stream = context().openStream(peer, DialOptions.defaults(), PROTOCOL);
        return within(timeout, stream, () -> measure(stream, upload, download));
    }

    private PerfResult measure(Stream stream, long upload, long download) throws IOException {
        Timer timer = context().timer();
        long start = timer.nanoTime();
        byte[] wanted = ByteBuffer.allocate(Long.BYTES).putLong(download).array();
        stream.write(wanted, 0, wanted.length);
        send(stream, upload);
        stream.closeWrite();
        byte[] chunk = new byte[CHUNK];
        long received = 0;
        int count = stream.read(chunk, 0, CHUNK);
        long uploaded = timer.nanoTime();
        while (count >= 0 && received <= download) {
            received += count;
            count = stream.read(chunk, 0, CHUNK);
        }
        if (received != download) {
            throw new PerfException(
                    Code.WRONG_LENGTH,
                    stream.remotePeer() + " sent another number of bytes than " + download,
                    null);
        }
        return new PerfResult(
                upload,
                download,
                Duration.ofNanos(uploaded - start),
                Duration.ofNanos(timer.nanoTime() - uploaded));
    }

    private void answer(Stream stream, Limits limits) throws IOException {
        within(
                limits.maxTime,
                stream,
                () -> {
                    byte[] header = new byte[Long.BYTES];
                    Frames.readFully(stream, header, 0, header.length);
                    long wanted = ByteBuffer.wrap(header).getLong();
                    // perf.md, "Protocol": sending back "MUST NOT be run concurrently with"
                    // reading.
                    receive(stream, limits.maxBytes);
                    // "so is the max uint64 value": who asks for it ends by a time of its own.
                    boolean tooMany = Long.compareUnsigned(wanted, limits.maxBytes) > 0;
                    send(stream, tooMany ? limits.maxBytes : wanted);
                    if (tooMany) {
                        throw new PerfException(
                                Code.TOO_MANY_BYTES,
                                stream.remotePeer() + " wants " + Long.toUnsignedString(wanted),
                                null);
                    }
                    return true;
                });
    }

    /// Reads to the end.
    private static void receive(Stream stream, long max) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long received = 0;
        for (int count = 0; count >= 0; count = stream.read(chunk, 0, CHUNK)) {
            received += count;
            if (received > max) {
                throw new PerfException(
                        Code.TOO_MANY_BYTES, stream.remotePeer() + " sends too much", null);
            }
        }
    }

    /// perf.md, "Protocol": "Zero is fine".
    private static void send(Stream stream, long length) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        for (long left = length; left > 0; left -= Math.min(CHUNK, left)) {
            stream.write(chunk, 0, (int) Math.min(CHUNK, left));
        }
    }

    /// Resets the stream when the time is over, or anything else fails.
    private <T> T within(Duration timeout, Stream stream, Work<T> work) throws IOException {
        Deadlines.Deadline deadline =
                new Deadlines(context().timer(), timeout).start(stream::reset);
        boolean done = false;
        try {
            T result = work.run();
            done = true;
            return result;
        } catch (SwarmException | PerfException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (deadline.cancel()) {
                throw e;
            }
            throw new PerfException(
                    Code.TIMEOUT,
                    "perf with " + stream.remotePeer() + " took more than " + timeout,
                    e);
        } finally {
            deadline.cancel();
            if (done) {
                stream.close();
            } else {
                stream.reset();
            }
        }
    }
}
