package org.tutti.app.cli;

import org.tutti.node.api.GroupInfo;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;
import java.util.stream.Stream;

/// A group, for people.
final class GroupText {
    private GroupText() {}

    /// One line.
    static void printLine(PrintWriter out, GroupInfo group) {
        out.println(
                "group     %s  %s, %s%s, %d of %d consented%s%s"
                        .formatted(
                                group.proposal(),
                                JsonRecords.name(group.phase()),
                                group.name(),
                                group.previous()
                                        .map(id ->
                                                ", epoch %d after %s"
                                                        .formatted(
                                                                group.epoch(), id.substring(0, 8)))
                                        .orElse(""),
                                Stream.concat(group.members().stream(), group.leaving().stream())
                                        .filter(GroupInfo.Member::consented)
                                        .count(),
                                group.members().size() + group.leaving().size(),
                                group.address().map(address -> ", " + address).orElse(""),
                                group.successor()
                                        .map(id -> ", followed by " + id.substring(0, 8))
                                        .orElse("")));
    }

    /// All of it; the first line begins with `group`.
    static void print(PrintWriter out, GroupInfo group) {
        printLine(out, group);
        out.println(
                "          proposed by %s%s, made %s, expires %s"
                        .formatted(
                                group.proposer(),
                                group.own() ? " (this node)" : "",
                                group.made(),
                                group.expires()));
        out.println("          coins are looked for from block " + group.birthday() + " on");
        group.descriptor().ifPresent(id -> out.println("descriptor " + id));
        group.address().ifPresent(address -> out.println("address   " + address));
        group.previous().ifPresent(id -> out.println("previous  " + id));
        group.successor().ifPresent(id -> out.println("successor " + id));
        group.failure()
                .ifPresent(failure ->
                        out.println(
                                "failed    %s: %s%s"
                                        .formatted(
                                                failure.code(),
                                                failure.reason(),
                                                failure.culprits().isEmpty()
                                                        ? ""
                                                        : ", by "
                                                                + String.join(
                                                                        ", ",
                                                                        failure.culprits()))));
        for (GroupInfo.Member member : group.members()) {
            print(out, "member ", member);
        }
        for (GroupInfo.Member member : group.leaving()) {
            print(out, "leaving", member);
        }
    }

    private static void print(PrintWriter out, String role, GroupInfo.Member member) {
        String state =
                member.holds()
                        ? "holds all signatures"
                        : member.sealed()
                                ? "signed"
                                : member.consented() ? "consented" : "not decided";
        out.println(
                "%s   %s%s %s%s%s%s"
                        .formatted(
                                role,
                                member.name().map(name -> name + " ").orElse(""),
                                member.key(),
                                state,
                                member.connected() ? "" : ", not connected",
                                member.self() ? " (this node)" : "",
                                member.policy()
                                        .filter(policy -> !policy.isEmpty())
                                        .map(policy -> ", signs by: " + policy)
                                        .orElse("")));
    }
}
