package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeStatus;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

/// `./tutti payments show ID --data DIR`
@Command(name = "show", mixinStandardHelpOptions = true, description = "Show one payment.")
final class PaymentsShowCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description =
                    "Its session or its transaction, or the first 8 digits or more of one; or the key"
                            + " that this node asked for it with.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String id;

    @Override
    public Integer call() {
        NodeStatus.Payment answer = control.ask(PaymentsCommand.TIMEOUT, node -> node.payment(id));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(answer));
        } else {
            PaymentText.print(out, answer);
        }
        return ExitCodes.OK;
    }
}
