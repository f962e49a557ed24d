package org.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `./tutti evidence verify FILE`
@Command(
        name = "evidence",
        mixinStandardHelpOptions = true,
        description = "Check files that prove a signer's misbehaviour.",
        subcommands = EvidenceVerifyCommand.class)
final class EvidenceCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
