package org.tutti.app.cli;

import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.json.JsonRecords;

import java.io.PrintWriter;

/// A request, and a session of one, for people.
final class RequestText {
    private RequestText() {}

    /// One line.
    static void printLine(PrintWriter out, RequestInfo request) {
        out.println(
                "request   %s  %s, %s of %d sat, %d of %d joined, expires %s"
                        .formatted(
                                request.request(),
                                JsonRecords.name(request.phase()),
                                request.type(),
                                request.amountSat(),
                                joined(request),
                                request.signers().size(),
                                request.expires()));
    }

    private static long joined(RequestInfo request) {
        return request.signers().stream()
                .filter(signer ->
                        switch (signer.state()) {
                            case JOINED, LATE, DONE -> true;
                            case UNREACHABLE, CONNECTED, AWAITING_APPROVAL, REFUSED -> false;
                        })
                .count();
    }

    /// All of it; the first line begins with `request`.
    static void print(PrintWriter out, RequestInfo request) {
        printLine(out, request);
        out.println(
                "          asked by %s%s, %s, made %s"
                        .formatted(
                                request.requester(),
                                request.own() ? " (this node)" : "",
                                request.psbt()
                                        ? "a transaction"
                                        : request.messages() + " messages without a transaction",
                                request.made()));
        if (!request.description().isEmpty()) {
            out.println("          it says: " + request.description());
        }
        request.address().ifPresent(address -> out.println("address   " + address));
        for (String line : request.summary()) {
            out.println("          " + line);
        }
        for (RequestInfo.Signer signer : request.signers()) {
            print(out, signer);
        }
        for (String signature : request.signatures()) {
            out.println("signature " + signature);
        }
    }

    private static void print(PrintWriter out, RequestInfo.Signer signer) {
        out.println(
                "signer    %s %s since %s%s%s"
                        .formatted(
                                name(signer),
                                JsonRecords.name(signer.state()),
                                signer.since(),
                                signer.heard().map(at -> ", last heard " + at).orElse(""),
                                signer.self() ? " (this node)" : ""));
    }

    private static String name(RequestInfo.Signer signer) {
        return signer.name().map(name -> name + " ").orElse("") + signer.key();
    }

    /// Several lines, the first of which begins with `session`.
    static void print(PrintWriter out, SessionInfo session) {
        out.println(
                "session   %s  %s since %s%s"
                        .formatted(
                                session.session(),
                                JsonRecords.name(session.phase()),
                                session.since(),
                                session.reason().map(why -> ": " + why).orElse("")));
        out.println(
                "          of request %s%s"
                        .formatted(
                                session.request(),
                                session.waitedFor().isEmpty()
                                        ? ""
                                        : ", late: " + String.join(", ", session.waitedFor())));
        for (RequestInfo.Signer signer : session.signers()) {
            print(out, signer);
        }
    }
}
