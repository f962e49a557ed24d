package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.musig.secp256k1.NativeLibrary;
import org.tutti.regtest.RegtestNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `./tutti regtest`: the Bitcoin peer of demo and tests as a process.
@Command(
        name = "regtest",
        mixinStandardHelpOptions = true,
        description = {
            "Run a regtest Bitcoin peer. It is a FIXTURE for the demo and for tests: it keeps nothing but"
                    + " its blocks and mines only when told to.",
            "Standard input, one command a line: mine N ADDRESS, reorg N, evict TXID, coins ADDRESS, status, quit.",
            "Standard output, one JSON object a line: listening, mined, reorged, mempool, evicted, tx-refused,"
                    + " client, client-lost, status, error."
        })
final class RegtestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description = "Where to listen; port 0 takes a free one (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String listen;

    @Option(
            names = "--blocks",
            paramLabel = "FILE",
            description = {
                "Keep the blocks in this file, and begin with those that it has (default: they are",
                "forgotten at the end)."
            })
    private @Nullable Path blocks;

    @Option(names = "--exit-on-eof", description = "End when standard input ends.")
    private boolean exitOnEof;

    @Option(names = "--json", description = "Accepted as elsewhere; output is always JSON lines.")
    @SuppressWarnings("UnusedVariable") // It never prints anything else.
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        InetSocketAddress address = address();
        // At once, and not with the first transaction.
        NativeLibrary.require();
        RegtestConsole console = new RegtestConsole(spec.commandLine().getOut());
        try (RegtestNode node =
                RegtestNode.start(
                        address,
                        Clock.systemUTC(),
                        new SecureRandom(),
                        console,
                        Optional.ofNullable(blocks))) {
            console.listening(node);
            boolean quit = console.readCommands(node, System.in);
            if (!quit && !exitOnEof) {
                new CountDownLatch(1).await();
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new CommandFailed(
                    "CANNOT_LISTEN",
                    ExitCodes.ENVIRONMENT,
                    "cannot listen on " + listen + ": " + e.getMessage(),
                    e);
        }
    }

    private InetSocketAddress address() {
        int colon = listen.lastIndexOf(':');
        if (colon < 1) {
            throw wrong("HOST:PORT is needed, not " + listen);
        }
        String host = listen.substring(0, colon).replaceAll("^\\[|\\]$", "");
        try {
            int port = Integer.parseInt(listen.substring(colon + 1));
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException _) {
            throw new CommandFailed(
                    "CANNOT_LISTEN", ExitCodes.ENVIRONMENT, "--listen: no such address: " + host);
        } catch (IllegalArgumentException _) {
            throw wrong("a port is a number up to 65535, not " + listen.substring(colon + 1));
        }
    }

    private ParameterException wrong(String reason) {
        return new ParameterException(spec.commandLine(), "--listen: " + reason);
    }
}
