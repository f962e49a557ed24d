package org.tutti.app.demo;

import org.tutti.coordinator.message.TransactionType;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.control.ControlClient;
import org.tutti.node.control.NodeNotRunningException;
import org.tutti.node.events.NodeEvent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Nodes whose configurations have nothing in common but the address of one server of a DHT: they
/// advertise, the first finds the others and proposes a group, all consent, and the group is funded
/// and pays. The driver says for each operator what an operator would say: "yes", by these rules.
final class StrangersScenario {
    /// Servers of the DHT, of which the nodes know the address of the first.
    private static final int SERVERS = 5;

    private static final String POLICY = "up to 100 BTC a payment, to one address, fee 0.001 BTC";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMinutes(2);

    private final DemoOptions options;
    private final Workspace workspace;
    private final Report report;
    private final OwnBitcoinPeer bitcoin;
    private final DhtServers servers;
    private final List<ManagedProcess> nodes = new ArrayList<>();

    private StrangersScenario(
            DemoOptions options,
            Workspace workspace,
            Report report,
            OwnBitcoinPeer bitcoin,
            DhtServers servers) {
        this.options = options;
        this.workspace = workspace;
        this.report = report;
        this.bitcoin = bitcoin;
        this.servers = servers;
    }

    static DemoResult run(DemoOptions options, Workspace workspace, Report report)
            throws DemoFailed {
        report.step(
                "start",
                options.signers()
                        + " signers, each a process with keys and a folder of its own, none of"
                        + " which knows another");
        OwnBitcoinPeer bitcoin = OwnBitcoinPeer.start(workspace, report);
        try (DhtServers servers = new DhtServers(SERVERS, 1, TransactionType.CUSTODY)) {
            report.step("dht", SERVERS + " servers of a DHT are up, one of which they know");
            return new StrangersScenario(options, workspace, report, bitcoin, servers).run();
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", "the servers of the DHT: " + e.getMessage());
        }
    }

    private DemoResult run() throws DemoFailed {
        Demo.initialise(workspace, options.signers(), report);
        for (int i = 0; i < options.signers(); i++) {
            nodes.add(start(i));
        }
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.SignerAdvertised.class, Deadline.in(START));
        }
        List<String> found = find();
        report.step("found", "node-1 found " + found.size() + " signers by their adverts");
        NodeEvent.GroupFormed formed = form(found);
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.AllMembersConnected.class, Deadline.in(STEP));
        }
        NodeEvent.Agreed group = Demo.agreeOnGroup(nodes);
        if (!group.address().equals(formed.address())) {
            throw new DemoFailed("DISAGREE", "the group's wallet has another address");
        }
        return Demo.fundAndPay(workspace, report, nodes, group, bitcoin);
    }

    /// The keys of all others, each found once.
    private List<String> find() throws DemoFailed {
        Deadline deadline = Deadline.in(STEP);
        Map<String, SignerInfo> found = new LinkedHashMap<>();
        while (found.size() < options.signers() - 1) {
            for (SignerInfo signer : search()) {
                if (found.putIfAbsent(signer.key(), signer) == null) {
                    report.found(signer.key(), signer.via().orElse(""));
                }
            }
            if (deadline.nanosLeft() < 0) {
                throw new DemoFailed("TIMED_OUT", "only " + found.size() + " signers were found");
            }
            pause();
        }
        return List.copyOf(found.keySet());
    }

    private List<SignerInfo> search() throws DemoFailed {
        try {
            return ask(0).findSigners(SignerQuery.of(List.of(TransactionType.CUSTODY.word())))
                    .signers();
        } catch (NodeNotRunningException e) {
            return List.of(); // It listens before it can be asked.
        } catch (ApiException e) {
            throw new DemoFailed(e.code(), "node-1: " + e.reason());
        }
    }

    private static void pause() throws DemoFailed {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailed("INTERRUPTED", "interrupted");
        }
    }

    /// Node-1 proposes, all consent.
    private NodeEvent.GroupFormed form(List<String> members) throws DemoFailed {
        String proposal;
        try {
            GroupInfo proposed =
                    ask(0).proposeGroup(
                                    new GroupOrder(
                                            "strangers",
                                            members,
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.of(POLICY),
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.empty()));
            proposal = proposed.proposal();
        } catch (ApiException e) {
            throw new DemoFailed(e.code(), "node-1: " + e.reason());
        }
        report.step("propose", "node-1 proposes a group to whom it found");
        for (int i = 1; i < nodes.size(); i++) {
            nodes.get(i)
                    .await(
                            NodeEvent.GroupProposed.class,
                            e -> e.proposal().equals(proposal),
                            Deadline.in(STEP));
            try {
                ask(i).consentToGroup(proposal, POLICY);
            } catch (ApiException e) {
                throw new DemoFailed(e.code(), nodes.get(i).name() + ": " + e.reason());
            }
        }
        NodeEvent.GroupFormed first = formed(nodes.getFirst());
        for (ManagedProcess node : nodes) {
            if (!formed(node).equals(first)) {
                throw new DemoFailed("DISAGREE", node.name() + " has another group than node-1");
            }
        }
        report.step(
                "formed",
                "every node holds the signatures of all: group %s, whose first address is %s"
                        .formatted(first.descriptor(), first.address()));
        return first;
    }

    private static NodeEvent.GroupFormed formed(ManagedProcess node) throws DemoFailed {
        return node.await(NodeEvent.GroupFormed.class, Deadline.in(STEP));
    }

    private ControlClient ask(int index) {
        return new ControlClient(workspace.folder().resolve("node-" + (index + 1)), STEP);
    }

    private ManagedProcess start(int index) throws DemoFailed {
        String name = "node-" + (index + 1);
        Path config = workspace.folder().resolve(name + ".toml");
        try {
            Files.writeString(
                    config,
                    NodeConfigText.ofStrangers(
                            name,
                            bitcoin.address(),
                            bitcoin.destination(),
                            servers.addresses().getFirst(),
                            name));
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", config + ": " + e.getMessage());
        }
        return workspace.start(
                name,
                List.of("node", "--config", config.toString(), "--json", "--parent-watch"),
                event -> report.event(name, event));
    }
}
