package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

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

/// What a scenario with real processes printed, as JSON.
record ScenarioRun(List<JsonObject> lines) {
    /// Runs it; fails unless it ends well.
    static ScenarioRun of(DemoOptions.Scenario scenario, int signers) throws Exception {
        StringWriter out = new StringWriter();
        DemoOptions options =
                new DemoOptions(
                        scenario,
                        signers,
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
        return new ScenarioRun(lines);
    }

    /// The names of all events, in order.
    List<String> names() {
        return lines.stream().map(line -> line.text("event").orElse("")).toList();
    }

    /// The events of this name.
    List<JsonObject> events(String name) {
        return lines.stream().filter(line -> line.text("event").orElse("").equals(name)).toList();
    }

    /// The last line, which says that so many signed, and shows a signature that verifies.
    JsonObject requirePaid(int signers) throws Exception {
        JsonObject done = lines.getLast();
        assertThat(done.flag("ok")).isTrue();
        assertThat(done.integer("signers")).isEqualTo(signers);
        assertThat(done.string("blockHash")).hasSize(64);
        XOnlyPublicKey key = XOnlyPublicKey.parse(Bytes.fromHex(done.string("outputKey")));
        JsonObject input = done.objects("inputs").getFirst();
        assertThat(
                        Schnorr.verify(
                                key,
                                Bytes.fromHex(input.string("sighash")).toArray(),
                                new SchnorrSignature(Bytes.fromHex(input.string("signature")))))
                .isTrue();
        return done;
    }
}
