package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.VouchInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `./tutti signer vouch KEY --data DIR`
@Command(
        name = "vouch",
        mixinStandardHelpOptions = true,
        description =
                "Vouch for the key of another signer with this node's: it gives what this prints with"
                        + " its advert, and who has this node's key among vouchers takes it as"
                        + " verified.")
final class SignerVouchCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "KEY",
            description = "66 hex digits, or a name of [requests.contacts].")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String key;

    @Option(
            names = "--days",
            paramLabel = "DAYS",
            defaultValue = "365",
            description = "How long it counts, up to ten years (default: ${DEFAULT-VALUE}).")
    private long days;

    @Override
    public Integer call() {
        VouchInfo answer =
                control.ask(
                        SignerCommand.TIMEOUT,
                        node -> node.vouchFor(key, Math.multiplyExact(days, 86_400L)));
        spec.commandLine()
                .getOut()
                .println(control.json ? ControlOptions.jsonLine(answer) : answer.vouch());
        return ExitCodes.OK;
    }
}
