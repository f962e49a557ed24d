package org.tutti.app.p2p;

import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Sends back what it gets, until the other side ends its direction; what the examples of go- and
/// js-libp2p call echo.
final class Echo {
    static final String PROTOCOL = "/echo/1.0.0";

    private static final int CHUNK = 64 * 1024;

    private Echo() {}

    static void answer(Stream stream) throws IOException {
        stream.inputStream().transferTo(stream.outputStream());
    }

    /// Sends so many bytes, and compares what comes back. They are one line of text: the example of
    /// go answers a line.
    ///
    /// @throws EchoException if something else comes back
    static void ask(Stream stream, long length) throws IOException {
        FutureTask<Void> sending =
                new FutureTask<>(() -> {
                    send(stream, length);
                    return null;
                });
        Thread.ofVirtual().name("p2p-echo").start(sending);
        try {
            compare(stream, length);
            sending.get();
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        } finally {
            // Also where the sender still waits.
            stream.reset();
        }
    }

    private static byte at(long position, long length) {
        return (byte) (position == length - 1 ? '\n' : 'a' + position % 26);
    }

    private static void fill(byte[] chunk, int count, long from, long length) {
        for (int i = 0; i < count; i++) {
            chunk[i] = at(from + i, length);
        }
    }

    private static void send(Stream stream, long length) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        for (long sent = 0; sent < length; sent += chunk.length) {
            int count = (int) Math.min(chunk.length, length - sent);
            fill(chunk, count, sent, length);
            stream.write(chunk, 0, count);
        }
        stream.closeWrite();
    }

    private static void compare(Stream stream, long length) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long received = 0;
        for (int count = 0; count >= 0; count = stream.read(chunk, 0, CHUNK)) {
            for (int i = 0; i < count; i++) {
                if (received == length || chunk[i] != at(received, length)) {
                    throw new EchoException(
                            stream.remotePeer()
                                    + " sent back something else from byte "
                                    + received
                                    + " on");
                }
                received++;
            }
        }
        if (received < length) {
            throw new EchoException(
                    stream.remotePeer() + " sent back " + received + " of " + length + " bytes");
        }
    }
}
