package org.tutti.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.node.api.ApiException;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Timeout(30)
class ControlServerTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir Path folder;

    @Test
    void aQuestionIsAnswered() throws Exception {
        try (ControlServer _ = listen(ControlServerTest::echo)) {
            JsonObject answer = client(WAIT).ask(Map.of("op", "hello"));
            assertThat(answer.flag("ok")).isTrue();
            assertThat(answer.string("echo")).isEqualTo("hello");
        }
    }

    @Test
    void aRefusalCarriesCodeAndReason() throws Exception {
        try (ControlServer _ =
                listen(request -> {
                    throw new ApiException("NO_FUNDS", "nothing to spend");
                })) {
            assertThatThrownBy(() -> client(WAIT).ask(Map.of("op", "pay")))
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo("NO_FUNDS");
                                assertThat(e.reason()).isEqualTo("nothing to spend");
                            });
        }
    }

    @Test
    void onlyTheOwnerMayConnect() throws Exception {
        try (ControlServer _ = listen(ControlServerTest::echo)) {
            assertThat(Files.getPosixFilePermissions(socket()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void theSocketFileOfADeadNodeIsReplaced() throws Exception {
        Files.writeString(socket(), "left behind");
        try (ControlServer _ = listen(ControlServerTest::echo)) {
            assertThat(client(WAIT).ask(Map.of("op", "again")).flag("ok")).isTrue();
        }
    }

    @Test
    void rubbishIsAnsweredAndTheNextLineStillCounts() throws Exception {
        try (ControlServer _ = listen(ControlServerTest::echo);
                SocketChannel client = connect()) {
            send(client, "rubbish\n{\"op\":1}\n{\"op\":\"fine\"}\n");
            assertThat(receive(client)).contains("BAD_REQUEST");
            assertThat(receive(client)).contains("BAD_REQUEST").contains("op");
            assertThat(receive(client)).contains("\"echo\":\"fine\"");
        }
    }

    @Test
    void aLineMayCarryALargePsbt() throws Exception {
        try (ControlServer _ =
                        listen(request ->
                                Map.of("length", (long) request.string("psbt").length()));
                SocketChannel client = connect()) {
            int length = 4 * ((1 << 20) + 2) / 3;
            send(client, "{\"psbt\":\"" + "A".repeat(length) + "\"}\n");
            assertThat(receive(client)).contains("\"length\":" + length);
        }
    }

    @Test
    void aLineThatIsTooLongEndsTheConnection() throws Exception {
        try (ControlServer _ = listen(ControlServerTest::echo);
                SocketChannel client = connect()) {
            send(client, "x".repeat(ControlServer.MAX_LINE));
            assertThat(receive(client)).isEmpty();
        }
    }

    @Test
    void aClientThatSaysNothingIsHungUpOn() throws Exception {
        try (ControlServer _ =
                        ControlServer.listen(
                                socket(), ControlServerTest::echo, Duration.ofMillis(50));
                SocketChannel client = connect()) {
            assertThat(receive(client)).isEmpty();
        }
    }

    @Test
    void oneClientTooManyIsHungUpOn() throws Exception {
        List<SocketChannel> clients = new ArrayList<>();
        try (ControlServer _ = listen(ControlServerTest::echo)) {
            for (int i = 0; i < ControlServer.MAX_CLIENTS; i++) {
                SocketChannel client = connect();
                clients.add(client);
                send(client, "{\"op\":\"here\"}\n");
                assertThat(receive(client)).contains("here");
            }
            try (SocketChannel oneMore = connect()) {
                assertThat(receive(oneMore)).isEmpty();
            }
            clients.removeFirst().close();
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aPathThatNoSocketCanHaveIsRefused() {
        Path deep = folder.resolve("a".repeat(100)).resolve("control.sock");
        assertThatThrownBy(() ->
                        ControlServer.listen(
                                deep, ControlServerTest::echo, ControlServer.LINE_DEADLINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("shorter data folder");
    }

    @Test
    void withoutANodeTheClientSaysSo() {
        assertThatThrownBy(() -> client(WAIT).ask(Map.of("op", "status")))
                .isInstanceOfSatisfying(
                        NodeNotRunningException.class,
                        e -> assertThat(e.code()).isEqualTo("NOT_RUNNING"));
    }

    @Test
    void anAnswerThatDoesNotComeIsNotWaitedForLonger() throws Exception {
        try (ControlServer _ =
                listen(request -> {
                    awaitInterrupt();
                    return Map.of();
                })) {
            assertThatThrownBy(() -> client(Duration.ofMillis(50)).ask(Map.of("op", "pay")))
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            e -> assertThat(e.code()).isEqualTo("NODE_GAVE_NO_ANSWER"));
        }
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, @Nullable Object> echo(JsonObject request) throws ApiException {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put(
                "echo",
                request.text("op")
                        .orElseThrow(() -> new ApiException("BAD_REQUEST", "op is needed")));
        return answer;
    }

    private ControlServer listen(ControlHandler handler) throws IOException {
        return ControlServer.listen(socket(), handler, ControlServer.LINE_DEADLINE);
    }

    private ControlClient client(Duration timeout) {
        return new ControlClient(folder, timeout);
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }

    private SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(socket()));
        return client;
    }

    private static void send(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /// The next line, or what came before the end.
    private static String receive(SocketChannel client) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        try {
            while (client.read(one) > 0) {
                char c = (char) one.flip().get();
                one.clear();
                if (c == '\n') {
                    break;
                }
                line.append(c);
            }
        } catch (IOException e) {
            // Hung up on with bytes unread: a reset instead of an end.
        }
        return line.toString();
    }
}
