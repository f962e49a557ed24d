package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

@Timeout(60)
class MdnsCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void saysWhoItIsAndEndsWithOneResult() throws Exception {
        int code =
                run("p2p", "mdns", "--seconds", "1", "--listen", "/ip4/127.0.0.1/tcp/0", "--json");
        assertThat(code).as(err.toString()).isIn(ExitCodes.OK, ExitCodes.ENVIRONMENT);
        List<String> lines = out.toString().lines().toList();
        JsonObject first = JsonLine.parse(lines.getFirst());
        assertThat(first.string("event")).isEqualTo("listening");
        assertThat(first.strings("addresses")).hasSize(1);
        if (code == ExitCodes.OK) {
            assertThat(JsonLine.parse(lines.getLast()).flag("ok")).isTrue();
        } else {
            // A machine without multicast says so.
            assertThat(err.toString()).contains("multicast");
        }
    }

    @Test
    void noTimeAtAllIsAMistakeInTheCommand() {
        assertThat(run("p2p", "mdns", "--seconds", "0")).isEqualTo(ExitCodes.USAGE);
    }
}
