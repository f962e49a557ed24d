package org.tutti.app.p2p;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `./tutti p2p dht put|get|provide|find-providers|find-peer`
@Command(
        name = "dht",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Use a Kademlia DHT as a client of it.",
        subcommands = {
            DhtPutCommand.class,
            DhtGetCommand.class,
            DhtProvideCommand.class,
            DhtFindProvidersCommand.class,
            DhtFindPeerCommand.class
        })
final class DhtCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
