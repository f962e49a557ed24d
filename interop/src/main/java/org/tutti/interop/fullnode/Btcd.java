package org.tutti.interop.fullnode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A btcd on regtest with a folder of its own, started and stopped at will, and its btcctl.
final class Btcd implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path btcd;
    private final Path btcctl;
    private final Path folder;
    private final int p2pPort;
    private final int rpcPort;
    private @Nullable Process process;

    /// @param binaries folder with `btcd` and `btcctl`
    /// @param folder for data and logs; the caller removes it
    Btcd(Path binaries, Path folder) throws IOException {
        this.btcd = binaries.resolve("btcd");
        this.btcctl = binaries.resolve("btcctl");
        this.folder = folder;
        this.p2pPort = freePort();
        this.rpcPort = freePort();
        Files.writeString(folder.resolve("empty.conf"), "");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int p2pPort() {
        return p2pPort;
    }

    /// Starts it, with rewards going to an address.
    void start(String miningAddress) throws IOException, InterruptedException {
        process =
                new ProcessBuilder(
                                btcd.toString(),
                                "--regtest",
                                "--configfile=" + folder.resolve("empty.conf"),
                                "--datadir=" + folder.resolve("data"),
                                "--logdir=" + folder.resolve("logs"),
                                "--rpcuser=u",
                                "--rpcpass=p",
                                "--notls",
                                "--rpclisten=127.0.0.1:" + rpcPort,
                                "--listen=127.0.0.1:" + p2pPort,
                                "--miningaddr=" + miningAddress)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("btcd.out").toFile())
                        .start();
        awaitPort(p2pPort, process);
        awaitPort(rpcPort, process);
    }

    private static void awaitPort(int port, Process running)
            throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(TIMEOUT);
        while (true) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!running.isAlive() || Instant.now().isAfter(deadline)) {
                    throw new IOException("btcd does not listen on " + port, e);
                }
                Thread.sleep(50);
            }
        }
    }

    /// What btcctl answers.
    ///
    /// @throws IOException with its words if it fails
    String ctl(String... command) throws IOException, InterruptedException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                btcctl.toString(),
                                "--configfile=" + folder.resolve("empty.conf"),
                                "--regtest",
                                "--rpcuser=u",
                                "--rpcpass=p",
                                "--notls",
                                "-s",
                                "127.0.0.1:" + rpcPort));
        all.addAll(List.of(command));
        Process ctl = new ProcessBuilder(all).redirectErrorStream(true).start();
        String answer =
                new String(ctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (ctl.waitFor() != 0) {
            throw new IOException("btcctl " + String.join(" ", command) + ": " + answer);
        }
        return answer;
    }

    void stop() throws InterruptedException {
        Process running = process;
        process = null;
        if (running != null) {
            running.destroy();
            if (!running.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().join();
        }
    }
}
