package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.json.JsonObject;

import java.util.List;

/// The scenario of signers who are away, with real processes.
@Timeout(420)
class OfflineScenarioTest {
    @Test
    @Tag("nightly")
    void whoWasAwayGetsTheRequestFromAHolderAndAllSign() throws Exception {
        ScenarioRun run = ScenarioRun.of(DemoOptions.Scenario.OFFLINE, 5);
        assertThat(run.names())
                .containsSubsequence(
                        "signer-away",
                        "request-received",
                        "requester-left",
                        "signer-returned",
                        "request-received",
                        "announced",
                        "signed",
                        "confirmed",
                        "done");
        List<JsonObject> received = run.events("request-received");
        assertThat(received).hasSize(4);
        JsonObject last = received.getLast();
        assertThat(last.string("from")).isEqualTo("holder");
        assertThat(last.string("node")).isEqualTo("node-5");
        assertThat(received.getFirst().string("from")).isEqualTo("requester");

        var _ = run.requirePaid(5);
    }
}
