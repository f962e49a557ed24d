package org.tutti.interop.p2p;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.muxer.StreamResetException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The dialer's checks.
final class Checks {
    private static final long BULK_BYTES = 64L << 20;
    private static final int STREAMS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Host host;
    private final Connection connection;

    private interface Check {
        void run() throws IOException;
    }

    Checks(Host host, Connection connection) {
        this.host = host;
        this.connection = connection;
    }

    /// @return the names of the checks, all of which passed
    List<String> all() throws IOException {
        List<String> passed = new ArrayList<>();
        check("bulk", this::bulk, passed);
        check("many-streams", this::manyStreams, passed);
        check("half-close", this::halfClose, passed);
        check("reset-by-them", this::resetByThem, passed);
        check("reset-by-us", this::resetByUs, passed);
        check("refused", this::refused, passed);
        check("push", this::push, passed);
        return passed;
    }

    private static void check(String name, Check check, List<String> passed) throws IOException {
        try {
            check.run();
        } catch (IOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
        passed.add(name);
    }

    private Stream open(String protocol) throws IOException {
        Stream stream = connection.openStream(protocol);
        stream.setReadTimeout(TIMEOUT);
        stream.setWriteTimeout(TIMEOUT);
        return stream;
    }

    private static void require(boolean holds, String otherwise) throws IOException {
        if (!holds) {
            throw new IOException(otherwise);
        }
    }

    private void bulk() throws IOException {
        try (Stream stream = open(Served.BULK)) {
            stream.write(
                    ByteBuffer.allocate(Long.BYTES).putLong(BULK_BYTES).array(), 0, Long.BYTES);
            byte[] sent = Pattern.write(stream, BULK_BYTES);
            stream.closeWrite();
            byte[] theirs = new byte[sent.length];
            Frames.readFully(stream, theirs, 0, theirs.length);
            require(Arrays.equals(theirs, sent), "they got something else");
            MessageDigest hash = Pattern.sha256();
            byte[] block = new byte[Pattern.BLOCK];
            for (long left = BULK_BYTES; left > 0; ) {
                int count = (int) Math.min(left, block.length);
                Frames.readFully(stream, block, 0, count);
                hash.update(block, 0, count);
                left -= count;
            }
            Frames.readFully(stream, theirs, 0, theirs.length);
            require(Arrays.equals(theirs, hash.digest()), "we got something else");
            require(stream.read(block, 0, 1) < 0, "more than was asked for");
        }
    }

    private void manyStreams() throws IOException {
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            Stream stream = open(Served.ECHO);
            exchange(stream, filled(1, i));
            streams.add(stream);
        }
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < STREAMS; i++) {
                Stream stream = streams.get(i);
                byte[] sent = filled(Pattern.BLOCK, i);
                running.add(threads.submit(() -> exchangeAndEnd(stream, sent)));
            }
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static void exchangeAndEnd(Stream stream, byte[] sent) {
        try (stream) {
            exchange(stream, sent);
            stream.closeWrite();
            require(stream.read(new byte[1], 0, 1) < 0, "more than was sent");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void exchange(Stream stream, byte[] sent) throws IOException {
        stream.write(sent, 0, sent.length);
        byte[] received = new byte[sent.length];
        Frames.readFully(stream, received, 0, received.length);
        require(Arrays.equals(received, sent), "another echo");
    }

    private void halfClose() throws IOException {
        try (Stream stream = open(Served.ECHO)) {
            byte[] sent = filled(3 * Pattern.BLOCK, 7);
            stream.write(sent, 0, sent.length);
            stream.closeWrite();
            byte[] received = new byte[sent.length];
            Frames.readFully(stream, received, 0, received.length);
            require(Arrays.equals(received, sent), "another echo");
            require(stream.read(received, 0, 1) < 0, "more than was sent");
        }
    }

    private void resetByThem() throws IOException {
        Stream stream = open(Served.RESET);
        stream.write(new byte[1], 0, 1);
        try {
            int count = stream.read(new byte[1], 0, 1);
            throw new IOException("read gave " + count);
        } catch (StreamResetException e) {
            require(e.byRemote(), "not reset by the remote");
        }
    }

    private void resetByUs() throws IOException {
        Stream stream = open(Served.ECHO);
        exchange(stream, filled(1, 1));
        stream.reset();
        echoes();
    }

    private void refused() throws IOException {
        try {
            open("/tutti/interop/nobody/1");
            throw new IOException("it was accepted");
        } catch (ProtocolNotSupportedException e) {
            // As it should be.
        }
        try {
            Stream lazy = connection.openStreamLazily("/tutti/interop/nobody/1");
            lazy.setReadTimeout(TIMEOUT);
            exchange(lazy, filled(1, 1));
            throw new IOException("it was accepted");
        } catch (ProtocolNotSupportedException e) {
            // As it should be, a little later.
        }
        echoes();
    }

    private void echoes() throws IOException {
        try (Stream stream = open(Served.ECHO)) {
            exchange(stream, filled(1, 2));
        }
    }

    /// The listener opens a stream as soon as our push says that we take it.
    private void push() throws IOException {
        BlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        host.handle(
                Served.NEW,
                stream -> {
                    byte[] one = new byte[1];
                    Frames.readFully(stream, one, 0, 1);
                    heard.add((int) one[0]);
                });
        try {
            Integer first = heard.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            require(first != null && first == 1, "no stream came after the push");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }
}
