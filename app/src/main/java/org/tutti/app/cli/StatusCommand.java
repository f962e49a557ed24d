package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonObject;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

/// `./tutti status --data DIR`
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Print what the running node knows: members, chain, coins, payments.")
final class StatusCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        JsonObject status = control.ask(Map.of("op", "status"), Duration.ofSeconds(10));
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(status.line());
        } else {
            print(out, status);
        }
        return ExitCodes.OK;
    }

    private static void print(PrintWriter out, JsonObject status) {
        out.println("peer id   " + status.text("peerId").orElse("?"));
        out.println(
                "network   %s, height %d, tip %s"
                        .formatted(
                                status.text("network").orElse("?"),
                                (long) status.number("height"),
                                status.text("tip").orElse("none yet")));
        out.println("address   " + status.text("address").orElse("?"));
        for (JsonObject member : status.objects("members")) {
            out.println(
                    "member    %s %s"
                            .formatted(
                                    member.text("peerId").orElse("?"),
                                    member.flag("self")
                                            ? "this node"
                                            : member.flag("connected")
                                                    ? "connected"
                                                    : "not connected"));
        }
        out.println(
                "coins     %d, %d sat, %d sat of it spendable now"
                        .formatted(
                                status.objects("coins").size(),
                                (long) status.number("totalSat"),
                                (long) status.number("spendableSat")));
        for (JsonObject coin : status.objects("coins")) {
            out.println(
                    "coin      %s:%d  %d sat, height %d%s"
                            .formatted(
                                    coin.text("txid").orElse("?"),
                                    (long) coin.number("vout"),
                                    (long) coin.number("valueSat"),
                                    (long) coin.number("height"),
                                    coin.flag("spendable") ? "" : ", not yet mature"));
        }
        for (JsonObject payment : status.objects("payments")) {
            out.println(
                    "payment   %s  %s, %d confirmation(s)"
                            .formatted(
                                    payment.text("txid").orElse("?"),
                                    payment.text("state").orElse("?"),
                                    (long) payment.number("confirmations")));
        }
    }
}
