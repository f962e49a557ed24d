package org.tutti.app.demo;

import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.control.ControlClient;
import org.tutti.node.control.NodeNotRunningException;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonObject;
import org.tutti.wallet.coins.GroupWallet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Signers advertise, and a node that starts later finds them: those that advertised before it came
/// through the DHT, and those that do it afterwards by gossip. It knows servers of the DHT and
/// nobody else. It asks the three that co-sign for its purpose, they sign with it, and the
/// transaction is confirmed.
final class DiscoverScenario {
    /// Servers of the DHT, none of which signs.
    private static final int SERVERS = 30;

    /// Signers that advertise when the finder is there.
    private static final int LATER = 2;

    private static final String PURPOSE = "payroll";
    private static final String OTHER_PURPOSE = "savings";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMinutes(2);

    private final DemoOptions options;
    private final Workspace workspace;
    private final Report report;
    private final OwnBitcoinPeer bitcoin;
    private final DhtServers servers;
    private final List<PublicKey> keys = new ArrayList<>();
    private final List<PeerId> peers = new ArrayList<>();
    private final Map<Integer, ManagedProcess> nodes = new HashMap<>();

    private DiscoverScenario(
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
                        + " signers that advertise, and node-1, which finds them: processes with"
                        + " keys and folders of their own");
        OwnBitcoinPeer bitcoin = OwnBitcoinPeer.start(workspace, report);
        try (DhtServers servers = new DhtServers(SERVERS, TransactionType.SWAP)) {
            report.step("dht", SERVERS + " servers of a DHT are up, which hold no signing key");
            return new DiscoverScenario(options, workspace, report, bitcoin, servers).run();
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", "the servers of the DHT: " + e.getMessage());
        }
    }

    private DemoResult run() throws DemoFailed {
        int count = options.signers() + 1;
        for (JsonObject node : Demo.initialise(workspace, count, report)) {
            keys.add(OfflineScenario.key(Demo.text(node, "signingKey")));
            peers.add(PeerId.parse(Demo.text(node, "peerId")));
        }
        int early = count - LATER;
        for (int i = 1; i < early; i++) {
            start(i);
        }
        for (int i = 1; i < early; i++) {
            node(i).await(NodeEvent.SignerAdvertised.class, Deadline.in(START));
        }
        servers.awaitAdverts(TransactionType.SWAP, peers.subList(1, early), Deadline.in(STEP));
        report.step("advertised", (early - 1) + " signers advertise, and the DHT has it");

        start(0);
        node(0).await(NodeEvent.Listening.class, Deadline.in(START));
        Map<String, SignerInfo> found = new LinkedHashMap<>();
        find(found, early - 1);
        for (int i = early; i < count; i++) {
            start(i);
        }
        for (int i = early; i < count; i++) {
            String key = OfflineScenario.text(keys.get(i));
            NodeEvent.SignerDiscovered event =
                    node(0).await(
                                    NodeEvent.SignerDiscovered.class,
                                    e -> e.signer().equals(key),
                                    Deadline.in(STEP))
                            .event();
            report.found(key, event.via());
        }
        find(found, count - 1);
        return sign(found);
    }

    /// Looks until so many are found; tells those that are new and came through the DHT.
    private void find(Map<String, SignerInfo> found, int count) throws DemoFailed {
        Deadline deadline = Deadline.in(STEP);
        while (found.size() < count) {
            for (SignerInfo signer : search().signers()) {
                if (found.putIfAbsent(signer.key(), signer) == null
                        && signer.via().filter("cache"::equals).isEmpty()) {
                    report.found(signer.key(), signer.via().orElse(""));
                }
            }
            if (deadline.nanosLeft() < 0) {
                throw new DemoFailed("TIMED_OUT", "only " + found.size() + " signers were found");
            }
            pause();
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

    private Signers search() throws DemoFailed {
        try {
            return new ControlClient(workspace.folder().resolve("node-1"), STEP)
                    .findSigners(SignerQuery.of(List.of(TransactionType.SWAP.word())));
        } catch (NodeNotRunningException e) {
            return new Signers(List.of(), "", false); // It listens before it can be asked.
        } catch (ApiException e) {
            throw new DemoFailed(e.code(), "node-1: " + e.reason());
        }
    }

    /// The finder and those whose adverts name its purpose.
    private DemoResult sign(Map<String, SignerInfo> found) throws DemoFailed {
        List<ManagedProcess> chosen = new ArrayList<>(List.of(node(0)));
        List<PublicKey> signers = new ArrayList<>(List.of(keys.getFirst()));
        for (int i = 1; i < keys.size(); i++) {
            Optional<SignerInfo> signer =
                    Optional.ofNullable(found.get(OfflineScenario.text(keys.get(i))));
            if (signer.filter(s -> s.purpose().equals(PURPOSE)).isPresent()) {
                chosen.add(node(i));
                signers.add(keys.get(i));
            }
        }
        report.step(
                "chosen", (signers.size() - 1) + " of " + found.size() + " co-sign for " + PURPOSE);
        StrangersSpend spend =
                new StrangersSpend(workspace, report, bitcoin, chosen, signers, STEP);
        GroupWallet wallet = spend.wallet();
        Psbt psbt = spend.fund(wallet);
        String request = spend.ask(psbt);
        chosen.getFirst()
                .await(
                        NodeEvent.RequestJoined.class,
                        e -> e.request().equals(request) && e.joined() == signers.size(),
                        Deadline.in(STEP));
        report.step("joined", "all who were asked have joined");
        return spend.signed(wallet, psbt);
    }

    /// Two of the early signers and the first of the later ones co-sign for the purpose.
    private boolean hasPurpose(int index) {
        int early = options.signers() + 1 - LATER;
        return index == 1 || index == 2 || index == early;
    }

    private ManagedProcess node(int index) {
        return Objects.requireNonNull(nodes.get(index));
    }

    private void start(int index) throws DemoFailed {
        String name = "node-" + (index + 1);
        Path config = workspace.folder().resolve(name + ".toml");
        String text =
                NodeConfigText.ofRequests(
                        name, bitcoin.address(), bitcoin.destination(), servers.addresses());
        try {
            Files.writeString(config, index == 0 ? text : text + advert(index));
        } catch (IOException e) {
            throw new DemoFailed("CANNOT_START", config + ": " + e.getMessage());
        }
        nodes.put(
                index,
                workspace.start(
                        name,
                        List.of("node", "--config", config.toString(), "--json", "--parent-watch"),
                        event -> report.event(name, event)));
    }

    private String advert(int index) {
        return """

        [requests.advertise]
        types = ["swap"]
        purpose = "%s"
        nickname = "signer-%d"
        fee_ppm = %d
        """
                .formatted(hasPurpose(index) ? PURPOSE : OTHER_PURPOSE, index, 100 * index);
    }
}
