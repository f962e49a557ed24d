package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.Payments;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;

/// `./tutti payments --data DIR`
@Command(
        name = "payments",
        mixinStandardHelpOptions = true,
        description = {
            "List the group's payments as the running node knows them, newest first: those that are"
                    + " being signed, too.",
            "%nStates: proposed, signing, signed (no Bitcoin peer has asked this node for it since it"
                    + " started), sent (a peer asked for it and got it), seen (a peer has it that did not get it from here),"
                    + " confirmed, conflicted (a block spends a coin of it otherwise), replaced"
                    + " (another version of it is final), failed, given-up (it can no longer be"
                    + " signed), unknown (it may still be signed: do not repeat it without its key)."
        },
        subcommands = {
            PaymentsShowCommand.class,
            PaymentsBumpCommand.class,
            PaymentsCancelCommand.class
        })
final class PaymentsCommand implements Callable<Integer> {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The running node's data folder; required.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print the answer as one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (data == null) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required option: '--data=DIR'");
        }
        ControlOptions control = new ControlOptions();
        control.data = data;
        Payments answer = control.ask(TIMEOUT, NodeApi::payments);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ControlOptions.jsonLine(answer));
            return ExitCodes.OK;
        }
        if (answer.payments().isEmpty()) {
            out.println("no payments");
        }
        for (NodeStatus.Payment payment : answer.payments()) {
            PaymentText.print(out, payment);
        }
        return ExitCodes.OK;
    }
}
