package org.tutti.app.demo;

import org.tutti.node.json.JsonObject;

import java.util.List;

/// The signed transaction as every node reported it.
///
/// @param event node-1's `signed`
/// @param announceToSignatureMillis from node-1's announcement to the last node that had all
///   signatures, on the clock that the processes share
record Signatures(JsonObject event, double announceToSignatureMillis) {
    static Signatures await(List<ManagedProcess> nodes, String txid, Deadline deadline)
            throws DemoFailed {
        ManagedProcess requester = nodes.getFirst();
        JsonObject announced =
                requester.await("announced", e -> is(e, "announced", txid), deadline);
        JsonObject first = requester.await("signed", e -> is(e, "signed", txid), deadline);
        double last = first.number("t");
        for (ManagedProcess node : nodes) {
            JsonObject signed = node.await("signed", e -> is(e, "signed", txid), deadline);
            if (!Demo.text(signed, "rawTx").equals(Demo.text(first, "rawTx"))) {
                throw new DemoFailed("DISAGREE", node.name() + " has another signed transaction");
            }
            last = Math.max(last, signed.number("t"));
        }
        return new Signatures(first, Math.round((last - announced.number("t")) * 1000) / 1000.0);
    }

    private static boolean is(JsonObject event, String name, String txid) {
        return event.text("event").orElse("").equals(name)
                && event.text("txid").orElse("").equals(txid);
    }
}
