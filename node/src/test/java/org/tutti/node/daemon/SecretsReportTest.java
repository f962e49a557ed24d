package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.musig.memory.MemoryProtection;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.process.ProcessProtection;

import java.util.List;
import java.util.Optional;

class SecretsReportTest {
    private static final ProcessProtection PROTECTED =
            new ProcessProtection(Optional.empty(), Optional.empty());

    @Test
    void whereEverythingCouldBeHadNothingIsMissing() {
        assertThat(SecretsReport.of(MemoryProtection.FULL, PROTECTED, Optional.empty()))
                .isEqualTo(new NodeStatus.Secrets(true, true, true, true, true, List.of()));
    }

    @Test
    void whatCouldNotBeHadIsSaidWithTheReason() {
        assertThat(
                        SecretsReport.of(
                                new MemoryProtection(
                                        Optional.of("mlock: not permitted"),
                                        Optional.of("this system has no madvise")),
                                new ProcessProtection(
                                        Optional.of("prctl: error 22"),
                                        Optional.of("setrlimit: not permitted")),
                                Optional.of("started without -XX:+DisableAttachMechanism")))
                .isEqualTo(
                        new NodeStatus.Secrets(
                                false,
                                false,
                                false,
                                false,
                                false,
                                List.of(
                                        "they may be written to swap (mlock: not permitted)",
                                        "they may be in a core file (this system has no madvise)",
                                        "other processes of this user may read this one's memory"
                                                + " (prctl: error 22)",
                                        "a crash may leave a core file"
                                                + " (setrlimit: not permitted)",
                                        "other processes of this user may attach to the JVM"
                                                + " (started without"
                                                + " -XX:+DisableAttachMechanism)")));
    }

    @Test
    void oneThingMissingDoesNotHideTheOthers() {
        NodeStatus.Secrets secrets =
                SecretsReport.of(
                        new MemoryProtection(Optional.of("mlock: error 12"), Optional.empty()),
                        PROTECTED,
                        Optional.empty());
        assertThat(secrets)
                .isEqualTo(
                        new NodeStatus.Secrets(
                                false,
                                true,
                                true,
                                true,
                                true,
                                List.of("they may be written to swap (mlock: error 12)")));
    }
}
