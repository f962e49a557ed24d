package org.tutti.app.demo;

import org.tutti.node.api.ApiException;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.control.ControlClient;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.TemporaryFolder;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/// A whole payment on one machine, made by processes that share nothing.
///
/// The driver starts them, hands out public configuration, tells the Bitcoin peer to mine, asks one
/// node to pay (as `./tutti pay` does) and reads what the nodes report. It holds no key, signs
/// nothing, relays nothing, broadcasts nothing.
public final class Demo {
    private static final int MAX_PORT_ROUNDS = 5;
    private static final int COINS = 2;

    /// What one node keeps in its folder, with much room to spare.
    private static final long BYTES_OF_NODE = 2L << 20;

    private static final int COINBASE_MATURITY = 100;
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofSeconds(60);

    /// The last JSON line of a demo that failed.
    private record Failure(String event, boolean ok, String code, String message) {}

    private final DemoOptions options;
    private final Report report;
    private final RandomGenerator random;
    private final JavaCommand java;
    private final CountDownLatch lastLine = new CountDownLatch(1);
    private boolean environmentFailed;

    /// @param random where free ports are drawn from; nothing secret
    /// @param mainClass whose `main` runs the commands of `./tutti`
    public Demo(
            DemoOptions options,
            PrintWriter out,
            boolean json,
            RandomGenerator random,
            Class<?> mainClass) {
        this.options = options;
        this.report = new Report(out, json);
        this.random = random;
        this.java = new JavaCommand(mainClass);
    }

    /// Runs the demo and prints its last line when every process has ended.
    ///
    /// @return whether all of it happened in every node
    public boolean run() {
        try {
            DemoResult result = runAndEnd();
            report.done(JsonRecords.fields(result.line()), result.text());
            return true;
        } catch (DemoFailed e) {
            environmentFailed = e.environment();
            report.done(
                    JsonRecords.fields(new Failure("done", false, e.code(), e.reason())),
                    "The demo failed, " + e.code() + ": " + e.reason());
            return false;
        } finally {
            lastLine.countDown();
        }
    }

    /// Whether the surroundings were to blame when [#run()] returned false.
    public boolean environmentFailed() {
        return environmentFailed;
    }

    /// Returns when every process has ended.
    private DemoResult runAndEnd() throws DemoFailed {
        Optional<String> fault =
                TemporaryFolder.fault(
                        TemporaryFolder.ofThisProcess(), options.signers() * BYTES_OF_NODE);
        if (fault.isPresent()) {
            throw DemoFailed.because(/* environment= */ true, "CANNOT_START", fault.get());
        }
        try (Workspace workspace = Workspace.create(options.keep(), lastLine, java)) {
            try {
                return switch (options.scenario()) {
                    case PAYMENT -> run(workspace);
                    case OFFLINE -> OfflineScenario.run(options, workspace, report);
                    case STRANGERS -> StrangersScenario.run(options, workspace, report);
                    case DISCOVER -> DiscoverScenario.run(options, workspace, report);
                };
            } catch (DemoFailed e) {
                // Ctrl-C ends the processes, and whatever was waited for fails because of that.
                throw workspace.isClosing() ? new DemoFailed("INTERRUPTED", "interrupted") : e;
            } finally {
                if (options.keep()) {
                    report.step("kept", "everything is kept in " + workspace.folder());
                }
            }
        }
    }

    private DemoResult run(Workspace workspace) throws DemoFailed {
        report.step(
                "start",
                options.signers() + " signers, each a process with keys and a folder of its own");
        BitcoinPeer bitcoin = BitcoinPeer.start(options, workspace, report);
        List<JsonObject> keys = initialise(workspace, options.signers(), report);
        List<ManagedProcess> nodes = startNodes(workspace, keys, bitcoin);
        NodeEvent.Agreed group = agreeOnGroup(nodes);
        String address = group.address();
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.AllMembersConnected.class, Deadline.in(STEP));
        }
        report.step(
                "mesh",
                "every node is connected to every other, the group's address is " + address);

        return fundAndPay(workspace, report, nodes, group, bitcoin);
    }

    /// From an address to a confirmed payment from it.
    static DemoResult fundAndPay(
            Workspace workspace,
            Report report,
            List<ManagedProcess> nodes,
            NodeEvent.Agreed group,
            BitcoinPeer bitcoin)
            throws DemoFailed {
        bitcoin.fund(group.address());
        Funds funds = awaitFunds(nodes, bitcoin.timeout());
        report.step(
                "funded",
                "every node found %d coins in blocks that it checked, tip %d"
                        .formatted(funds.coins().size(), funds.height()));

        String txid = pay(workspace.folder().resolve("node-1"), funds, bitcoin, report).txid();
        Signatures signatures = Signatures.await(nodes, txid, Deadline.in(STEP));
        report.step(
                "signed",
                "every node has the signatures, %.1f ms after the announcement"
                        .formatted(signatures.announceToSignatureMillis()));
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.Checked.class, e -> e.txid().equals(txid), Deadline.in(STEP));
        }
        // A peer that mines at once may confirm before it is known to have taken the transaction.
        nodes.getFirst()
                .await(
                        "that a Bitcoin peer took the transaction",
                        e -> ManagedProcess.nodeEvent(e).filter(n -> isTaken(n, txid)).isPresent(),
                        Deadline.in(STEP));
        bitcoin.confirm(txid);
        NodeEvent.Confirmed confirmed = awaitConfirmed(nodes, txid, bitcoin.timeout());
        report.step("confirmed", "every node checked the Merkle branch of " + txid);
        return new DemoResult(nodes.size(), group, signatures, confirmed);
    }

    /// Every node makes its own keys; what comes back is public.
    static List<JsonObject> initialise(Workspace workspace, int signers, Report report)
            throws DemoFailed {
        List<ManagedProcess> processes = new ArrayList<>();
        for (int i = 1; i <= signers; i++) {
            processes.add(
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
        List<JsonObject> keys = new ArrayList<>();
        for (ManagedProcess process : processes) {
            keys.add(process.await("its keys", e -> e.flag("ok"), Deadline.in(START)));
            workspace.end(process);
        }
        report.step("keys", "every node made its keys in its own folder");
        return keys;
    }

    private List<ManagedProcess> startNodes(
            Workspace workspace, List<JsonObject> keys, BitcoinPeer bitcoin) throws DemoFailed {
        for (int round = 1; ; round++) {
            List<NodeConfigText.MemberLine> members = members(keys);
            List<ManagedProcess> nodes = new ArrayList<>();
            try {
                for (int i = 1; i <= keys.size(); i++) {
                    nodes.add(startNode(workspace, i, members, bitcoin));
                }
                for (ManagedProcess node : nodes) {
                    node.await(NodeEvent.Listening.class, Deadline.in(START));
                }
                return nodes;
            } catch (DemoFailed e) {
                if (!e.code().equals("PORT_IN_USE") || round == MAX_PORT_ROUNDS) {
                    throw e;
                }
                report.step("ports", "a port was taken meanwhile, starting again with others");
                nodes.forEach(workspace::end);
            }
        }
    }

    private List<NodeConfigText.MemberLine> members(List<JsonObject> keys) throws DemoFailed {
        List<Integer> ports = Ports.free(keys.size(), random);
        List<NodeConfigText.MemberLine> members = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            members.add(
                    new NodeConfigText.MemberLine(
                            text(keys.get(i), "peerId"),
                            text(keys.get(i), "signingKey"),
                            "/ip4/127.0.0.1/tcp/" + ports.get(i)));
        }
        return members;
    }

    private ManagedProcess startNode(
            Workspace workspace,
            int number,
            List<NodeConfigText.MemberLine> members,
            BitcoinPeer bitcoin)
            throws DemoFailed {
        String name = "node-" + number;
        Path config = workspace.folder().resolve(name + ".toml");
        String toml =
                NodeConfigText.of(
                        name,
                        members.get(number - 1).address(),
                        bitcoin.address(),
                        bitcoin.destination(),
                        members);
        try {
            Files.writeString(config, toml);
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", config + ": " + e.getMessage());
        }
        return workspace.start(
                name,
                List.of("node", "--config", config.toString(), "--json", "--parent-watch"),
                event -> report.event(name, event));
    }

    /// Every node derived the group by itself and has the others' agreement: they must have come to
    /// the same.
    static NodeEvent.Agreed agreeOnGroup(List<ManagedProcess> nodes) throws DemoFailed {
        NodeEvent.Agreed first = nodes.getFirst().await(NodeEvent.Agreed.class, Deadline.in(START));
        for (ManagedProcess node : nodes) {
            NodeEvent.Agreed other = node.await(NodeEvent.Agreed.class, Deadline.in(START));
            if (!other.equals(first)) {
                throw new DemoFailed(
                        "DISAGREE",
                        "%s derived another group than node-1: %s, %s"
                                .formatted(node.name(), other, first));
            }
        }
        return first;
    }

    private static Funds awaitFunds(List<ManagedProcess> nodes, Duration timeout)
            throws DemoFailed {
        Deadline deadline = Deadline.in(timeout);
        Funds first = new Funds(COINBASE_MATURITY, COINS);
        for (ManagedProcess node : nodes) {
            Funds funds = node == nodes.getFirst() ? first : new Funds(COINBASE_MATURITY, COINS);
            node.await(
                    COINS + " coins that can be spent",
                    e -> ManagedProcess.nodeEvent(e).filter(funds::see).isPresent(),
                    deadline);
        }
        return first;
    }

    private static PaymentResult pay(Path data, Funds funds, BitcoinPeer bitcoin, Report report)
            throws DemoFailed {
        long amount = Math.min(funds.sumOf(COINS) * 6 / 10, NodeConfigText.MAX_AMOUNT_SAT);
        report.step("pay", "asking node-1 to pay %d sat from two coins".formatted(amount));
        try {
            return new ControlClient(data, STEP)
                    .pay(
                            new PayRequest(
                                    bitcoin.destination(),
                                    amount,
                                    Optional.empty(),
                                    Optional.of((long) COINS)));
        } catch (ApiException e) {
            throw new DemoFailed(e.code(), "node-1: " + e.reason());
        }
    }

    static NodeEvent.Confirmed awaitConfirmed(
            List<ManagedProcess> nodes, String txid, Duration timeout) throws DemoFailed {
        Deadline deadline = Deadline.in(timeout);
        NodeEvent.Confirmed first = null;
        for (ManagedProcess node : nodes) {
            NodeEvent.Confirmed event =
                    node.await(NodeEvent.Confirmed.class, e -> e.txid().equals(txid), deadline)
                            .event();
            if (first == null) {
                first = event;
            } else if (!first.blockHash().equals(event.blockHash())) {
                throw new DemoFailed("DISAGREE", node.name() + " sees another block than node-1");
            }
        }
        if (first == null) {
            throw new IllegalStateException("no nodes");
        }
        return first;
    }

    private static boolean isTaken(NodeEvent event, String txid) {
        return switch (event) {
            case NodeEvent.Broadcast sent -> sent.txid().equals(txid);
            case NodeEvent.Confirmed confirmed -> confirmed.txid().equals(txid);
            default -> false;
        };
    }

    static String text(JsonObject object, String field) throws DemoFailed {
        try {
            return object.string(field);
        } catch (JsonLineException e) {
            throw new DemoFailed("BAD_EVENT", e.reason());
        }
    }
}
