package org.tutti.interop.fullnode;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A group of two real nodes pays with a real full node between it and the chain: what the full
/// node's memory pool and blocks say is what `payments` says. A payment is bumped, another one
/// cancelled.
final class PaymentChecks implements AutoCloseable {
    /// Nobody's.
    private static final String DESTINATION =
            "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    private static final List<String> MEMBERS = List.of("alice", "bob");

    private final FullNode bitcoin;
    private final Path folder;
    private final List<Process> nodes = new ArrayList<>();

    /// @param bitcoin not started yet
    PaymentChecks(FullNode bitcoin) throws IOException {
        this.bitcoin = bitcoin;
        this.folder = Files.createTempDirectory("tutti-payments-");
    }

    /// The full node is left running.
    void run(PrintStream out) throws IOException, InterruptedException {
        out.println("payments of a group");
        startNodes();
        bitcoin.start(field(tutti("address", "--data", data("alice"), "--json"), "address"));
        bitcoin.generate(101);
        for (String who : MEMBERS) {
            await(
                    () -> status(who).matches("(?s).*\"spendableCoins\":[1-9].*"),
                    who + " sees a coin that it may spend");
        }
        out.println("  " + bump());
        out.println("  " + cancel());
    }

    private void startNodes() throws IOException, InterruptedException {
        StringBuilder members = new StringBuilder();
        for (String who : MEMBERS) {
            String listen = "/ip4/127.0.0.1/tcp/" + freePort();
            tutti("node", "init", "--data", data(who), "--network", "regtest", "--listen", listen);
            members.append(Files.readString(folder.resolve(who).resolve("member.toml")));
        }
        for (String who : MEMBERS) {
            Path config =
                    Files.writeString(
                            folder.resolve(who + ".toml"),
                            """
                            network = "regtest"
                            [bitcoin]
                            peers = ["127.0.0.1:%d"]
                            [policy]
                            max_amount_sat = 100000000
                            max_amount_per_day_sat = 200000000
                            max_fee_sat = 100000
                            destinations = ["%s"]
                            """
                                            .formatted(bitcoin.p2pPort(), DESTINATION)
                                    + members);
            List<String> command =
                    command("node", "--config", config.toString(), "--data", data(who), "--json");
            nodes.add(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve(who + ".out").toFile())
                            .start());
        }
        for (String who : MEMBERS) {
            await(
                    () -> tryTutti("address", "--data", data(who), "--json").contains("\"bcrt1"),
                    who + " knows the group's address");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String bump() throws IOException, InterruptedException {
        String first = pay("rent");
        awaitInPool(first);
        String second = replace("bump", "rent");
        awaitInPool(second);
        require(!bitcoin.hasInMemoryPool(first), "the first version is gone from the pool");
        mine(1);
        awaitState(second, "confirmed");
        awaitState(first, "conflicted");
        mine(5);
        awaitState(first, "replaced");
        return "bumped: " + second + " in place of " + first;
    }

    private String cancel() throws IOException, InterruptedException {
        String first = pay("gift");
        awaitInPool(first);
        String second = replace("cancel", "gift");
        awaitInPool(second);
        require(!bitcoin.hasInMemoryPool(first), "the cancelled version is gone from the pool");
        mine(6);
        awaitState(second, "confirmed");
        awaitState(first, "replaced");
        String again = tryTutti(payCommand("gift"));
        require(again.contains("\"CANCELLED\""), "a cancelled payment is not made: " + again);
        return "cancelled: " + second + " in place of " + first;
    }

    private String[] payCommand(String key) {
        return new String[] {
            "pay",
            "--data",
            data("alice"),
            "--to",
            DESTINATION,
            "--amount-sat",
            "1000000",
            "--key",
            key,
            "--json"
        };
    }

    private String pay(String key) throws IOException, InterruptedException {
        return field(tutti(payCommand(key)), "txid");
    }

    private String replace(String how, String key) throws IOException, InterruptedException {
        return field(tutti("payments", how, key, "--data", data("alice"), "--json"), "txid");
    }

    private void awaitInPool(String txid) throws IOException, InterruptedException {
        await(
                () -> bitcoin.hasInMemoryPool(txid),
                bitcoin.name() + " has " + txid + " in its memory pool");
    }

    private void mine(int blocks) throws IOException, InterruptedException {
        bitcoin.generate(blocks);
    }

    private void awaitState(String txid, String state) throws IOException, InterruptedException {
        for (String who : MEMBERS) {
            await(
                    () ->
                            tryTutti("payments", "show", txid, "--data", data(who), "--json")
                                    .contains("\"state\":\"" + state + "\""),
                    who + " says of " + txid + " that it is " + state);
        }
    }

    private String status(String who) throws IOException, InterruptedException {
        return tryTutti("status", "--data", data(who), "--json");
    }

    private String data(String who) {
        return folder.resolve(who).toString();
    }

    // Commands.

    private static List<String> command(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.tutti.app.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /// What the command prints.
    private String tutti(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(arguments)).redirectErrorStream(true).start();
        String said = words(process);
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", arguments) + ": " + said);
        }
        return said;
    }

    /// The same, also where the command fails.
    private String tryTutti(String... arguments) throws IOException, InterruptedException {
        return words(new ProcessBuilder(command(arguments)).redirectErrorStream(true).start());
    }

    private static String words(Process process) throws IOException, InterruptedException {
        String said =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }

    private static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("no " + name + " in " + json);
        }
        return found.group(1);
    }

    private static void await(FullNode.Question question, String otherwise)
            throws IOException, InterruptedException {
        FullNode.await(question, otherwise);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException("not so: " + otherwise);
        }
    }

    @Override
    public void close() throws IOException {
        for (Process node : nodes) {
            node.destroy();
        }
        for (Process node : nodes) {
            try {
                if (!node.waitFor(10, TimeUnit.SECONDS)) {
                    node.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                node.destroyForcibly();
            }
        }
        FullNode.delete(folder);
    }
}
