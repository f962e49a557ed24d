package org.tutti.app.demo;

import org.tutti.app.cli.Main;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.control.ControlClient;
import org.tutti.node.json.JsonObject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Real processes for a test: nodes numbered from 1, and the Bitcoin fixture.
final class Cluster implements AutoCloseable {
    static final Duration STEP = Duration.ofSeconds(60);
    private static final String NOBODY = BitcoinPeer.NOBODY;

    private final Workspace workspace;
    private final ManagedProcess bitcoin;
    private final String bitcoinAddress;
    private final List<NodeConfigText.MemberLine> members = new ArrayList<>();
    private final List<ManagedProcess> nodes = new ArrayList<>();
    private int restarts;

    private Cluster(Workspace workspace) throws DemoFailed {
        this.workspace = workspace;
        this.bitcoin = workspace.start("bitcoin", List.of("regtest", "--exit-on-eof"), event -> {});
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

    private void startNodes(int size, UnaryOperator<String> edit) throws DemoFailed, IOException {
        List<Integer> ports = Ports.free(size, new SecureRandom());
        List<ManagedProcess> inits = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            inits.add(
                    workspace.start(
                            "init-" + i,
                            List.of(
                                    "node",
                                    "init",
                                    "--data",
                                    "node-" + i,
                                    "--network",
                                    "regtest",
                                    "--json"),
                            event -> {}));
        }
        for (int i = 0; i < size; i++) {
            JsonObject keys = inits.get(i).await("keys", e -> e.flag("ok"), Deadline.in(STEP));
            members.add(
                    new NodeConfigText.MemberLine(
                            Demo.text(keys, "peerId"),
                            Demo.text(keys, "signingKey"),
                            "/ip4/127.0.0.1/tcp/" + ports.get(i)));
        }
        for (int i = 1; i <= size; i++) {
            nodes.add(startNode(i, edit));
        }
        for (ManagedProcess node : nodes) {
            node.await("mesh-complete", Deadline.in(STEP));
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
                name + (restarts++ == 0 ? "" : "-" + restarts),
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
        ManagedProcess fresh = startNode(number, edit);
        nodes.set(number - 1, fresh);
        fresh.await("mesh-complete", Deadline.in(STEP));
        return fresh;
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
        mine(100, NOBODY);
        for (ManagedProcess node : nodes) {
            awaitHeight(node, 102);
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

    private NodeApi api(int number) {
        return new ControlClient(data(number), STEP);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
