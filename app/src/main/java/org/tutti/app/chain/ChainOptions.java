package org.tutti.app.chain;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.lightclient.headers.ChainStart;
import org.tutti.lightclient.headers.HeaderChain;
import org.tutti.lightclient.headers.HeaderEntry;
import org.tutti.lightclient.headers.HeaderStoreException;
import org.tutti.lightclient.store.FileHeaderStore;
import org.tutti.node.json.JsonLine;

import picocli.CommandLine.Option;

import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Which chain a command is about, and how it answers.
final class ChainOptions {
    @Option(
            names = "--network",
            required = true,
            paramLabel = "NAME",
            description = "mainnet, testnet3, testnet4, signet or regtest.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String networkName;

    @Option(
            names = "--signet-challenge",
            paramLabel = "HEX",
            description = "With --network signet: the challenge script of another signet.")
    private @Nullable String signetChallenge;

    @Option(
            names = {"--data-dir", "--data"},
            paramLabel = "DIR",
            defaultValue = ".",
            description =
                    "The data folder, which has the headers in DIR/chain (default: the current folder)."
                            + " No node may be running on it.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path data;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    Network network() {
        Optional<Network> known = Network.byName(networkName);
        if (known.isEmpty()) {
            throw usage(
                    "--network: not one of "
                            + Network.all().stream()
                                    .map(Network::name)
                                    .collect(Collectors.joining(", ")));
        }
        if (signetChallenge == null) {
            return known.get();
        }
        if (known.get().signetChallenge().isEmpty()) {
            throw usage("--signet-challenge: only signets have a challenge");
        }
        try {
            return Network.signet(Script.fromHex(signetChallenge));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(
                    "BAD_CHALLENGE", ExitCodes.USAGE, "--signet-challenge: not hex digits", e);
        }
    }

    static CommandFailed usage(String message) {
        return new CommandFailed("USAGE", ExitCodes.USAGE, message);
    }

    boolean exists() {
        return Files.exists(folder().resolve("headers"));
    }

    private Path folder() {
        return data.resolve("chain");
    }

    /// Runs something on the chain that is there.
    <T> T withChain(Function<HeaderChain, T> action) {
        Network network = network();
        if (!exists()) {
            throw new CommandFailed(
                    "NO_CHAIN",
                    ExitCodes.ENVIRONMENT,
                    folder()
                            + ": no headers of "
                            + network
                            + "; ./tutti chain import, or a node, puts them there");
        }
        return withChain(Optional.empty(), action);
    }

    /// Runs something on the chain that is there, or on a new one.
    <T> T withChain(Optional<ChainStart> start, Function<HeaderChain, T> action) {
        Network network = network();
        try (FileHeaderStore store =
                start.isPresent()
                        ? FileHeaderStore.open(folder(), network, start.get())
                        : FileHeaderStore.open(folder(), network)) {
            return action.apply(new HeaderChain(network, store, new SecureRandom()));
        } catch (HeaderStoreException e) {
            throw new CommandFailed(
                    "CHAIN_" + e.code(), ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
        }
    }

    /// The folder that has all of it.
    Path data() {
        return data;
    }

    boolean json() {
        return json;
    }

    /// The headers that are there, or a new store that begins with genesis.
    FileHeaderStore open() {
        try {
            return FileHeaderStore.open(folder(), network());
        } catch (HeaderStoreException e) {
            throw new CommandFailed(
                    "CHAIN_" + e.code(), ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
        }
    }

    /// A bar only where somebody looks.
    SyncPrinter syncPrinter(PrintWriter out) {
        boolean isTerminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        return new SyncPrinter(
                out,
                json
                        ? SyncPrinter.Form.JSON
                        : isTerminal ? SyncPrinter.Form.TERMINAL : SyncPrinter.Form.LINES);
    }

    /// What every answer begins with.
    static Map<String, @Nullable Object> answer(boolean ok, HeaderChain chain) {
        HeaderEntry tip = chain.tip();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("ok", ok);
        answer.put("height", (long) tip.height());
        answer.put("tip", tip.hash().toString());
        answer.put("work", work(tip));
        return answer;
    }

    /// As `bitcoin-cli` prints it.
    static String work(HeaderEntry entry) {
        return String.format("%064x", entry.chainWork());
    }

    void print(PrintWriter out, Map<String, @Nullable Object> answer) {
        if (json) {
            out.println(JsonLine.write(answer));
            return;
        }
        answer.forEach((name, value) -> {
            if (value instanceof List<?> list) {
                list.forEach(item -> out.println("%-16s %s".formatted(name, item)));
            } else if (!name.equals("ok")) {
                out.println("%-16s %s".formatted(name, value));
            }
        });
    }
}
