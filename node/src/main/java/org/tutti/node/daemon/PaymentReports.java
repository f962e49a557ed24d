package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.wallet.payments.PaymentEvent;
import org.tutti.wallet.spend.Confirmation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Translates what becomes of payments into the node's events.
///
/// Threads: any; no state of its own.
final class PaymentReports implements Consumer<PaymentEvent> {
    private final EventSink events;

    PaymentReports(EventSink events) {
        this.events = events;
    }

    @Override
    public void accept(PaymentEvent event) {
        String txid = event.txid().toString();
        switch (event) {
            case PaymentEvent.Signed e -> events.emit(e.at(), signed(e));
            case PaymentEvent.Checked e ->
                    events.emit(
                            new NodeEvent.Checked(
                                    e.session().toString(), txid, e.transaction().inputs().size()));
            case PaymentEvent.CheckFailed e ->
                    events.emit(
                            new NodeEvent.CheckFailed(e.session().toString(), txid, e.reason()));
            case PaymentEvent.Broadcast e -> events.emit(new NodeEvent.Broadcast(txid, e.peer()));
            case PaymentEvent.BroadcastAccepted e ->
                    events.emit(new NodeEvent.BroadcastAccepted(txid, e.peer()));
            case PaymentEvent.BroadcastSeen e ->
                    events.emit(new NodeEvent.BroadcastSeen(txid, e.peer(), e.peers()));
            case PaymentEvent.BroadcastUnseen e ->
                    events.emit(new NodeEvent.BroadcastUnseen(txid, e.announced()));
            case PaymentEvent.BroadcastDropped e ->
                    events.emit(new NodeEvent.BroadcastDropped(txid, e.peer()));
            case PaymentEvent.BroadcastRefused e ->
                    events.emit(new NodeEvent.BroadcastRefused(txid, e.reason()));
            case PaymentEvent.Confirmed e ->
                    events.emit(confirmed(txid, e.confirmation(), e.depth()));
            case PaymentEvent.Unconfirmed e ->
                    events.emit(
                            new NodeEvent.Unconfirmed(
                                    txid,
                                    e.confirmation().height(),
                                    e.confirmation().blockHash().toString()));
        }
    }

    private static NodeEvent confirmed(String txid, Confirmation confirmation, int depth) {
        return new NodeEvent.Confirmed(
                txid,
                confirmation.height(),
                confirmation.blockHash().toString(),
                confirmation.proof().branch().stream().map(MerkleNode::toString).toList(),
                confirmation.proof().index(),
                depth);
    }

    private static NodeEvent signed(PaymentEvent.Signed event) {
        List<NodeEvent.Prevout> prevouts =
                event.payment().utxos().stream()
                        .map(coin ->
                                new NodeEvent.Prevout(
                                        coin.outPoint().txid().toString(),
                                        coin.outPoint().vout(),
                                        coin.value().value(),
                                        coin.output().scriptPubKey().toHex()))
                        .toList();
        List<Bytes> sighashes = event.payment().sighashes();
        List<NodeEvent.SignedInput> inputs = new ArrayList<>();
        for (int i = 0; i < sighashes.size(); i++) {
            inputs.add(
                    new NodeEvent.SignedInput(
                            sighashes.get(i).toHex(), event.signatures().get(i).bytes().toHex()));
        }
        return new NodeEvent.Signed(
                event.session().toString(),
                event.txid().toString(),
                event.transaction().serialize().toHex(),
                prevouts,
                inputs);
    }
}
