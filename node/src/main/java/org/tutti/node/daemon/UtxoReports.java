package org.tutti.node.daemon;

import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;

import java.util.function.Consumer;

/// Translates what blocks did to the group's coins into the node's events.
///
/// Threads: any; no state of its own.
final class UtxoReports implements Consumer<UtxoEvent> {
    private final EventSink events;

    UtxoReports(EventSink events) {
        this.events = events;
    }

    @Override
    public void accept(UtxoEvent event) {
        Utxo coin = event.utxo();
        String txid = coin.outPoint().txid().toString();
        long vout = coin.outPoint().vout();
        events.emit(
                switch (event) {
                    case UtxoEvent.Received _ ->
                            new NodeEvent.UtxoReceived(
                                    txid,
                                    vout,
                                    coin.value().value(),
                                    coin.height(),
                                    coin.coinbase());
                    case UtxoEvent.Spent _ ->
                            new NodeEvent.UtxoChanged(txid, vout, NodeEvent.UtxoChange.SPENT);
                    case UtxoEvent.Lost _ ->
                            new NodeEvent.UtxoChanged(txid, vout, NodeEvent.UtxoChange.LOST);
                    case UtxoEvent.Restored _ ->
                            new NodeEvent.UtxoChanged(txid, vout, NodeEvent.UtxoChange.RESTORED);
                });
    }
}
