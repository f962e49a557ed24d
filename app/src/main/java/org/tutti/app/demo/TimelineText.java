package org.tutti.app.demo;

import org.tutti.node.json.JsonObject;

import java.util.Optional;

/// A node's event as a line of the demo's time line; the small ones (every tip, every nonce from
/// everyone) are left out, `--json` has them all.
final class TimelineText {
    private TimelineText() {}

    static Optional<String> of(JsonObject event) {
        return Optional.ofNullable(
                switch (event.text("event").orElse("")) {
                    case "started" -> "is up as " + event.text("peerId").orElse("?");
                    case "mesh-complete" -> "is connected to every other member";
                    case "bitcoin-peer-lost" ->
                            "lost the Bitcoin peer %s (%s), tries again"
                                    .formatted(
                                            event.text("address").orElse("?"),
                                            event.text("reason").orElse("?"));
                    case "coin-changed" ->
                            event.text("change").orElse("").equals("lost")
                                    ? "lost a coin: its block left the chain"
                                    : null;
                    case "announced" ->
                            "asks the group to sign the %d inputs of %s"
                                    .formatted(
                                            (long) event.number("inputs"),
                                            event.text("txid").orElse("?"));
                    case "request-received" ->
                            "has the request, rebuilds its sighashes from its own blocks";
                    case "attempt-started" -> "knows that everyone approved, makes its nonces";
                    case "signed" -> "has everyone's partial signatures: signed";
                    case "checked" -> "the script interpreter accepts every input";
                    case "broadcast" ->
                            "sent the transaction to the Bitcoin peer %s, which asked for it"
                                    .formatted(event.text("peer").orElse(""));
                    case "confirmed" ->
                            "confirmed in block %s, Merkle branch checked"
                                    .formatted(event.text("blockHash").orElse("?"));
                    case "refused" ->
                            "a signer refuses, %s: %s"
                                    .formatted(
                                            event.text("code").orElse("?"),
                                            event.text("reason").orElse("?"));
                    case "aborted", "attempt-failed" ->
                            "%s: %s"
                                    .formatted(
                                            event.text("code").orElse("attempt failed"),
                                            event.text("reason").orElse("?"));
                    case "failed" -> event.text("message").orElse("failed");
                    default -> null;
                });
    }
}
