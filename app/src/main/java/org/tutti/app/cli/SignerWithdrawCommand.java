package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.AdvertWithdrawn;
import org.tutti.node.api.NodeApi;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `./tutti signer withdraw --data DIR`
@Command(
        name = "withdraw",
        mixinStandardHelpOptions = true,
        description =
                "Take back whatever this node's key has advertised: a signed tombstone stands against"
                        + " it.")
final class SignerWithdrawCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        AdvertWithdrawn answer = control.ask(SignerCommand.TIMEOUT, NodeApi::withdrawAdvert);
        String text =
                answer.advertised()
                        ? "the advert of %s is taken back"
                        : "%s advertised nothing; what it may have before is taken back";
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : text.formatted(answer.key()));
        return ExitCodes.OK;
    }
}
