package org.tutti.app.demo;

import org.tutti.node.events.NodeEvent;

import java.util.List;

/// The signed transaction as every node reported it.
///
/// @param event node-1's `signed`
/// @param announceToSignatureMillis from node-1's announcement to the last node that had all
///   signatures, on the clock that the processes share
record Signatures(NodeEvent.Signed event, double announceToSignatureMillis) {
    static Signatures await(List<ManagedProcess> nodes, String txid, Deadline deadline)
            throws DemoFailed {
        ManagedProcess requester = nodes.getFirst();
        var announced =
                requester.await(NodeEvent.Announced.class, e -> e.txid().equals(txid), deadline);
        var first = awaitSigned(requester, txid, deadline);
        double last = first.millis();
        for (ManagedProcess node : nodes) {
            var signed = awaitSigned(node, txid, deadline);
            if (!signed.event().rawTx().equals(first.event().rawTx())) {
                throw new DemoFailed("DISAGREE", node.name() + " has another signed transaction");
            }
            last = Math.max(last, signed.millis());
        }
        return new Signatures(
                first.event(), Math.round((last - announced.millis()) * 1000) / 1000.0);
    }

    private static ManagedProcess.Reported<NodeEvent.Signed> awaitSigned(
            ManagedProcess node, String txid, Deadline deadline) throws DemoFailed {
        return node.await(NodeEvent.Signed.class, e -> e.txid().equals(txid), deadline);
    }
}
