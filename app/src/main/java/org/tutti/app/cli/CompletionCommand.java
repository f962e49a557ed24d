package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `./tutti completion`
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Print a script that completes commands and options, for bash and zsh:",
            "source <(./tutti completion)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        // Made of the commands themselves, so that nothing has to be kept in step.
        spec.commandLine().getOut().print(AutoComplete.bash("tutti", spec.root().commandLine()));
        return ExitCodes.OK;
    }
}
