package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.BroadcastFault;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderStore;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.headers.MemoryHeaderStore;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.store.FilePendingTransactions;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.files.IoReason;
import org.tutti.node.json.JsonLine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// `./tutti chain broadcast --tx HEX --peer HOST:PORT`
@Command(
        name = "broadcast",
        mixinStandardHelpOptions = true,
        description = {
            "Hand a transaction to Bitcoin peers, and say what is known of it: who was told, who asked for"
                    + " it, who has it.",
            "Exit code 0 only if a peer asked for it (or has it) and another one has it that did not get"
                    + " it from here, or a block has it; where only one peer takes transactions, if that"
                    + " one asked for it and did not drop it. With --json one object per event, and the"
                    + " result last.",
            "With --data-dir it is kept there until a block has it, and announced again by the next run."
        })
final class ChainBroadcastCommand implements Callable<Integer> {
    private static final int MAX_SECONDS = 1_000_000;

    /// How many blocks below the tip are looked through for it.
    private static final int BLOCKS_BACK = 6;

    /// How long after a peer has connected it may take to be told.
    private static final Duration TELLING = Duration.ofSeconds(2);

    @Mixin private final ChainOptions options = new ChainOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--tx",
            required = true,
            paramLabel = "HEX",
            description = "The signed transaction.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String hex;

    @Option(
            names = "--peer",
            required = true,
            paramLabel = "HOST:PORT",
            arity = "1..*",
            split = ",",
            description = "A Bitcoin peer; with two or more it is seen whether it is relayed.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> peers;

    @Option(
            names = "--fee-sat",
            paramLabel = "SAT",
            description =
                    "What it leaves to the miner: peers that want more are then not told, and named.")
    private @Nullable Long fee;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for peers to show it (default: ${DEFAULT-VALUE}).")
    private int timeout;

    /// Something that the client told.
    private sealed interface Told {
        record Broadcast(BroadcastEvent event) implements Told {}

        record Peer(String name, boolean connected, String detail) implements Told {}

        record Failed(Throwable defect) implements Told {}
    }

    private static final class Queue implements ChainListener {
        private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();

        @Override
        public void broadcast(BroadcastEvent event) {
            told.add(new Told.Broadcast(event));
        }

        @Override
        public void peerConnected(String peer, String userAgent) {
            told.add(new Told.Peer(peer, true, userAgent));
        }

        @Override
        public void peerLost(String peer, DisconnectReason reason) {
            told.add(new Told.Peer(peer, false, reason.toString()));
        }

        @Override
        public void failed(Throwable defect) {
            told.add(new Told.Failed(defect));
        }
    }

    @Override
    public Integer call() {
        PendingTransaction pending = pending();
        Transaction transaction = pending.transaction();
        List<PeerAddress> addresses = PeerOptions.addresses(peers);
        if (timeout < 1 || timeout > MAX_SECONDS) {
            throw ChainOptions.usage("--timeout: 1 to " + MAX_SECONDS);
        }
        BroadcastTally tally = new BroadcastTally(transaction.txid());
        Optional<BroadcastFault> fault = BroadcastFault.of(transaction);
        if (fault.isPresent()) {
            tally.add(
                    new BroadcastEvent.NotTaken(
                            transaction.txid(), fault.get(), fault.get().text(transaction)));
            return end(tally, Optional.empty(), false);
        }
        try {
            return run(pending, addresses, tally);
        } catch (HeaderStoreException e) {
            throw failed(e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "PENDING_IO",
                    ExitCodes.ENVIRONMENT,
                    options.data().resolve("pending") + ": cannot be used: " + IoReason.of(e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("INTERRUPTED", ExitCodes.INTERRUPTED, "interrupted", e);
        }
    }

    private PendingTransaction pending() {
        if (fee != null && !Sat.isValid(fee)) {
            throw ChainOptions.usage("--fee-sat: 0 to " + Sat.MAX_VALUE);
        }
        try {
            Transaction transaction = Transaction.parse(Bytes.fromHex(hex));
            return fee == null
                    ? PendingTransaction.of(transaction)
                    : PendingTransaction.of(transaction, Sat.of(fee));
        } catch (DecodeException | IllegalArgumentException e) {
            throw new CommandFailed(
                    "USAGE", ExitCodes.USAGE, "--tx: not a transaction: " + e.getMessage(), e);
        }
    }

    private static CommandFailed failed(HeaderStoreException e) {
        return new CommandFailed(
                "CHAIN_" + e.code(), ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }

    private boolean keepsFiles() {
        return spec.commandLine().getParseResult().matchedOption("--data-dir") != null;
    }

    private int run(PendingTransaction pending, List<PeerAddress> addresses, BroadcastTally tally)
            throws IOException, InterruptedException {
        if (!keepsFiles()) {
            // Without a folder nothing of the chain is kept, and no block is fetched.
            HeaderStore store = new MemoryHeaderStore(ChainStart.genesis(options.network()));
            return follow(pending, tally, builder(addresses, store).birthday(Integer.MAX_VALUE));
        }
        int birthday = Math.max(1, tip(addresses) - BLOCKS_BACK + 1);
        try (FilePendingTransactions waiting =
                FilePendingTransactions.open(
                        options.data().resolve("pending"), options.network())) {
            return follow(
                    pending,
                    tally,
                    builder(addresses, options.open()).birthday(birthday).pending(waiting));
        }
    }

    private LightClient.Builder builder(List<PeerAddress> addresses, HeaderStore store) {
        LightClient.Builder builder =
                LightClient.builder().network(options.network()).headers(store);
        addresses.forEach(builder::peer);
        return builder;
    }

    /// Fetches the headers that are missing, as long as any come.
    ///
    /// @return the height of the last
    private int tip(List<PeerAddress> addresses) throws InterruptedException {
        try (LightClient client = builder(addresses, options.open()).headersOnly().start()) {
            int height = -1;
            long lastProgress = System.nanoTime();
            while (true) {
                SyncStatus status = client.status();
                if (status.height() != height) {
                    height = status.height();
                    lastProgress = System.nanoTime();
                }
                if (status.phase() == SyncStatus.Phase.FOLLOWING || isOver(lastProgress, timeout)) {
                    return height;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private static boolean isOver(long since, long seconds) {
        return System.nanoTime() - since >= TimeUnit.SECONDS.toNanos(seconds);
    }

    private int follow(
            PendingTransaction pending, BroadcastTally tally, LightClient.Builder builder)
            throws InterruptedException {
        Queue queue = new Queue();
        long start = System.nanoTime();
        long lastConnected = start;
        boolean mayRetry = true;
        try (LightClient client = builder.listener(queue).start()) {
            client.broadcast(pending);
            while (true) {
                Told told = queue.told.poll(100, TimeUnit.MILLISECONDS);
                switch (told) {
                    case Told.Broadcast(BroadcastEvent event) -> {
                        tally.add(event);
                        print(event);
                    }
                    case Told.Peer(String name, boolean connected, String detail) -> {
                        lastConnected = connected ? System.nanoTime() : lastConnected;
                        print(name, connected, detail);
                    }
                    case Told.Failed(HeaderStoreException e) -> throw failed(e);
                    case Told.Failed(Throwable e) ->
                            throw new CommandFailed(
                                    "DEFECT",
                                    ExitCodes.DEFECT,
                                    "the chain is not followed: " + e,
                                    e);
                    case null -> {
                        // Look at what is known all the same.
                    }
                }
                SyncStatus status = client.status();
                boolean isLate = isOver(start, timeout);
                if (tally.fault().filter(f -> f == BroadcastFault.NOT_FINAL).isPresent()
                        && mayRetry
                        && !isLate) {
                    // Perhaps our tip was only behind.
                    if (status.phase() == SyncStatus.Phase.FOLLOWING) {
                        mayRetry = false;
                        tally.clearFault();
                        client.broadcast(pending);
                    }
                    continue;
                }
                boolean allHeard =
                        status.peers().stream().noneMatch(ChainBroadcastCommand::isUntried)
                                && isOver(lastConnected, TELLING.toSeconds());
                if (tally.isSettled(allHeard) || isLate) {
                    return end(tally, Optional.of(status), allHeard);
                }
            }
        }
    }

    private static boolean isUntried(SyncStatus.PeerInfo peer) {
        return peer.last().isEmpty() && peer.state() != PeerManager.State.CONNECTED;
    }

    // --- what is printed

    private int end(BroadcastTally tally, Optional<SyncStatus> status, boolean allHeard) {
        boolean ok = tally.ok(allHeard);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("ok", ok);
        status.ifPresent(at -> {
            answer.put("height", (long) at.height());
            answer.put("tip", at.tip().toString());
            answer.put("work", String.format("%064x", at.chainWork()));
            answer.put("connected", (long) at.connected());
        });
        answer.putAll(tally.fields());
        if (!ok) {
            BroadcastTally.Failure why =
                    tally.failure(status.filter(at -> at.connected() > 0).isPresent());
            answer.put("code", why.code());
            answer.put("message", why.message());
        }
        options.print(spec.commandLine().getOut(), answer);
        return ok ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void print(String peer, boolean connected, String detail) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", connected ? "peer-connected" : "peer-lost");
        line.put("peer", peer);
        line.put(connected ? "userAgent" : "reason", detail);
        print(line, peer + (connected ? " connected: " : " lost: ") + detail);
    }

    private void print(BroadcastEvent event) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", name(event));
        line.put("txid", event.txid().toString());
        String text =
                switch (event) {
                    case BroadcastEvent.NotTaken(var _, BroadcastFault fault, String detail) -> {
                        line.put("code", fault.name());
                        line.put("message", detail);
                        yield "not announced: " + detail;
                    }
                    case BroadcastEvent.Announced(var _, String peer, var _) ->
                            peer(line, peer, "announced to %s");
                    case BroadcastEvent.HeldBack(var _, String peer) ->
                            peer(line, peer, "not told to %s, to see whether it hears of it");
                    case BroadcastEvent.Requested(var _, String peer, var _) ->
                            peer(line, peer, "asked for by %s, and sent to it");
                    case BroadcastEvent.Accepted(var _, String peer, var _) ->
                            peer(line, peer, "kept by %s, which serves it back");
                    case BroadcastEvent.Seen(var _, String peer, var _) ->
                            peer(line, peer, "relayed: %s has it, and not from here");
                    case BroadcastEvent.Dropped(var _, String peer) ->
                            peer(line, peer, "%s got it, and says that it does not have it");
                    case BroadcastEvent.Refused(var _, String peer, int code, String reason) -> {
                        line.put("reason", reason);
                        line.put("rejectCode", (long) code);
                        yield peer(line, peer, "refused by %s: ") + reason;
                    }
                    case BroadcastEvent.BelowFeeFilter(var _, String peer, long rate) -> {
                        line.put("satPerKvb", rate);
                        yield peer(line, peer, "not told to %s, which wants at least ")
                                + rate
                                + " sat/kvB";
                    }
                    case BroadcastEvent.Unseen(var _, int rounds, var _) -> {
                        line.put("rounds", (long) rounds);
                        yield "nobody has asked for it; it is announced again";
                    }
                    case BroadcastEvent.Confirmed(var _, int height) -> {
                        line.put("height", (long) height);
                        yield "confirmed in block " + height;
                    }
                    case BroadcastEvent.Conflicted(var _, var spent, var by, int height) -> {
                        line.put("height", (long) height);
                        line.put("spent", spent.toString());
                        line.put("by", by.toString());
                        yield "block %d spends %s in %s".formatted(height, spent, by);
                    }
                    case BroadcastEvent.Reopened(var _, int height) -> {
                        line.put("height", (long) height);
                        yield "block %d left the chain: announced again".formatted(height);
                    }
                    case BroadcastEvent.Displaced _ -> "no longer announced: there are newer ones";
                    case BroadcastEvent.NotSaved(var _, String reason) -> {
                        line.put("reason", reason);
                        yield "could not be saved: " + reason;
                    }
                };
        print(line, event.txid() + " " + text);
    }

    private static String name(BroadcastEvent event) {
        return event.getClass()
                .getSimpleName()
                .replaceAll("(?<=.)([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT);
    }

    private static String peer(Map<String, @Nullable Object> line, String peer, String text) {
        line.put("peer", peer);
        return text.formatted(peer);
    }

    private void print(Map<String, @Nullable Object> line, String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(options.json() ? JsonLine.write(line) : text);
        out.flush();
    }
}
