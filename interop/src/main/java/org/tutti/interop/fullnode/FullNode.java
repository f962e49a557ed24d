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
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A full node on loopback with a folder of its own, started and stopped at will, and the program
/// that controls it.
abstract class FullNode implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path folder;
    private final int p2pPort;
    private final int rpcPort;
    private @Nullable Process process;

    FullNode() throws IOException {
        this.folder = Files.createTempDirectory("tutti-full-node-");
        this.p2pPort = freePort();
        this.rpcPort = freePort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// For data and logs; removed by [#close].
    Path folder() {
        return folder;
    }

    int p2pPort() {
        return p2pPort;
    }

    int rpcPort() {
        return rpcPort;
    }

    // What the kinds differ in.

    abstract String name();

    /// Whether it has its chain again after a restart: btcd forgets that of regtest.
    abstract boolean keepsChain();

    /// Whether it tells why it refuses a transaction (BIP61).
    abstract boolean saysWhy();

    /// @param miningAddress where rewards go
    abstract List<String> startCommand(String miningAddress);

    abstract List<String> controlCommand();

    /// Mines blocks that pay to the address that [#start] was given.
    abstract void generate(int blocks) throws IOException, InterruptedException;

    /// Ends what [#connectTo] began.
    abstract void disconnectFrom(FullNode other) throws IOException, InterruptedException;

    // What they share.

    /// Starts it, with rewards going to an address.
    ///
    /// @param options further ones
    void start(String miningAddress, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(startCommand(miningAddress));
        command.addAll(List.of(options));
        Process started =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start();
        process = started;
        awaitPort(p2pPort, started);
        awaitPort(rpcPort, started);
        awaitAnswer(started);
    }

    private void awaitPort(int port, Process running) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(TIMEOUT);
        while (true) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                giveUpAfter(deadline, running, e);
                Thread.sleep(50);
            }
        }
    }

    private void awaitAnswer(Process running) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(TIMEOUT);
        while (true) {
            try {
                height();
                return;
            } catch (IOException e) {
                giveUpAfter(deadline, running, e);
                Thread.sleep(50);
            }
        }
    }

    private void giveUpAfter(Instant deadline, Process running, IOException e) throws IOException {
        if (!running.isAlive() || Instant.now().isAfter(deadline)) {
            String words = Files.readString(folder.resolve("out"));
            throw new IOException(name() + " does not answer: " + words, e);
        }
    }

    /// What the program that controls it answers.
    ///
    /// @throws IOException with its words if it fails
    String ctl(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(controlCommand());
        all.addAll(List.of(command));
        Process ctl = new ProcessBuilder(all).redirectErrorStream(true).start();
        String answer =
                new String(ctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (ctl.waitFor() != 0) {
            throw new IOException(name() + " " + String.join(" ", command) + ": " + answer);
        }
        return answer;
    }

    int height() throws IOException, InterruptedException {
        return Integer.parseInt(ctl("getblockcount"));
    }

    String hashAt(int height) throws IOException, InterruptedException {
        return ctl("getblockhash", Integer.toString(height));
    }

    String bestHash() throws IOException, InterruptedException {
        return ctl("getbestblockhash");
    }

    boolean hasInMemoryPool(Object txid) throws IOException, InterruptedException {
        return ctl("getrawmempool").contains(txid.toString());
    }

    void connectTo(FullNode other) throws IOException, InterruptedException {
        ctl("addnode", "127.0.0.1:" + other.p2pPort(), "add");
    }

    /// Leaves its chain from this height on; what it mines then is another one.
    void leaveFrom(int height) throws IOException, InterruptedException {
        ctl("invalidateblock", hashAt(height));
    }

    /// Waits until both have one tip.
    void awaitTipOf(FullNode other) throws IOException, InterruptedException {
        await(
                () -> bestHash().equals(other.bestHash()),
                name() + " on port " + p2pPort + " follows the other one");
    }

    /// A question to the node.
    interface Question {
        boolean ask() throws IOException, InterruptedException;
    }

    static void await(Question question, String otherwise)
            throws IOException, InterruptedException {
        await(question, TIMEOUT, otherwise);
    }

    static void await(Question question, Duration within, String otherwise)
            throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(within);
        while (!question.ask()) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("not in time: " + otherwise);
            }
            Thread.sleep(100);
        }
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
    public void close() throws IOException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().join();
        }
        delete(folder);
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
