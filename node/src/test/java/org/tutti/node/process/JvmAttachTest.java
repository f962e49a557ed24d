package org.tutti.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;

class JvmAttachTest {
    @Test
    void whatTheJvmWasStartedWithIsSaid() {
        boolean closed =
                ManagementFactory.getRuntimeMXBean()
                        .getInputArguments()
                        .contains("-XX:+DisableAttachMechanism");
        assertThat(JvmAttach.open().isEmpty()).isEqualTo(closed);
    }

    @Test
    void aJvmThatDoesNotSayIsNotTrusted() {
        assertThat(JvmAttach.open(null)).contains("this JVM does not say");
    }
}
