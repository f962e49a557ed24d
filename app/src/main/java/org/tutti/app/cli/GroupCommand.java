package org.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.time.Duration;

/// `./tutti group`: lasting groups of signers who share no configuration.
@Command(
        name = "group",
        mixinStandardHelpOptions = true,
        description = {
            "Become a lasting group with signers who share no configuration with this node, each with"
                    + " a key made for the group alone. The running node needs [requests] in its"
                    + " configuration.",
            "%nAny member of a group can freeze its money, by not signing: nobody can take it, and"
                    + " nobody can spend it without all.",
            "%nPhases: proposed (you decide: consent or refuse), consented (this node has, others have"
                    + " not), sealing (all have; not all have signed), held (this node holds all"
                    + " signatures, others do not yet), formed (all members hold all signatures: the"
                    + " group has an address), failed."
        },
        subcommands = {
            GroupProposeCommand.class,
            GroupConsentCommand.class,
            GroupRefuseCommand.class,
            GroupListCommand.class,
            GroupShowCommand.class,
            GroupExportCommand.class,
            GroupImportCommand.class
        })
final class GroupCommand implements Runnable {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
