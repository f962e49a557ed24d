package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The control socket of a running node, `DATA/control.sock`: a client sends one JSON object in a
/// line, gets one back, and may send the next.
///
/// Threads: one thread accepts, one per client serves; each line has a deadline, kept by one timer
/// that closes the channel of a client that is late. No lock is needed. They are platform threads,
/// at most ten: virtual ones would wait for a carrier behind the threads that read what peers send,
/// and the owner has to reach the node above all when peers keep it busy.
///
/// Only the owner may open the folder (0700) and the socket (0600): a process that can connect may
/// spend within the policy, as one that can read the keys may anyway.
public final class ControlServer implements AutoCloseable {
    /// Most clients at once; further ones are disconnected.
    public static final int MAX_CLIENTS = 8;

    /// Longest request, in bytes: a PSBT of a mebibyte in base64 fits.
    public static final int MAX_LINE = 3 << 19;

    /// What a client's buffer begins with; it is doubled when a request needs more.
    private static final int FIRST_BUFFER = 64 * 1024;

    /// Longest time between connecting, or an answer, and the end of the next request.
    public static final Duration LINE_DEADLINE = Duration.ofSeconds(10);

    /// Linux allows 107 bytes for the path of a socket.
    static final int MAX_PATH = 107;

    private final Path path;
    private final ServerSocketChannel server;
    private final ControlHandler handler;
    private final Duration lineDeadline;
    private final Semaphore clients = new Semaphore(MAX_CLIENTS);
    private final ScheduledExecutorService timer;

    private ControlServer(
            Path path, ServerSocketChannel server, ControlHandler handler, Duration lineDeadline) {
        this.path = path;
        this.server = server;
        this.handler = handler;
        this.lineDeadline = lineDeadline;
        ScheduledThreadPoolExecutor pool =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon(true).name("control-timer").factory());
        pool.setRemoveOnCancelPolicy(true);
        this.timer = pool;
    }

    /// Listens. Call it only while holding the lock of the data folder: a socket file that is there
    /// already is then a dead node's, and is replaced.
    public static ControlServer listen(Path path, NodeApi api) throws IOException {
        return listen(path, new Operations(api), LINE_DEADLINE);
    }

    static ControlServer listen(Path path, ControlHandler handler, Duration lineDeadline)
            throws IOException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_PATH) {
            throw new IOException(
                    path
                            + ": too long for a socket, "
                            + length
                            + " bytes, at most "
                            + MAX_PATH
                            + ": use a shorter data folder");
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(path);
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        ControlServer control = new ControlServer(path, server, handler, lineDeadline);
        Thread.ofPlatform().daemon(true).name("control-accept").start(control::acceptAll);
        return control;
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                if (clients.tryAcquire()) {
                    Thread.ofPlatform()
                            .daemon(true)
                            .name("control-client")
                            .start(() -> serve(client));
                } else {
                    client.close();
                }
            } catch (IOException e) {
                if (!server.isOpen()) {
                    return;
                }
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            Received received = new Received();
            String line = readLine(client, received);
            while (line != null) {
                write(client, answer(line));
                line = readLine(client, received);
            }
        } catch (IOException e) {
            // The client disconnected, was too slow, or sent too much: nobody is left to tell.
        } finally {
            clients.release();
        }
    }

    private Map<String, @Nullable Object> answer(String line) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        try {
            Map<String, @Nullable Object> fields = handler.handle(JsonLine.parse(line));
            answer.put("ok", true);
            answer.putAll(fields);
        } catch (JsonLineException e) {
            refuse(answer, "BAD_REQUEST", e.reason());
        } catch (ApiException e) {
            refuse(answer, e.code(), e.reason());
        } catch (RuntimeException e) {
            refuse(answer, "DEFECT", "a defect in Tutti: " + e);
        }
        return answer;
    }

    private static void refuse(Map<String, @Nullable Object> answer, String code, String reason) {
        answer.put("ok", false);
        answer.put("code", code);
        answer.put("message", reason);
    }

    /// What a client has sent and no line was made of yet.
    private static final class Received {
        private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BUFFER);

        int length() {
            return buffer.position();
        }

        boolean isLineFeed(int index) {
            return buffer.get(index) == '\n';
        }

        /// @return less than 0 at the end
        int read(SocketChannel client) throws IOException {
            if (!buffer.hasRemaining()) {
                if (buffer.capacity() == MAX_LINE) {
                    throw new IOException("more than " + MAX_LINE + " bytes in a line");
                }
                ByteBuffer larger = ByteBuffer.allocate(Math.min(MAX_LINE, 2 * buffer.capacity()));
                buffer.flip();
                buffer = larger.put(buffer);
            }
            return client.read(buffer);
        }

        /// Takes so many bytes and the line feed behind them.
        String take(int length) {
            byte[] line = new byte[length];
            buffer.flip();
            buffer.get(line);
            buffer.get();
            buffer.compact();
            return new String(line, StandardCharsets.UTF_8);
        }
    }

    /// The next line without its line feed; null at the end. Whatever follows it stays received.
    private @Nullable String readLine(SocketChannel client, Received received) throws IOException {
        ScheduledFuture<?> deadline = closeLater(client);
        try {
            int seen = 0;
            while (true) {
                for (int i = seen; i < received.length(); i++) {
                    if (received.isLineFeed(i)) {
                        return received.take(i);
                    }
                }
                seen = received.length();
                if (received.read(client) < 0) {
                    return null;
                }
            }
        } finally {
            deadline.cancel(false);
        }
    }

    private void write(SocketChannel client, Map<String, @Nullable Object> answer)
            throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap((JsonLine.write(answer) + "\n").getBytes(StandardCharsets.UTF_8));
        ScheduledFuture<?> deadline = closeLater(client);
        try {
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        } finally {
            deadline.cancel(false);
        }
    }

    private ScheduledFuture<?> closeLater(SocketChannel client) throws IOException {
        try {
            return timer.schedule(
                    () -> closeQuietly(client), lineDeadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new IOException("the node is ending", e);
        }
    }

    private static void closeQuietly(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next start replaces the file.
        }
    }
}
