package org.tutti.app.demo;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonObject;
import org.tutti.wallet.coins.GroupWallet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Signers who know one another's keys and are no configured group: one is away when another asks,
/// and the one who asked is gone when it returns. It gets the request from a third, who is found in
/// the DHT; when all are back, they sign, and the transaction is confirmed.
final class OfflineScenario {
    /// Servers of the DHT, none of which signs.
    private static final int SERVERS = 3;

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMinutes(2);

    private final DemoOptions options;
    private final Workspace workspace;
    private final Report report;
    private final OwnBitcoinPeer bitcoin;
    private final List<ManagedProcess> nodes = new ArrayList<>();
    private final List<PublicKey> keys = new ArrayList<>();
    private final List<Multiaddr> servers = new ArrayList<>();

    private OfflineScenario(
            DemoOptions options, Workspace workspace, Report report, OwnBitcoinPeer bitcoin) {
        this.options = options;
        this.workspace = workspace;
        this.report = report;
        this.bitcoin = bitcoin;
    }

    static DemoResult run(DemoOptions options, Workspace workspace, Report report)
            throws DemoFailed {
        report.step(
                "start",
                options.signers()
                        + " signers who share no configuration, each a process with keys and a"
                        + " folder of its own");
        OwnBitcoinPeer bitcoin = OwnBitcoinPeer.start(workspace, report);
        return new OfflineScenario(options, workspace, report, bitcoin).run();
    }

    private DemoResult run() throws DemoFailed {
        List<JsonObject> made = Demo.initialise(workspace, options.signers(), report);
        for (JsonObject node : made) {
            keys.add(key(Demo.text(node, "signingKey")));
        }
        startServers();
        for (int i = 1; i <= options.signers(); i++) {
            nodes.add(startNode(i));
        }
        for (ManagedProcess node : nodes) {
            node.await(NodeEvent.Listening.class, Deadline.in(START));
        }
        int away = options.signers() - 1;
        try (ContactWatch watch = new ContactWatch(servers, Network.REGTEST)) {
            watch.awaitContacts(keys, Deadline.in(STEP));
            report.step("contacts", "every signer can be found in the DHT by its key");
            StrangersSpend spend =
                    new StrangersSpend(workspace, report, bitcoin, nodes, keys, STEP);
            GroupWallet wallet = spend.wallet();
            Psbt psbt = spend.fund(wallet);

            end(away, "signer-away");
            String request = spend.ask(psbt);
            for (int i = 1; i < away; i++) {
                nodes.get(i).await(NodeEvent.RequestArrived.class, Deadline.in(STEP));
            }
            nodes.getFirst()
                    .await(
                            NodeEvent.RequestJoined.class,
                            e -> e.joined() == options.signers() - 1,
                            Deadline.in(STEP));
            report.step("joined", "all who are there have joined");
            // The requester, too, keeps it: of those who stay, at least one must.
            watch.awaitHolders(keys.get(away), 2, Deadline.in(STEP));
            end(0, "requester-left");

            begin(away, "signer-returned");
            nodes.get(away)
                    .await(
                            NodeEvent.RequestArrived.class,
                            e -> e.request().equals(request) && !e.byRequester(),
                            Deadline.in(STEP));
            begin(0, "requester-returned");
            return spend.signed(wallet, psbt);
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", "the driver's look at the DHT: " + e.getMessage());
        }
    }

    private void startServers() throws DemoFailed {
        for (int i = 1; i <= SERVERS; i++) {
            List<String> args =
                    new ArrayList<>(
                            List.of(
                                    "p2p",
                                    "listen",
                                    "--dht",
                                    "server",
                                    "--contacts",
                                    "regtest",
                                    "--exit-on-eof",
                                    "--json"));
            for (Multiaddr server : servers) {
                args.addAll(List.of("--bootstrap", server.toString()));
            }
            String name = "dht-" + i;
            ManagedProcess server = workspace.start(name, args, event -> report.event(name, event));
            JsonObject listening = server.await("listening", Deadline.in(START));
            servers.add(Multiaddr.parse(listening.strings("addresses").getFirst()));
        }
        report.step("dht", SERVERS + " servers of a DHT are up, which hold no signing key");
    }

    private ManagedProcess startNode(int number) throws DemoFailed {
        String name = "node-" + number;
        Path config = workspace.folder().resolve(name + ".toml");
        try {
            Files.writeString(
                    config,
                    NodeConfigText.ofRequests(
                            name,
                            bitcoin.address(),
                            bitcoin.destination(),
                            servers.stream().map(Multiaddr::toString).toList()));
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", config + ": " + e.getMessage());
        }
        return workspace.start(
                name,
                List.of("node", "--config", config.toString(), "--json", "--parent-watch"),
                event -> {
                    report.event(name, event);
                    ManagedProcess.nodeEvent(event)
                            .filter(NodeEvent.RequestArrived.class::isInstance)
                            .map(NodeEvent.RequestArrived.class::cast)
                            .ifPresent(e -> report.requestReceived(name, e));
                });
    }

    private void end(int index, String event) {
        ManagedProcess node = nodes.get(index);
        workspace.end(node);
        report.signer(event, node.name(), text(keys.get(index)));
    }

    private void begin(int index, String event) throws DemoFailed {
        ManagedProcess node = startNode(index + 1);
        nodes.set(index, node);
        node.await(NodeEvent.Listening.class, Deadline.in(START));
        report.signer(event, node.name(), text(keys.get(index)));
    }

    static String text(PublicKey key) {
        return key.bytes().toHex();
    }

    static PublicKey key(String hex) throws DemoFailed {
        try {
            return PublicKey.parse(Bytes.fromHex(hex));
        } catch (KeyException | IllegalArgumentException e) {
            throw new DemoFailed("BAD_EVENT", "not a key: " + hex);
        }
    }
}
