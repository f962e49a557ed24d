package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.RecoveryAccepted;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./tutti node accept-recovery --data DIR PEERID JOURNAL`
@Command(
        name = "accept-recovery",
        mixinStandardHelpOptions = true,
        description = {
            "Accept the new journal of a member that has lost its own: this node tells it what may be"
                    + " signed or was, and nothing is signed until all members have.",
            "Compare the journal's id with what the member's operator says: whoever has its identity"
                    + " could ask for this."
        })
final class NodeAcceptRecoveryCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "PEERID", description = "The member, as status has it.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String peerId;

    @Parameters(
            index = "1",
            paramLabel = "JOURNAL",
            description = "The id of its new journal, 32 hex digits, as its operator says it.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String journal;

    @Override
    public Integer call() {
        RecoveryAccepted answer =
                control.ask(Duration.ofSeconds(10), node -> node.acceptRecovery(peerId, journal));
        spec.commandLine()
                .getOut()
                .println(
                        control.json
                                ? ControlOptions.jsonLine(answer)
                                : "accepted journal %s of %s"
                                        .formatted(answer.journal(), answer.peerId()));
        return ExitCodes.OK;
    }
}
