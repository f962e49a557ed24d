package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.base.Bytes;
import org.tutti.musig.keys.XOnlyPublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The scenario of strangers who become a group, with real processes.
@Timeout(420)
class StrangersScenarioTest {
    @Test
    @Tag("nightly")
    void strangersBecomeAGroupThatIsFundedAndPays() throws Exception {
        StringWriter out = new StringWriter();
        DemoOptions options =
                new DemoOptions(
                        DemoOptions.Scenario.STRANGERS,
                        3,
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        /* keep= */ false);
        boolean ok =
                new Demo(options, new PrintWriter(out), true, new SecureRandom(), Main.class).run();
        List<JsonObject> lines = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            lines.add(JsonLine.parse(line));
        }
        assertThat(ok).as(out.toString().lines().toList().getLast()).isTrue();
        List<String> names = lines.stream().map(line -> line.text("event").orElse("")).toList();
        assertThat(names)
                .containsSubsequence(
                        "found",
                        "group-formed",
                        "coin",
                        "announced",
                        "signed",
                        "confirmed",
                        "done");
        List<JsonObject> formed =
                lines.stream()
                        .filter(line -> line.text("event").orElse("").equals("group-formed"))
                        .toList();
        assertThat(formed).hasSize(3);
        assertThat(formed)
                .extracting(line -> line.string("descriptor"))
                .containsOnly(formed.getFirst().string("descriptor"));

        JsonObject done = lines.getLast();
        assertThat(done.flag("ok")).isTrue();
        assertThat(done.integer("signers")).isEqualTo(3);
        assertThat(done.string("address")).isEqualTo(formed.getFirst().string("address"));
        assertThat(done.string("blockHash")).hasSize(64);
        XOnlyPublicKey key = XOnlyPublicKey.parse(Bytes.fromHex(done.string("outputKey")));
        JsonObject input = done.objects("inputs").getFirst();
        assertThat(
                        Schnorr.verify(
                                key,
                                Bytes.fromHex(input.string("sighash")).toArray(),
                                new SchnorrSignature(Bytes.fromHex(input.string("signature")))))
                .isTrue();
    }
}
