package org.tutti.app.p2p;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `./tutti p2p key|listen|ping|identify|echo|perf|mdns|dht`
@Command(
        name = "p2p",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Use libp2p alone: make an identity, run a peer, try one, or look who is near.",
        subcommands = {
            KeyCommand.class,
            ListenCommand.class,
            PingCommand.class,
            IdentifyCommand.class,
            EchoCommand.class,
            PerfCommand.class,
            MdnsCommand.class,
            DhtCommand.class
        })
public final class P2pCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
