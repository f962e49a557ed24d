package org.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;

/// `./tutti request`: what signers who share no group ask one another.
@Command(
        name = "request",
        mixinStandardHelpOptions = true,
        description = {
            "Ask signers to sign together with this node, or answer what they ask: signers are named by"
                    + " their keys and share no group. The running node needs [requests] in its"
                    + " configuration.",
            "%nPhases: fetching (its transaction has not arrived), judging (the policy looks at it),"
                    + " awaiting-approval (you decide: join or refuse), joined (this node has, others"
                    + " have not), ready (all have joined), signing, signed, may-be-signed (no session"
                    + " is made any more, but partial signatures have left)."
        },
        subcommands = {
            RequestCreateCommand.class,
            RequestListCommand.class,
            RequestShowCommand.class,
            RequestJoinCommand.class,
            RequestRefuseCommand.class,
            RequestWithdrawCommand.class,
            RequestReleaseCommand.class,
            RequestAddressCommand.class
        })
final class RequestCommand implements Runnable {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
