package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.json.JsonObject;

import java.util.List;

/// The scenario of signers who advertise, with real processes.
@Timeout(420)
class DiscoverScenarioTest {
    @Test
    @Tag("nightly")
    void whoAdvertisesIsFoundAndTheRightThreeSign() throws Exception {
        ScenarioRun run = ScenarioRun.of(DemoOptions.Scenario.DISCOVER, 5);
        assertThat(run.names())
                .containsSubsequence("found", "announced", "signed", "confirmed", "done");
        List<JsonObject> found = run.events("found");
        assertThat(found)
                .extracting(line -> line.string("via"))
                .containsExactly("dht", "dht", "dht", "gossip", "gossip");

        var _ = run.requirePaid(4);
    }
}
