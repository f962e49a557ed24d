package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.node.events.EventSink;
import org.tutti.node.events.NodeEvent;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoEvent;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.request.RequestEvent;
import org.tutti.wallet.request.RequestTransaction;
import org.tutti.wallet.spend.Confirmation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Translates what becomes of the transactions of requests into the node's events, which are those
/// of payments: a program that follows the one follows the other.
///
/// Threads: any.
final class RequestTransactionReports {
    private final Network network;
    private final RequestSessions sessions;
    private final Requests requests;
    private final Function<RequestId, Bytes> psbts;
    private final EventSink events;

    /// Until the transaction was checked, and where it was confirmed; bounded by the requests that
    /// are not over.
    private final Map<RequestId, List<SchnorrSignature>> signatures = new ConcurrentHashMap<>();

    private final Map<RequestId, Confirmation> confirmed = new ConcurrentHashMap<>();

    /// The requests of a coordinator.
    @FunctionalInterface
    interface Requests {
        Optional<Invitation> find(RequestId request) throws InterruptedException;
    }

    /// @param psbts empty where a request has none
    RequestTransactionReports(
            Network network,
            RequestSessions sessions,
            Requests requests,
            Function<RequestId, Bytes> psbts,
            EventSink events) {
        this.network = network;
        this.sessions = sessions;
        this.requests = requests;
        this.psbts = psbts;
        this.events = events;
    }

    /// This node announced a session: of which transaction.
    void announced(CoordinatorEvent.SessionCreated event) throws InterruptedException {
        read(event.request())
                .ifPresent(read ->
                        events.emit(
                                event.at(),
                                new NodeEvent.Announced(
                                        event.session().toString(),
                                        read.txid().toString(),
                                        read.keyInputs().size())));
    }

    /// Before the transaction is completed.
    void finalized(CoordinatorEvent.Finalized event) {
        signatures.put(event.request(), event.signatures());
    }

    /// Nothing more is told of it.
    void closed(RequestId request) {
        signatures.remove(request);
        confirmed.remove(request);
    }

    void accept(RequestEvent event) {
        String txid = event.txid().toString();
        String request = event.request().toString();
        switch (event) {
            case RequestEvent.Checked e -> checked(e);
            case RequestEvent.CheckFailed e ->
                    events.emit(new NodeEvent.CheckFailed(session(e.request()), txid, e.reason()));
            case RequestEvent.Incomplete e ->
                    events.emit(
                            new NodeEvent.TransactionIncomplete(
                                    request,
                                    txid,
                                    e.missing().stream().map(Integer::longValue).toList()));
            case RequestEvent.Broadcast e -> events.emit(new NodeEvent.Broadcast(txid, e.peer()));
            case RequestEvent.Seen e ->
                    events.emit(new NodeEvent.BroadcastSeen(txid, e.peer(), e.peers()));
            case RequestEvent.BroadcastRefused e ->
                    events.emit(new NodeEvent.BroadcastRefused(txid, e.reason()));
            case RequestEvent.Confirmed e -> {
                confirmed.put(e.request(), e.confirmation());
                events.emit(confirmed(txid, e.confirmation(), e.depth()));
            }
            case RequestEvent.Unconfirmed e -> {
                Confirmation gone = confirmed.remove(e.request());
                if (gone != null) {
                    events.emit(
                            new NodeEvent.Unconfirmed(
                                    txid, gone.height(), gone.blockHash().toString()));
                }
            }
            case RequestEvent.Conflicted e ->
                    events.emit(
                            new NodeEvent.TransactionConflicted(
                                    request, txid, e.by().toString(), e.height()));
            case RequestEvent.Settled e ->
                    events.emit(
                            new NodeEvent.TransactionSettled(
                                    request, txid, e.confirmed(), e.by().toString()));
        }
    }

    private void checked(RequestEvent.Checked event) {
        String txid = event.txid().toString();
        String session = session(event.request());
        List<SchnorrSignature> made = signatures.remove(event.request());
        try {
            Optional<RequestTransaction> read = read(event.request());
            if (made != null && read.isPresent()) {
                events.emit(signed(session, event, read.get(), made));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The node stops.
        }
        events.emit(new NodeEvent.Checked(session, txid, event.transaction().inputs().size()));
    }

    private static NodeEvent signed(
            String session,
            RequestEvent.Checked event,
            RequestTransaction read,
            List<SchnorrSignature> signatures) {
        List<NodeEvent.Prevout> prevouts = new ArrayList<>();
        for (int i = 0; i < read.prevouts().size(); i++) {
            OutPoint coin = read.transaction().inputs().get(i).outPoint();
            TxOut output = read.prevouts().get(i);
            prevouts.add(
                    new NodeEvent.Prevout(
                            coin.txid().toString(),
                            coin.vout(),
                            output.value().value(),
                            output.scriptPubKey().toHex()));
        }
        List<NodeEvent.SignedInput> inputs = new ArrayList<>();
        for (int i = 0; i < read.keyInputs().size(); i++) {
            inputs.add(
                    new NodeEvent.SignedInput(
                            read.keyInputs().get(i).message().hash().toHex(),
                            signatures.get(i).bytes().toHex()));
        }
        return new NodeEvent.Signed(
                session,
                event.txid().toString(),
                event.transaction().serialize().toHex(),
                prevouts,
                inputs);
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

    /// A coin at the address of a request's keys came, went or came back.
    void coin(GroupWallet keys, UtxoEvent event) {
        Utxo coin = event.utxo();
        events.emit(
                new NodeEvent.RequestCoin(
                        keys.address().text(),
                        coin.outPoint().txid().toString(),
                        coin.outPoint().vout(),
                        coin.value().value(),
                        coin.height(),
                        switch (event) {
                            case UtxoEvent.Received _ -> NodeEvent.CoinState.RECEIVED;
                            case UtxoEvent.Spent _ -> NodeEvent.CoinState.SPENT;
                            case UtxoEvent.Lost _ -> NodeEvent.CoinState.LOST;
                            case UtxoEvent.Restored _ -> NodeEvent.CoinState.RESTORED;
                        }));
    }

    private Optional<RequestTransaction> read(RequestId request) throws InterruptedException {
        Optional<Invitation> found = requests.find(request);
        if (found.isEmpty() || found.get().psbt().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RequestTransaction.read(found.get(), psbts.apply(request), network));
        } catch (RefusedException e) {
            return Optional.empty(); // No signer has ever approved it.
        }
    }

    /// The latest of the request; after a restart none is known.
    private String session(RequestId request) {
        return sessions.all().stream()
                .filter(entry -> entry.request().equals(request))
                .map(entry -> entry.session().toString())
                .findFirst()
                .orElse(request.toString());
    }
}
