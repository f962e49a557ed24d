package org.tutti.app.cli;

import org.tutti.node.api.GroupInfo;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;

/// A group, for people.
final class GroupText {
    private GroupText() {}

    /// One line.
    static void printLine(PrintWriter out, GroupInfo group) {
        out.println(
                "group     %s  %s, %s, %d of %d consented%s"
                        .formatted(
                                group.proposal(),
                                JsonRecords.name(group.phase()),
                                group.name(),
                                group.members().stream()
                                        .filter(GroupInfo.Member::consented)
                                        .count(),
                                group.members().size(),
                                group.address().map(address -> ", " + address).orElse("")));
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
            print(out, member);
        }
    }

    private static void print(PrintWriter out, GroupInfo.Member member) {
        String state =
                member.holds()
                        ? "holds all signatures"
                        : member.sealed()
                                ? "signed"
                                : member.consented() ? "consented" : "not decided";
        out.println(
                "member    %s%s %s%s%s%s"
                        .formatted(
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
