package org.tutti.app.cli;

import org.tutti.app.exit.ExitCodes;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.json.JsonRecords;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `./tutti status --data DIR`
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Print the running node's members, chain, coins and payments.")
final class StatusCommand implements Callable<Integer> {
    @Mixin private final ControlOptions control = new ControlOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        NodeStatus status = control.ask(Duration.ofSeconds(10), NodeApi::status);
        PrintWriter out = spec.commandLine().getOut();
        if (control.json) {
            out.println(ControlOptions.jsonLine(status));
        } else {
            print(out, status);
        }
        return ExitCodes.OK;
    }

    /// The status for people.
    static void print(PrintWriter out, NodeStatus status) {
        out.println("peer id   " + status.peerId());
        out.println(
                "network   %s, height %d, tip %s"
                        .formatted(
                                status.network(),
                                status.height(),
                                status.tip().orElse("none yet")));
        print(out, status.chain());
        boolean hasGroup = !status.members().isEmpty();
        if (hasGroup) {
            out.println(
                    "address   "
                            + status.address()
                                    .orElse("not shown before all members have agreed on it"));
        }
        printSecrets(out, status.secrets());
        if (hasGroup) {
            print(out, status.policy());
        }
        for (NodeStatus.Member member : status.members()) {
            out.println(
                    "member    %s%s %s"
                            .formatted(
                                    member.alias().map(alias -> alias + " ").orElse(""),
                                    member.peerId(),
                                    connection(member)));
        }
        if (!status.refused().isEmpty()) {
            out.println(
                    "refused   "
                            + status.refused().stream()
                                    .map(refused -> refused.count() + " " + refused.reason())
                                    .collect(Collectors.joining(", ")));
        }
        status.recovery().ifPresent(recovery -> print(out, recovery));
        if (hasGroup) {
            printCoins(out, status);
        }
        for (NodeStatus.Session session : status.sessions()) {
            out.println(
                    "session   %s of %s, attempt %d, %s, waits for %s"
                            .formatted(
                                    session.session(),
                                    name(status, session.requester()),
                                    session.attempt(),
                                    JsonRecords.name(session.phase()),
                                    session.waitedFor().isEmpty()
                                            ? "nobody"
                                            : session.waitedFor().stream()
                                                    .map(member -> name(status, member))
                                                    .collect(Collectors.joining(", "))));
        }
        for (NodeStatus.Payment payment : status.payments()) {
            PaymentText.print(out, payment);
        }
        status.groups().ifPresent(groups -> groups.forEach(group -> print(out, group)));
        status.requests()
                .ifPresent(
                        requests -> requests.forEach(request -> RequestText.print(out, request)));
    }

    private static void print(PrintWriter out, NodeStatus.FormedGroup group) {
        out.println(
                "group     %s  %s, %d of %d members connected%s"
                        .formatted(
                                group.group(),
                                group.name(),
                                group.members().stream()
                                        .filter(member -> member.self() || member.connected())
                                        .count(),
                                group.members().size(),
                                group.signs() ? "" : ", this node signs nothing for it"));
        out.println("          next address " + group.address());
        out.println(
                "          coins %d, %d sat, %d sat of it spendable now%s"
                        .formatted(
                                group.coins().size(),
                                group.balance().totalSat(),
                                group.balance().spendableSat(),
                                group.caughtUp()
                                        ? ""
                                        : "; blocks are read up to " + group.height()));
        group.payments().forEach(payment -> PaymentText.print(out, payment));
    }

    private static void printCoins(PrintWriter out, NodeStatus status) {
        out.println(
                status.height() < 0
                        ? "coins     not known before the first block"
                        : "coins     %d, %d sat, %d sat of it spendable now"
                                .formatted(
                                        status.coins().size(),
                                        status.balance().totalSat(),
                                        status.balance().spendableSat()));
        for (NodeStatus.Utxo coin : status.coins()) {
            out.println(
                    "coin      %s:%d  %d sat, height %d%s"
                            .formatted(
                                    coin.txid(),
                                    coin.vout(),
                                    coin.valueSat(),
                                    coin.height(),
                                    coin.heldBy()
                                            .map(session -> ", held by session " + session)
                                            .orElse(coin.spendable() ? "" : ", not yet mature")));
        }
    }

    private static String name(NodeStatus status, String peerId) {
        return status.members().stream()
                .filter(member -> member.peerId().equals(peerId))
                .flatMap(member -> member.alias().stream())
                .findFirst()
                .orElse(peerId);
    }

    private static void print(PrintWriter out, NodeStatus.Policy policy) {
        out.println(
                "policy    a payment up to %d sat, fee up to %d sat, %s, to %s"
                        .formatted(
                                policy.maxAmountSat(),
                                policy.maxFeeSat(),
                                policy.leftTodaySat()
                                        .map(left -> left + " sat left of these 24 hours")
                                        .orElse("no limit for a day"),
                                policy.anyDestination()
                                        ? "any address"
                                        : policy.destinations().size() + " address(es)"));
    }

    private static void print(PrintWriter out, NodeStatus.Chain chain) {
        out.println(
                "chain     %s, header %d, %d of %d peers agree, last block %s ago, %s%s"
                        .formatted(
                                chain.phase(),
                                chain.headers(),
                                chain.agreeing(),
                                chain.connected(),
                                age(chain.tipAgeSeconds()),
                                chain.fresh() ? "fresh" : "not fresh",
                                chain.secondsLeft()
                                        .filter(left -> left > 0)
                                        .map(left -> ", " + age(left) + " left")
                                        .orElse("")));
        for (NodeStatus.Obstacle obstacle : chain.obstacles()) {
            out.println("          held back: " + obstacle.message());
        }
        for (NodeStatus.BitcoinPeer peer : chain.peers()) {
            if (!peer.state().equals("connected")) {
                out.println(
                        "          peer %s is %s%s"
                                .formatted(
                                        peer.peer(),
                                        peer.state(),
                                        peer.last().map(last -> ", " + last).orElse("")));
            }
        }
    }

    private static String age(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 2 * 3_600
                ? seconds / 60 + " min"
                : seconds < 2 * 86_400 ? seconds / 3_600 + " h" : seconds / 86_400 + " days";
    }

    private static void print(PrintWriter out, NodeStatus.Recovery recovery) {
        out.println(
                "recovery  nothing is signed before the operators of all members have accepted"
                        + " journal "
                        + recovery.journal());
        recovery.accepted()
                .forEach(member ->
                        out.println(
                                "          accepted by %s%s"
                                        .formatted(
                                                member,
                                                recovery.told().contains(member)
                                                        ? ", who has told what it remembers"
                                                        : "")));
        if (recovery.nobodyRemembers()) {
            out.println(
                    "          all have lost their journals: if you know that, stop the node and run"
                            + " node recover --earlier-payments-unknown");
        }
    }

    private static void printSecrets(PrintWriter out, NodeStatus.Secrets secrets) {
        if (secrets.missing().isEmpty()) {
            out.println("secrets   kept from swap, core files and other processes");
        }
        for (String missing : secrets.missing()) {
            out.println("secrets   " + missing);
        }
    }

    private static String roundTrip(long micros) {
        return String.format(Locale.ROOT, ", round trip %.1f ms", micros / 1e3);
    }

    private static String connection(NodeStatus.Member member) {
        String connection =
                member.self()
                        ? "this node"
                        : (member.connected() ? "connected" : "not connected")
                                + member.since().map(at -> " since " + at).orElse("")
                                + member.roundTripMicros().map(StatusCommand::roundTrip).orElse("");
        String theirs = member.theirs().orElse("");
        return switch (member.state()) {
            case AGREED -> connection;
            case OTHER_GROUP ->
                    connection
                            + ", in another group ("
                            + theirs
                            + "): network, epoch or a key differ";
            case OTHER_ADDRESS -> connection + ", derives a different group address: " + theirs;
            case COPIED ->
                    connection
                            + ", two processes have its identity: nothing is signed until one is"
                            + " gone";
            case RECOVERING ->
                    connection
                            + ", has lost its journal and asks to go on with "
                            + theirs
                            + ": nothing is signed until all have accepted it"
                            + " (node accept-recovery)";
            case ACCEPTED ->
                    connection
                            + ", has lost its journal; "
                            + theirs
                            + " is accepted here, and not by all yet";
            case WAITING -> connection + ", has not agreed on the address yet";
        };
    }
}
