package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.musig.secp256k1.NativeLibrary;
import org.tutti.regtest.RegtestMain;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// `./tutti regtest`: the Bitcoin peer of demo and tests as a process.
@Command(
        name = "regtest",
        mixinStandardHelpOptions = true,
        description = {
            "Run a regtest Bitcoin peer. It is a FIXTURE for the demo and for tests: it keeps nothing on"
                    + " disk and mines only when told to.",
            "Standard input, one command a line: mine N ADDRESS, reorg N, status, quit.",
            "Standard output, one JSON object a line: listening, mined, reorged, mempool, tx-refused,"
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

    @Option(names = "--exit-on-eof", description = "End when standard input ends.")
    private boolean exitOnEof;

    @Option(names = "--json", description = "Accepted as elsewhere; output is always JSON lines.")
    private boolean json;

    @Override
    public Integer call() {
        int colon = listen.lastIndexOf(':');
        if (colon < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--listen: HOST:PORT is needed, not " + listen);
        }
        // At once, and not with the first transaction.
        NativeLibrary.require();
        String host = listen.substring(0, colon).replaceAll("^\\[|\\]$", "");
        List<String> args =
                new ArrayList<>(List.of("--host", host, "--port", listen.substring(colon + 1)));
        if (exitOnEof) {
            args.add("--exit-on-eof");
        }
        if (json) {
            args.add("--json");
        }
        return switch (RegtestMain.run(args, System.in, System.out, System.err)) {
            case RegtestMain.OK -> ExitCodes.OK;
            case RegtestMain.USAGE -> ExitCodes.USAGE;
            default -> ExitCodes.ENVIRONMENT;
        };
    }
}
