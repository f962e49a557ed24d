package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.network.Network;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.control.ControlClient;
import org.tutti.node.control.NodeNotRunningException;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `./tutti node` as a process of its own, as the kernel sees it.
@Timeout(120)
class NodeProcessTest {
    @TempDir Path folder;

    @Test
    void aNodesProcessIsNotDumpableLeavesNoCoreFileAndSaysSo() throws Exception {
        Process process =
                new ProcessBuilder(
                                Ended.java(
                                        List.of("-XX:+DisableAttachMechanism"),
                                        "node",
                                        "--config",
                                        config(),
                                        "--json"))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            awaitLine(process.inputReader(StandardCharsets.UTF_8), "\"event\":\"listening\"");
            NodeStatus.Secrets secrets = status().secrets();
            assertThat(secrets.notDumpable()).isTrue();
            assertThat(secrets.coreFilesOff()).isTrue();
            assertThat(secrets.attachOff()).isTrue();
            // Locked memory depends on the machine's limits: what is missing is said.
            assertThat(secrets.missing().isEmpty())
                    .isEqualTo(secrets.memoryLocked() && secrets.leftOutOfCoreFiles());
            Path proc = Path.of("/proc/" + process.pid());
            assertThat(Files.readString(proc.resolve("limits")))
                    .containsPattern("Max core file size +0 +0 ");
            // The kernel gives the files of a process that is not dumpable to root.
            assertThat(Files.getAttribute(proc.resolve("maps"), "unix:uid")).isEqualTo(0);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /// As a service manager tells it: SIGHUP reads the configuration again, SIGTERM ends it.
    @Test
    void aNodeHearsOfSignals() throws Exception {
        Path file = Path.of(config());
        // A signal that is ignored here, as under nohup, would be ignored there too.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.addAll(Ended.java(List.of(), "node", "--config", file.toString(), "--json"));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        // Nothing interrupts a read from a pipe but the end of its writer.
        Thread.startVirtualThread(() -> endLate(process));
        try {
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            awaitLine(lines, "\"event\":\"listening\"");
            var _ = status();
            String good = Files.readString(file);
            Files.writeString(file, good.replace("= 1000\n", "= 2000\n"));
            signal(process, "HUP");
            awaitLine(lines, "\"changes\":[\"policy.max_amount_sat = 2000\"],\"needRestart\":[]");
            Files.writeString(file, good.replace("max_fee_sat", "max_fee"));
            signal(process, "HUP");
            awaitLine(lines, "\"event\":\"reload-failed\"");
            signal(process, "TERM");
            awaitLine(lines, "\"event\":\"stopped\"");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void theLogIsAsTheConfigurationSaysAlsoAfterASignal() throws Exception {
        Path file = Path.of(config());
        String good = Files.readString(file);
        Files.writeString(file, good + "[log]\npattern = \"%level! %message\"\n");
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.addAll(Ended.java(List.of(), "node", "--config", file.toString()));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread.startVirtualThread(() -> endLate(process));
        try {
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            awaitLine(lines, "INFO! listening on ");
            var _ = status();
            Files.writeString(file, good + "[log]\npattern = \"%message %logger\"\n");
            signal(process, "HUP");
            awaitLine(lines, "the configuration was read again: log org.tutti.node");
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(100, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(
                        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                                .start()
                                .waitFor())
                .isZero();
    }

    /// The control socket opens after the node listens.
    private NodeStatus status() throws Exception {
        Path data = folder.resolve("alice");
        while (true) {
            try {
                return new ControlClient(data, Duration.ofSeconds(30)).status();
            } catch (NodeNotRunningException e) {
                Thread.onSpinWait();
            }
        }
    }

    private static void awaitLine(BufferedReader lines, String part) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(part)) {
                return;
            }
        }
        throw new AssertionError("the node ended without " + part);
    }

    private String config() throws Exception {
        StringBuilder toml =
                new StringBuilder(
                        """
                        data = "alice"
                        listen = "/ip4/127.0.0.1/tcp/0"
                        network = "regtest"
                        [bitcoin]
                        peers = ["127.0.0.1:1"]
                        [policy]
                        max_amount_sat = 1000
                        max_fee_sat = 100
                        any_destination = true
                        """);
        for (String name : List.of("alice", "bob")) {
            try (NodeKeys keys =
                    new KeyStore(folder.resolve(name))
                            .create(Network.REGTEST, new SecureRandom())) {
                toml.append(
                        """
                        [[members]]
                        peer_id = "%s"
                        signing_key = "%s"
                        address = "/ip4/127.0.0.1/tcp/1"
                        """
                                .formatted(
                                        keys.identity().publicKey().peerId(),
                                        keys.signing().publicKey().bytes()));
            }
        }
        Path file = folder.resolve("alice.toml");
        Files.writeString(file, toml);
        return file.toString();
    }
}
