package org.tutti.app.cli;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// `./tutti group propose --data DIR --name NAME --members KEY,…`
@Command(
        name = "propose",
        mixinStandardHelpOptions = true,
        description = {
            "Propose a lasting group to others, and consent to it. The group is there when all have"
                    + " consented and hold the signatures of all; only then it has an address.",
            "Any member can freeze the group's money, by not signing.",
            "With --after it follows a group of this node's: all members of that one sign it too, also"
                    + " those who are left out. No money moves: pay it yourselves."
        })
final class GroupProposeCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "What the group is called, for people; at most 64 characters.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String name;

    @Option(
            names = "--members",
            required = true,
            split = ",",
            paramLabel = "KEY",
            description =
                    "All members but this node: 66 hex digits, names of [requests.contacts], or"
                            + " KEY@PEER for one that this node has not met.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> members;

    @Option(
            names = "--fixed",
            description = "One address for ever, of bare keys, instead of as many as are wanted.")
    private boolean fixed;

    @Option(
            names = "--birthday",
            paramLabel = "HEIGHT",
            description = "It has no coins in blocks below it (default: the tip).")
    private @Nullable Long birthday;

    @Option(
            names = "--policy",
            paramLabel = "TEXT",
            description =
                    "By which rules this node will sign, in words for the others: what decides is"
                            + " [policy] in its configuration. Without any it signs nothing.")
    private @Nullable String policy;

    @Option(
            names = "--expires-in",
            paramLabel = "SECONDS",
            description = "How long members may consent, up to 14 days (default: one day).")
    private @Nullable Long expires;

    @Option(
            names = "--after",
            paramLabel = "GROUP",
            description =
                    "The group that it follows: whoever is in that and not among the members leaves.")
    private @Nullable String after;

    @Option(
            names = "--leave",
            description = "This node is one that leaves, and no member of the next.")
    private boolean leaves;

    @Override
    public Integer call() {
        GroupOrder order =
                new GroupOrder(
                        name,
                        members,
                        fixed ? Optional.of(true) : Optional.empty(),
                        Optional.ofNullable(birthday),
                        Optional.ofNullable(policy),
                        Optional.ofNullable(expires),
                        Optional.ofNullable(after),
                        leaves ? Optional.of(true) : Optional.empty());
        GroupInfo made = control.ask(GroupCommand.TIMEOUT, node -> node.proposeGroup(order));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(made));
        } else {
            GroupText.print(out, made);
            out.println("          any member can freeze the group's money, by not signing");
        }
        return ExitCodes.OK;
    }
}
