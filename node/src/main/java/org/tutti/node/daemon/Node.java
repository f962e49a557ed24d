package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.node.config.HostPort;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.control.ControlServer;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.files.IoReason;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.KeyStoreException;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.journal.JournalException;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.SessionTimeouts;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.policy.CoinLocks;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// A signing node while it runs.
///
/// Started in this order, each needing the ones before: data folder (locked) → keys → group and
/// wallet → host (members only) → light client → signing service (replays the journal) →
/// connections to all members → control socket. Closed in the opposite order; a start that fails
/// closes what it had opened.
///
/// Threads: the caller's starts and closes; one virtual thread looks every second whether a payment
/// needs help. Everything else belongs to the parts.
public final class Node implements AutoCloseable {
    private static final Duration HELP_EVERY = Duration.ofSeconds(1);

    /// How long an approval waits for the next block when the chain may only be behind.
    private static final Duration BLOCK_PATIENCE = Duration.ofSeconds(2);

    private final EventSink events;
    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = Clock.systemUTC();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable NodeException> failure = new AtomicReference<>();

    /// What is open, the last opened first. Guarded by itself.
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private Node(EventSink events) {
        this.events = events;
    }

    /// Starts a node.
    ///
    /// @param data its data folder, which `tutti node init` made
    /// @throws NodeException saying what stands in the way; nothing is left open then
    public static Node start(NodeConfig config, Path data, EventSink events) {
        Node node = new Node(events);
        try {
            node.open(config, data);
            return node;
        } catch (RuntimeException e) {
            node.closeAll();
            throw e;
        }
    }

    private void open(NodeConfig config, Path data) {
        opened(DataFolder.lock(data));
        NodeKeys keys = opened(keys(data));
        Setup setup = Setup.of(config, keys);
        reportStart(config, setup);
        Host host = opened(host(config, keys, setup));

        UtxoStore coins = new UtxoStore(setup.wallet());
        ConfirmationTracker tracker = new ConfirmationTracker();
        AtomicReference<@Nullable LightClient> client = new AtomicReference<>();
        Payments payments =
                new Payments(coins, tracker, tx -> broadcast(client.get(), tx), events, clock);
        ChainReports chain = new ChainReports(coins, tracker, payments, events, this::fail);
        CoinLocks reservations = new CoinLocks();
        PaymentApproval approval =
                new PaymentApproval(
                        setup.wallet(),
                        coins,
                        setup.policy(),
                        reservations,
                        opened(spending(config, data)),
                        BLOCK_PATIENCE,
                        clock);

        SigningService signing =
                opened(signing(config, data, keys, setup, host, approval, payments));
        startHost(host);
        events.emit(
                new NodeEvent.Listening(
                        host.peerId().toString(),
                        host.addresses().stream().map(Multiaddr::toString).toList()));
        client.set(opened(lightClient(config, chain)));
        signing.start();
        MemberConnector mesh = opened(new MemberConnector(host, others(setup), events, random));
        mesh.start();
        NodeControl commands =
                new NodeControl(
                        setup,
                        coins,
                        coin -> reservations.isLocked(coin, clock.instant()),
                        chain,
                        payments,
                        mesh,
                        signing);
        opened(control(data, commands));
        Thread helper = Thread.ofVirtual().name("payments-help").start(() -> help(payments));
        opened(helper::interrupt);
    }

    private void reportStart(NodeConfig config, Setup setup) {
        events.emit(
                new NodeEvent.Started(
                        setup.self().peerId().toString(),
                        setup.self().signingKey().bytes().toHex(),
                        config.network().name().toLowerCase(Locale.ROOT),
                        setup.group().size(),
                        setup.wallet().internalKey().bytes().toHex(),
                        setup.wallet().outputKey().bytes().toHex(),
                        setup.wallet().address().text(),
                        setup.wallet().scriptPubKey().toHex()));
    }

    private static NodeKeys keys(Path data) {
        try {
            return new KeyStore(data).open();
        } catch (KeyStoreException e) {
            throw new NodeException("KEYSTORE", Kind.CONFIGURATION, e.reason(), e);
        }
    }

    private Host host(NodeConfig config, NodeKeys keys, Setup setup) {
        Multiaddr listen =
                config.listen()
                        .orElseGet(() -> setup.self().addresses().getFirst().withoutPeerId());
        return Host.builder()
                .identity(keys.identity())
                .listen(listen)
                .gater(setup.group().gater())
                .random(random)
                .build();
    }

    private static void startHost(Host host) {
        try {
            host.start();
        } catch (TransportException e) {
            String code =
                    e.code() == TransportException.Code.ADDRESS_IN_USE
                            ? "PORT_IN_USE"
                            : "CANNOT_LISTEN";
            throw new NodeException(code, Kind.ENVIRONMENT, code + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new NodeException(
                    "CANNOT_LISTEN", Kind.ENVIRONMENT, "cannot listen: " + e.getMessage(), e);
        }
    }

    private SigningService signing(
            NodeConfig config,
            Path data,
            NodeKeys keys,
            Setup setup,
            Host host,
            PaymentApproval approval,
            Payments payments) {
        try {
            return SigningService.builder()
                    .host(host)
                    .identity(keys.identity())
                    .group(setup.group())
                    .signingKey(keys.signing())
                    .approval(approval)
                    .dataFolder(data)
                    .timeouts(
                            new SessionTimeouts(
                                    config.timeouts().readiness(),
                                    config.timeouts().nonces(),
                                    config.timeouts().partials()))
                    .clock(clock)
                    .random(random)
                    .listener(new SessionReports(setup.self(), payments, approval, events))
                    .build();
        } catch (JournalException e) {
            throw new NodeException(
                    "JOURNAL_" + e.code(),
                    Kind.ENVIRONMENT,
                    data.resolve("journal") + ": " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new NodeException(
                    "JOURNAL_IO",
                    Kind.ENVIRONMENT,
                    data.resolve("journal") + ": cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private DailySpending spending(NodeConfig config, Path data) {
        OptionalLong limit = config.policy().maxAmountPerDaySat();
        if (limit.isEmpty()) {
            return DailySpending.unlimited();
        }
        Path file = data.resolve("approved");
        try {
            return DailySpending.open(file, Sat.of(limit.getAsLong()), clock);
        } catch (IOException e) {
            throw new NodeException(
                    "APPROVED_IO",
                    Kind.ENVIRONMENT,
                    file + ": cannot be used: " + IoReason.of(e),
                    e);
        }
    }

    private LightClient lightClient(NodeConfig config, ChainReports chain) {
        LightClient.Builder builder =
                LightClient.builder()
                        .network(config.network())
                        .birthday(Math.max(1, config.birthday()))
                        .listener(chain)
                        .clock(clock);
        for (HostPort peer : config.bitcoinPeers()) {
            builder.peer(peer.host(), peer.port());
        }
        return builder.start();
    }

    private static boolean broadcast(@Nullable LightClient client, Transaction transaction) {
        return client != null && client.broadcast(transaction);
    }

    private static List<MemberConnector.Other> others(Setup setup) {
        return setup.group().members().stream()
                .filter(member -> !member.equals(setup.self()))
                .map(member ->
                        new MemberConnector.Other(
                                member.peerId(), member.addresses().getFirst().withoutPeerId()))
                .toList();
    }

    private static ControlServer control(Path data, NodeControl handler) {
        try {
            return ControlServer.listen(data.resolve("control.sock"), handler);
        } catch (IOException e) {
            throw new NodeException(
                    "CONTROL_SOCKET",
                    Kind.ENVIRONMENT,
                    "the control socket cannot be opened: " + e.getMessage(),
                    e);
        }
    }

    private static void help(Payments payments) {
        try {
            while (true) {
                Thread.sleep(HELP_EVERY);
                payments.help();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Remembers what to close.
    private <T extends AutoCloseable> T opened(T part) {
        synchronized (open) {
            open.push(part);
        }
        return part;
    }

    /// A node that follows the chain no longer must not look alive: it ends, and whoever watches it
    /// starts it again. What it acknowledged is on disk.
    private void fail(Throwable defect) {
        failure.compareAndSet(
                null,
                new NodeException(
                        "DEFECT",
                        Kind.DEFECT,
                        "the chain is followed no longer: " + defect,
                        defect));
        ended.countDown();
    }

    /// Waits until the node was closed.
    ///
    /// @throws NodeException if it cannot go on; close it
    public void awaitEnd() throws InterruptedException {
        ended.await();
        NodeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    /// Whether the node ended within this time.
    public boolean awaitEnd(Duration patience) throws InterruptedException {
        return ended.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Ends everything that was started; the second call does nothing.
    @Override
    public void close() {
        if (closeAll()) {
            events.emit(new NodeEvent.Stopped());
        }
        ended.countDown();
    }

    private boolean closeAll() {
        boolean any = false;
        while (true) {
            AutoCloseable next;
            synchronized (open) {
                next = open.poll();
            }
            if (next == null) {
                return any;
            }
            any = true;
            try {
                next.close();
            } catch (Exception e) {
                // The rest is closed nevertheless; the process ends with it.
            }
        }
    }
}
