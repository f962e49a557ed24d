package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.app.cli.Main;

import java.util.List;

class JavaCommandTest {
    private static final String FLAG = "-XX:+DisableAttachMechanism";

    private final JavaCommand java = new JavaCommand(Main.class);

    @Test
    void nobodyAttachesToTheJvmOfANode() {
        List<String> line = java.line(List.of("node", "--config", "alice.toml"));
        assertThat(line).contains(FLAG);
        assertThat(line.indexOf(FLAG)).isLessThan(line.indexOf("node"));
        assertThat(line).endsWith("node", "--config", "alice.toml");
    }

    @Test
    void whatHoldsNoKeyMayBeLookedAt() {
        assertThat(java.line(List.of("regtest", "--listen", "127.0.0.1:0"))).doesNotContain(FLAG);
    }
}
