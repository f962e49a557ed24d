package org.tutti.app.demo;

import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.control.ControlClient;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Real processes for a test: nodes numbered from 1, and the Bitcoin fixture.
final class Cluster implements AutoCloseable {
    static final Duration STEP = Duration.ofSeconds(60);

    /// Height of the chain once the nodes have coins to spend.
    static final int FUNDED = 102;

    private static final String NOBODY = BitcoinPeer.NOBODY;

    private final Workspace workspace;
    private final String bitcoinAddress;
    private final List<NodeConfigText.MemberLine> members = new ArrayList<>();
    private final List<ManagedProcess> nodes = new ArrayList<>();
    private final Set<String> everWaiting = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<JsonObject> statuses = new LinkedBlockingQueue<>();
    private ManagedProcess bitcoin;
    private UnaryOperator<String> edit = UnaryOperator.identity();
    private int restarts;

    private Cluster(Workspace workspace) throws DemoFailed {
        this.workspace = workspace;
        this.bitcoin = startBitcoin("127.0.0.1:0");
        this.bitcoinAddress = Demo.text(bitcoin.await("listening", Deadline.in(STEP)), "address");
    }

    /// Starts `size` nodes, funds them, and waits until all see it.
    static Cluster start(int size) throws Exception {
        return start(size, UnaryOperator.identity());
    }

    /// The same with an edited configuration.
    static Cluster start(int size, UnaryOperator<String> edit) throws Exception {
        Cluster cluster =
                new Cluster(
                        Workspace.create(
                                false, new CountDownLatch(0), new JavaCommand(Main.class)));
        try {
            cluster.startNodes(size, edit);
            cluster.fund();
            return cluster;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    private ManagedProcess startBitcoin(String listen) throws DemoFailed {
        return workspace.start(
                "bitcoin-" + restarts++,
                List.of(
                        "regtest",
                        "--exit-on-eof",
                        "--listen",
                        listen,
                        "--blocks",
                        blocks().toString()),
                this::bitcoinSaid);
    }

    private void bitcoinSaid(JsonObject event) {
        if (event.text("event").orElse("").equals("mempool")) {
            everWaiting.add(event.text("txid").orElse(""));
        } else if (event.text("event").orElse("").equals("status")) {
            statuses.add(event);
        }
    }

    /// The transactions that the Bitcoin fixture's memory pool ever took.
    Set<String> everWaiting() {
        return Set.copyOf(everWaiting);
    }

    /// Those that it has now.
    List<String> waiting() throws DemoFailed, InterruptedException {
        statuses.clear();
        bitcoin.tell("status");
        JsonObject status = statuses.poll(STEP.toSeconds(), TimeUnit.SECONDS);
        if (status == null) {
            throw new DemoFailed("TIMED_OUT", "the Bitcoin peer does not say its status");
        }
        return status.strings("mempool");
    }

    /// The Bitcoin fixture's blocks.
    Path blocks() {
        return workspace.folder().resolve("blocks");
    }

    private void startNodes(int size, UnaryOperator<String> edit) throws DemoFailed, IOException {
        this.edit = edit;
        List<Integer> ports = Ports.free(size, new SecureRandom());
        for (int i = 1; i <= size; i++) {
            JsonObject keys = init(data(i));
            members.add(
                    new NodeConfigText.MemberLine(
                            Demo.text(keys, "peerId"),
                            Demo.text(keys, "signingKey"),
                            "/ip4/127.0.0.1/tcp/" + ports.get(i - 1)));
        }
        for (int i = 1; i <= size; i++) {
            nodes.add(startNode(i, edit));
        }
        for (ManagedProcess node : nodes) {
            node.await("mesh-complete", Deadline.in(STEP));
        }
    }

    /// In this process: the command itself is the matter of other tests.
    private static JsonObject init(Path data) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Main.run(
                        new PrintWriter(out),
                        new PrintWriter(err),
                        "node",
                        "init",
                        "--data",
                        data.toString(),
                        "--network",
                        "regtest",
                        "--json");
        if (code != ExitCodes.OK) {
            throw new IllegalStateException("node init ended with " + code + ": " + err);
        }
        try {
            return JsonLine.parse(out.toString().strip());
        } catch (JsonLineException e) {
            throw new IOException("node init said " + out, e);
        }
    }

    private ManagedProcess startNode(int number, UnaryOperator<String> edit)
            throws DemoFailed, IOException {
        String name = "node-" + number;
        Path config = workspace.folder().resolve(name + ".toml");
        String toml =
                NodeConfigText.of(
                        name, members.get(number - 1).address(), bitcoinAddress, NOBODY, members);
        Files.writeString(
                config,
                edit.apply(
                        toml.replace(
                                "[bitcoin]",
                                "[timeouts]\nnonces_seconds = 2\n"
                                        + "partials_seconds = 2\n\n[bitcoin]")));
        return workspace.start(
                name + "-" + restarts++,
                List.of("node", "--config", config.toString(), "--json", "--parent-watch"),
                event -> {});
    }

    ManagedProcess node(int number) {
        return nodes.get(number - 1);
    }

    /// The Bitcoin fixture.
    ManagedProcess bitcoin() {
        return bitcoin;
    }

    Path folder() {
        return workspace.folder();
    }

    Path data(int number) {
        return workspace.folder().resolve("node-" + number);
    }

    /// Ends the node as kill -9 does, starts it again with its configuration edited, and waits
    /// until it is connected and knows the chain.
    ManagedProcess killAndRestart(int number, UnaryOperator<String> edit) throws Exception {
        node(number).kill();
        ManagedProcess fresh = restart(number, edit);
        fresh.await("mesh-complete", Deadline.in(STEP));
        return fresh;
    }

    /// Starts a node again that has ended, and waits for nothing.
    ManagedProcess restart(int number) throws Exception {
        return restart(number, edit);
    }

    private ManagedProcess restart(int number, UnaryOperator<String> edit) throws Exception {
        ManagedProcess fresh = startNode(number, edit);
        nodes.set(number - 1, fresh);
        return fresh;
    }

    /// Starts the Bitcoin fixture again after it has ended: it has its blocks, and an empty memory
    /// pool.
    void restartBitcoin() throws DemoFailed {
        bitcoin = startBitcoin(bitcoinAddress);
        bitcoin.await("listening", Deadline.in(STEP));
    }

    /// Starts a command of Tutti as a process of its own.
    ManagedProcess command(String... args) throws DemoFailed {
        return workspace.start("command-" + restarts++, List.of(args), event -> {});
    }

    /// Kills the node, and starts a hostile member with its keys.
    ManagedProcess replaceByMallory(int number) throws DemoFailed {
        node(number).kill();
        List<String> command =
                new JavaCommand(HostileMember.class)
                        .line(List.of(data(number) + ".toml", data(number).toString()));
        return workspace.startCommand("mallory", command, event -> {});
    }

    String peerId(int number) {
        return members.get(number - 1).peerId();
    }

    /// The group's address.
    String address() throws DemoFailed {
        return Demo.text(node(1).await("agreed", Deadline.in(STEP)), "address");
    }

    /// All data folders.
    List<Path> folders() {
        return IntStream.rangeClosed(1, members.size()).mapToObj(this::data).toList();
    }

    private void fund() throws Exception {
        mine(2, address());
        mine(FUNDED - 2, NOBODY);
        for (ManagedProcess node : nodes) {
            awaitHeight(node, FUNDED);
        }
    }

    static void awaitHeight(ManagedProcess node, int height) throws DemoFailed {
        node.await(
                "height " + height,
                e -> e.text("event").orElse("").equals("tip") && e.number("height") >= height,
                Deadline.in(STEP));
    }

    void mine(int count, String address) throws DemoFailed {
        bitcoin.tell("mine " + count + " " + address);
    }

    /// Asks a node to pay, and waits for the end of the session.
    PaymentResult pay(int number, long amountSat, long feeRate) throws ApiException {
        return api(number)
                .pay(new PayRequest(NOBODY, amountSat, Optional.of(feeRate), Optional.of(2L)));
    }

    NodeStatus status(int number) throws ApiException {
        return api(number).status();
    }

    NodeApi api(int number) {
        return new ControlClient(data(number), STEP);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
