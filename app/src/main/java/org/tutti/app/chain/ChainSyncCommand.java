package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.peers.PeerManager;
import org.tutti.lightclient.store.FileHeaderStore;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.lightclient.sync.LightClient;
import org.tutti.lightclient.sync.SyncStatus;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// `./tutti chain sync --peer HOST:PORT`
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        description = {
            "Fetch all headers from Bitcoin peers, check them by all rules and keep them; ends when caught"
                    + " up with one peer and verified against all others.",
            "A later run fetches only what is new. On a terminal it shows how far it is; with --json it"
                    + " prints one object per event, and the result last.",
            "Exit code 1 if for --give-up-after seconds nothing comes, or no peer agrees."
        })
final class ChainSyncCommand implements Callable<Integer> {
    private static final int MAX_SECONDS = 1_000_000;

    @Mixin private final ChainOptions options = new ChainOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--peer",
            required = true,
            paramLabel = "HOST:PORT",
            arity = "1..*",
            split = ",",
            description = "A Bitcoin peer; several are verified against each other.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> peers;

    @Option(
            names = "--give-up-after",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "Give up when for so long no header comes and no peer agrees; 0 never does (default:"
                            + " ${DEFAULT-VALUE}).")
    private int giveUpAfter;

    /// Something that the client told.
    private sealed interface Told {
        record Status(SyncStatus status) implements Told {}

        record Peer(String name, boolean connected, String detail) implements Told {}

        record Failed(Throwable defect) implements Told {}
    }

    @Override
    public Integer call() {
        List<PeerAddress> addresses = PeerOptions.addresses(peers);
        if (giveUpAfter < 0 || giveUpAfter > MAX_SECONDS) {
            throw ChainOptions.usage("--give-up-after: 0 to " + MAX_SECONDS);
        }
        BlockingQueue<Told> told = new LinkedBlockingQueue<>();
        long start = System.nanoTime();
        try (LightClient client = start(addresses, listener(told::add))) {
            return follow(client, told, start);
        } catch (HeaderStoreException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("INTERRUPTED", ExitCodes.INTERRUPTED, "interrupted", e);
        }
    }

    private LightClient start(List<PeerAddress> addresses, ChainListener listener) {
        FileHeaderStore store = options.open();
        try {
            LightClient.Builder builder =
                    LightClient.builder()
                            .network(options.network())
                            .headers(store)
                            .headersOnly()
                            .listener(listener);
            addresses.forEach(builder::peer);
            return builder.start();
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static CommandFailed failed(HeaderStoreException e) {
        return new CommandFailed(
                "CHAIN_" + e.code(), ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }

    private static ChainListener listener(Consumer<Told> told) {
        return new ChainListener() {
            @Override
            public void status(SyncStatus status) {
                told.accept(new Told.Status(status));
            }

            @Override
            public void peerConnected(String peer, String userAgent) {
                told.accept(new Told.Peer(peer, true, userAgent));
            }

            @Override
            public void peerLost(String peer, DisconnectReason reason) {
                told.accept(new Told.Peer(peer, false, reason.toString()));
            }

            @Override
            public void failed(Throwable defect) {
                told.accept(new Told.Failed(defect));
            }
        };
    }

    private int follow(LightClient client, BlockingQueue<Told> told, long start)
            throws InterruptedException {
        SyncPrinter printer = options.syncPrinter(spec.commandLine().getOut());
        int lastHeight = client.status().height();
        long lastProgress = System.nanoTime();
        while (true) {
            Told next = told.poll(100, TimeUnit.MILLISECONDS);
            switch (next) {
                case Told.Status(SyncStatus status) -> printer.status(status);
                case Told.Peer(String name, boolean connected, String detail) ->
                        printer.peer(name, connected, detail);
                case Told.Failed(HeaderStoreException e) -> throw failed(e);
                case Told.Failed(Throwable e) ->
                        throw new CommandFailed(
                                "DEFECT", ExitCodes.DEFECT, "the chain is not followed: " + e, e);
                case null -> {
                    // Look at the status all the same.
                }
            }
            SyncStatus status = client.status();
            if (status.height() != lastHeight) {
                lastHeight = status.height();
                lastProgress = System.nanoTime();
            }
            if (isDone(status)) {
                printer.end(status);
                options.print(spec.commandLine().getOut(), answer(true, status, start));
                return ExitCodes.OK;
            }
            long idle = Duration.ofNanos(System.nanoTime() - lastProgress).toSeconds();
            if (giveUpAfter > 0 && idle >= giveUpAfter) {
                printer.end(status);
                Map<String, @Nullable Object> answer = answer(false, status, start);
                SyncStatus.Obstacle why = obstacle(status);
                answer.put("code", why.code().name());
                answer.put("message", why.detail());
                options.print(spec.commandLine().getOut(), answer);
                return ExitCodes.FAILED;
            }
        }
    }

    /// Caught up, verified against all that are connected, and nobody is still to be heard first.
    private static boolean isDone(SyncStatus status) {
        return status.phase() == SyncStatus.Phase.FOLLOWING
                && status.verified()
                && status.peers().stream().noneMatch(ChainSyncCommand::isUntried);
    }

    private static boolean isUntried(SyncStatus.PeerInfo peer) {
        return peer.last().isEmpty() && peer.state() != PeerManager.State.CONNECTED;
    }

    private static SyncStatus.Obstacle obstacle(SyncStatus status) {
        return status.obstacles().isEmpty()
                ? new SyncStatus.Obstacle(
                        SyncStatus.Obstacle.Code.PEERS_SILENT, "no peer agrees with this chain")
                : status.obstacles().getFirst();
    }

    private Map<String, @Nullable Object> answer(boolean ok, SyncStatus status, long start) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("ok", ok);
        answer.put("height", (long) status.height());
        answer.put("tip", status.tip().toString());
        answer.put("work", String.format("%064x", status.chainWork()));
        answer.put("network", options.network().name());
        answer.put("tipTime", status.tipTime().getEpochSecond());
        answer.put("tipAgeSeconds", status.tipAge().toSeconds());
        answer.put("fetched", status.progress().headers());
        answer.put("bytes", status.progress().bytes());
        answer.put("seconds", Duration.ofNanos(System.nanoTime() - start).toMillis() / 1e3);
        answer.put("connected", (long) status.connected());
        answer.put("agreeing", (long) status.agreeing());
        answer.put("fresh", status.isFresh());
        answer.put("obstacles", SyncPrinter.obstacles(status));
        answer.put("peers", status.peers().stream().map(SyncPrinter::peer).toList());
        return answer;
    }
}
