package org.tutti.app.demo;

import org.tutti.node.events.NodeEvent;

import java.util.List;

/// The result of a demo that succeeded in every node.
///
/// @param group what all agreed on
/// @param confirmed as node-1 reported it
record DemoResult(
        int signers, NodeEvent.Agreed group, Signatures signatures, NodeEvent.Confirmed confirmed) {
    /// The last JSON line: everything that whoever trusts none of these programs needs to check the
    /// payment.
    record Line(
            String event,
            boolean ok,
            int signers,
            String network,
            String internalKey,
            String outputKey,
            String address,
            List<NodeEvent.Prevout> prevouts,
            String rawTx,
            String txid,
            List<NodeEvent.SignedInput> inputs,
            double announceToSignatureMillis,
            int confirmations,
            String blockHash) {
        Line {
            prevouts = List.copyOf(prevouts);
            inputs = List.copyOf(inputs);
        }
    }

    Line line() {
        NodeEvent.Signed signed = signatures.event();
        return new Line(
                "done",
                true,
                signers,
                group.network(),
                group.internalKey(),
                group.outputKey(),
                group.address(),
                signed.prevouts(),
                signed.rawTx(),
                signed.txid(),
                signed.inputs(),
                signatures.announceToSignatureMillis(),
                confirmed.confirmations(),
                confirmed.blockHash());
    }

    /// The last line for people.
    String text() {
        return "%nSigned by %d, announce to signature %.1f ms, confirmed in block %s%ntxid %s"
                .formatted(
                        signers,
                        signatures.announceToSignatureMillis(),
                        confirmed.blockHash(),
                        signatures.event().txid());
    }
}
