package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// One question to a running node over its control socket.
public final class ControlClient {
    private ControlClient() {}

    /// Sends `request` and waits for the answer.
    ///
    /// @param dataFolder the running node's
    /// @param timeout longest wait for the answer
    /// @throws ControlException with the node's code and reason, or `NOT_RUNNING`, `NO_ANSWER`
    public static JsonObject ask(
            Path dataFolder, Map<String, ? extends @Nullable Object> request, Duration timeout)
            throws ControlException {
        Path socket = dataFolder.resolve("control.sock");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel, socket, dataFolder);
            Thread watch = Thread.ofVirtual().start(() -> closeAfter(channel, timeout));
            try {
                return exchange(channel, JsonLine.write(request));
            } finally {
                watch.interrupt();
            }
        } catch (IOException e) {
            throw new ControlException(
                    "NO_ANSWER",
                    "the node in " + dataFolder + " gave no answer: " + e.getMessage());
        }
    }

    private static void connect(SocketChannel channel, Path socket, Path dataFolder)
            throws ControlException {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new ControlException(
                    "NOT_RUNNING",
                    "no node is running with the data folder "
                            + dataFolder
                            + ": start it with ./tutti node --config FILE");
        }
    }

    private static JsonObject exchange(SocketChannel channel, String request)
            throws IOException, ControlException {
        ByteBuffer bytes = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        BufferedReader reader =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the connection ended");
        }
        try {
            JsonObject answer = JsonLine.parse(line);
            if (!answer.flag("ok")) {
                throw new ControlException(
                        answer.text("code").orElse("FAILED"),
                        answer.text("message").orElse("no reason given"));
            }
            return answer;
        } catch (JsonLineException e) {
            throw new IOException(e.reason(), e);
        }
    }

    private static void closeAfter(SocketChannel channel, Duration timeout) {
        try {
            Thread.sleep(timeout);
            channel.close();
        } catch (InterruptedException | IOException e) {
            // The answer came first.
        }
    }
}
