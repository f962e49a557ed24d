package org.tutti.app.p2p;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `./tutti p2p pubsub subscribe|publish`
@Command(
        name = "pubsub",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Subscribe to topics of GossipSub or FloodSub, or publish to them.",
        subcommands = {PubsubSubscribeCommand.class, PubsubPublishCommand.class})
final class PubsubCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
