package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.node.json.JsonObject;

import java.util.List;

/// The scenario of strangers who become a group, with real processes.
@Timeout(420)
class StrangersScenarioTest {
    @Test
    @Tag("nightly")
    void strangersBecomeAGroupThatIsFundedAndPays() throws Exception {
        ScenarioRun run = ScenarioRun.of(DemoOptions.Scenario.STRANGERS, 3);
        assertThat(run.names())
                .containsSubsequence(
                        "found",
                        "group-formed",
                        "coin",
                        "announced",
                        "signed",
                        "confirmed",
                        "done");
        List<JsonObject> formed = run.events("group-formed");
        assertThat(formed).hasSize(3);
        assertThat(formed)
                .extracting(line -> line.string("descriptor"))
                .containsOnly(formed.getFirst().string("descriptor"));

        assertThat(run.requirePaid(3).string("address"))
                .isEqualTo(formed.getFirst().string("address"));
    }
}
