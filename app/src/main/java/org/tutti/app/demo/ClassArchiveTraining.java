package org.tutti.app.demo;

import static java.util.Objects.requireNonNull;

import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.PayRequest;
import org.tutti.node.config.ConfigException;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.control.ControlClient;
import org.tutti.node.daemon.Node;
import org.tutti.node.events.EventFormat;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.JsonEvents;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.node.process.ProcessProtection;
import org.tutti.regtest.RegtestEvents;
import org.tutti.regtest.RegtestNode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Makes a whole payment with two nodes in one process.
///
/// Run once after the build while the JVM records which classes it loads: nodes that start with
/// that archive need half the time. Here the nodes share a process; in the demo they do not.
public final class ClassArchiveTraining {
    private static final int NODES = 2;
    private static final Duration STEP = Duration.ofSeconds(60);

    private final Path folder;
    private final SecureRandom random = new SecureRandom();

    /// @param folder an empty one, short enough for the paths of Unix sockets below it
    public ClassArchiveTraining(Path folder) {
        this.folder = folder;
    }

    /// Keeps what a node reports.
    private static final class Heard implements EventSink {
        private final BlockingQueue<NodeEvent> events = new LinkedBlockingQueue<>();
        private final EventFormat json = new JsonEvents();

        @Override
        public void emit(NodeEvent event) {
            emit(Instant.now(), event);
        }

        @Override
        public void emit(Instant at, NodeEvent event) {
            // Written as a node does, for the classes that it loads.
            requireNonNull(json.line(at, event));
            events.add(event);
        }

        <T extends NodeEvent> T await(Class<T> kind) throws DemoFailed, InterruptedException {
            while (true) {
                NodeEvent event = events.poll(STEP.toSeconds(), TimeUnit.SECONDS);
                if (event == null) {
                    throw new DemoFailed("TIMED_OUT", "no " + kind.getSimpleName());
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        }
    }

    /// Returns when both nodes have seen their payment confirmed.
    ///
    /// @throws DemoFailed if that does not happen
    public void run() throws DemoFailed, InterruptedException {
        List<Node> nodes = new ArrayList<>();
        CountDownLatch arrived = new CountDownLatch(1);
        try (RegtestNode bitcoin =
                RegtestNode.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Clock.systemUTC(),
                        random,
                        new RegtestEvents() {
                            @Override
                            public void accepted(Txid txid) {
                                arrived.countDown();
                            }
                        })) {
            List<Heard> heard = start(nodes, bitcoin.host() + ":" + bitcoin.port());
            payAndConfirm(bitcoin, arrived, heard);
        } catch (IOException
                | KeyStoreException
                | ConfigException
                | AddressException
                | ApiException e) {
            throw new DemoFailed("TRAINING_FAILED", String.valueOf(e.getMessage()));
        } finally {
            nodes.forEach(Node::close);
        }
    }

    private List<Heard> start(List<Node> nodes, String bitcoinPeer)
            throws IOException, KeyStoreException, ConfigException, DemoFailed {
        List<Integer> ports = Ports.free(NODES, random);
        List<NodeConfigText.MemberLine> members = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            try (NodeKeys keys =
                    new KeyStore(folder.resolve("node-" + i)).create(Network.REGTEST, random)) {
                members.add(
                        new NodeConfigText.MemberLine(
                                keys.identity().publicKey().peerId().toString(),
                                keys.signing().publicKey().bytes().toHex(),
                                "/ip4/127.0.0.1/tcp/" + ports.get(i)));
            }
        }
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            Path config = folder.resolve("node-" + i + ".toml");
            Files.writeString(
                    config,
                    NodeConfigText.of(
                            "node-" + i,
                            members.get(i).address(),
                            bitcoinPeer,
                            BitcoinPeer.NOBODY,
                            members));
            Heard sink = new Heard();
            heard.add(sink);
            nodes.add(
                    Node.start(
                            ConfigReader.read(config),
                            folder.resolve("node-" + i),
                            ProcessProtection.NOT_ASKED_FOR,
                            sink));
        }
        return heard;
    }

    private void payAndConfirm(RegtestNode bitcoin, CountDownLatch arrived, List<Heard> heard)
            throws DemoFailed, InterruptedException, AddressException, ApiException {
        for (Heard events : heard) {
            events.await(NodeEvent.AllMembersConnected.class);
        }
        NodeApi node = new ControlClient(folder.resolve("node-0"), STEP);
        Address address = Address.parse(node.address().address(), Network.REGTEST);
        Address nobody = Address.parse(BitcoinPeer.NOBODY, Network.REGTEST);
        bitcoin.mine(2, address.scriptPubKey());
        bitcoin.mine(100, nobody.scriptPubKey());
        for (Heard events : heard) {
            awaitHeight(events, bitcoin.height());
        }
        node.pay(
                new PayRequest(
                        BitcoinPeer.NOBODY, 6_000_000_000L, Optional.empty(), Optional.of(2L)));
        heard.getFirst().await(NodeEvent.Broadcast.class);
        awaitArrival(arrived);
        bitcoin.mine(1, nobody.scriptPubKey());
        for (Heard events : heard) {
            events.await(NodeEvent.Confirmed.class);
        }
        node.status();
    }

    /// That it was asked for does not say that it has arrived: a block that is mined before has it
    /// not.
    private static void awaitArrival(CountDownLatch arrived)
            throws DemoFailed, InterruptedException {
        if (!arrived.await(STEP.toSeconds(), TimeUnit.SECONDS)) {
            throw new DemoFailed("TIMED_OUT", "no transaction arrived");
        }
    }

    private static void awaitHeight(Heard node, int height)
            throws DemoFailed, InterruptedException {
        while (node.await(NodeEvent.Tip.class).height() < height) {
            // An earlier tip.
        }
    }
}
