package org.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;

/// `./tutti signer`: what signers advertise, and who is found.
@Command(
        name = "signer",
        mixinStandardHelpOptions = true,
        description = {
            "Advertise what this node co-signs, and find others who do. The running node needs"
                    + " [requests] in its configuration.",
            "%nAll that an advert says is its signer's claim; only its key and its peer have signed"
                    + " it. Verified are those for whom a key of vouchers in [requests] vouches."
        },
        subcommands = {
            SignerAdvertiseCommand.class,
            SignerWithdrawCommand.class,
            SignerListCommand.class,
            SignerWatchCommand.class,
            SignerVouchCommand.class
        })
final class SignerCommand implements Runnable {
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
