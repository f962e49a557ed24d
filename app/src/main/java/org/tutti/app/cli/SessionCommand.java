package org.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `./tutti session`: how far the signing of requests is.
@Command(
        name = "session",
        mixinStandardHelpOptions = true,
        description = {
            "Look at the sessions in which requests are signed; those of a configured group are in"
                    + " status.",
            "%nPhases: round-1 (public nonces are exchanged), round-2 (partial signatures are"
                    + " exchanged: from here on it may be signed), combining, signed, aborted (another"
                    + " is made while the request counts)."
        },
        subcommands = {
            SessionListCommand.class,
            SessionShowCommand.class,
            SessionWatchCommand.class,
            SessionRoundCommand.class
        })
final class SessionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
