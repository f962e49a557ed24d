package org.tutti.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.PayRequest;
import org.tutti.node.json.JsonObject;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A client in front of a server says what the node behind it says.
@Timeout(30)
class ControlClientTest {
    @TempDir Path folder;

    @Test
    void theAnswersComeThroughTheSocketUnchanged() throws Exception {
        FakeNode node = new FakeNode();
        try (ControlServer _ = ControlServer.listen(socket(), node)) {
            PayRequest request = new PayRequest("carol", 5, Optional.of(3L), Optional.empty());
            assertThat(client().address()).isEqualTo(node.address());
            assertThat(client().status()).isEqualTo(node.status());
            assertThat(client().pay(request)).isEqualTo(node.pay(request));
            assertThat(node.paid).containsExactly(request, request);
        }
    }

    @Test
    void aStatusBeforeTheFirstBlockComesThroughToo() throws Exception {
        try (ControlServer _ = ControlServer.listen(socket(), new FakeNode(FakeNode.EMPTY))) {
            assertThat(client().status()).isEqualTo(FakeNode.EMPTY);
        }
    }

    @Test
    void aRefusalComesThroughWithCodeAndReason() throws Exception {
        try (ControlServer _ = ControlServer.listen(socket(), new FakeNode())) {
            failed("DESTINATION_NOT_ALLOWED", "signer 1 refuses");
        }
    }

    @Test
    void whatIsSentIsTheRequestsFieldsBehindTheOperation() throws Exception {
        List<JsonObject> received = new ArrayList<>();
        try (ControlServer _ =
                ControlServer.listen(
                        socket(),
                        request -> {
                            received.add(request);
                            return Map.of(
                                    "session", "a", "txid", "b", "state", "sent", "key", "k",
                                    "more", 2);
                        },
                        ControlServer.LINE_DEADLINE)) {
            var _ = client().pay(new PayRequest("carol", 5, Optional.of(3L), Optional.empty()));
            assertThat(received.getFirst().line())
                    .isEqualTo("{\"op\":\"pay\",\"to\":\"carol\",\"amountSat\":5,\"feeRate\":3}");
        }
    }

    @Test
    void anAnswerThatLacksAFieldIsNone() throws Exception {
        try (ControlServer _ =
                ControlServer.listen(
                        socket(), request -> Map.of("txid", "b"), ControlServer.LINE_DEADLINE)) {
            failed(
                    "NODE_GAVE_NO_ANSWER",
                    "the node in " + folder + " gave no answer: session: a string is needed");
        }
    }

    private void failed(String code, String reason) {
        PayRequest request = new PayRequest("mallory", 5, Optional.empty(), Optional.empty());
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> client().pay(request))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.reason()).isEqualTo(reason);
                });
    }

    private NodeApi client() {
        return new ControlClient(folder, Duration.ofSeconds(20));
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }
}
