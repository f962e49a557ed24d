package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.lightclient.broadcast.BroadcastEvent;
import org.tutti.lightclient.broadcast.PendingTransaction;
import org.tutti.lightclient.sync.ChainListener;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.wallet.payments.PaymentProcessor;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.ConfirmationTracker;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// The transactions of requests, from this node's joining until they are final.
///
/// Every node completes and checks each; the requester and the elected signer send it, and any
/// other node does when it is in no block after a while: again and again, after every restart,
/// until it is [#FINAL_DEPTH] blocks deep or something else that spends one of its inputs is. Then
/// the coordinator is told, and with it signing, which holds the coins until then. The disk of all
/// this is the coordinator's log: it tells at each start what is not settled.
///
/// What is followed are its id and the outputs that it spends, of whomever they are, in blocks that
/// the light client checked. Blocks from before it was followed are searched for its id alone, and
/// as far as the light client remembers: a node follows what its coordinator has before it starts
/// the light client, and what comes later when it joins.
///
/// Threads: any may call any method. As a chain listener it runs on the light client's listener
/// thread. Checks run on the executor. One lock guards `ledger` and `fees`; under it nothing
/// blocks; the listener and the coordinator are told outside it.
public final class SignedRequests implements ChainListener {
    /// From how many requests on that are not settled no further one is approved.
    public static final int MAX_FOLLOWED = 1_024;

    /// How many of those may spend only coins that this node's chain has not shown: strangers can
    /// name coins that never come to exist, and such a request is never settled by itself.
    public static final int MAX_UNSEEN = MAX_FOLLOWED / 4;

    /// How deep a block is that is taken for final.
    public static final int FINAL_DEPTH = PaymentProcessor.FINAL_DEPTH;

    private static final String NOT_ACCEPTED = "the light client has too much to do";

    private final Network network;
    private final PublicKey self;
    private final Predicate<PendingTransaction> broadcast;
    private final Function<Txid, Optional<Confirmation>> recent;
    private final Settler settler;
    private final Executor checks;
    private final InstantSource clock;
    private final Consumer<RequestEvent> listener;
    private final ConfirmationTracker tracker = new ConfirmationTracker();
    private final RequestLedger ledger = new RequestLedger(MAX_FOLLOWED, FINAL_DEPTH);
    private final Map<RequestId, Sat> fees = new HashMap<>();
    private final Object lock = new Object();

    /// Hears what is final; a coordinator does
    /// ([org.tutti.coordinator.service.Coordinator#settle]).
    @FunctionalInterface
    public interface Settler {
        /// @param confirmed whether it happened; otherwise it no longer can
        /// @param outcome a [org.tutti.wallet.payments.PaymentOutcome]
        void settle(RequestId request, boolean confirmed, Bytes outcome)
                throws InterruptedException;
    }

    /// @param self this node's signing key
    /// @param broadcast hands a transaction to the Bitcoin peers; false if that is not possible now
    /// @param recent where a transaction stands that was mined before it was followed
    /// @param checks runs the script interpreter
    /// @param listener called on the thread on which something happened
    public SignedRequests(
            Network network,
            PublicKey self,
            Predicate<PendingTransaction> broadcast,
            Function<Txid, Optional<Confirmation>> recent,
            Settler settler,
            Executor checks,
            InstantSource clock,
            Consumer<RequestEvent> listener) {
        this.network = network;
        this.self = self;
        this.broadcast = broadcast;
        this.recent = recent;
        this.settler = settler;
        this.checks = checks;
        this.clock = clock;
        this.listener = listener;
    }

    /// Whether another request may be approved: what may be signed must be followed.
    public boolean hasRoom() {
        synchronized (lock) {
            return ledger.hasRoom();
        }
    }

    /// Whether another may be approved that spends only coins that the chain has not shown.
    ///
    /// @param seen whether it has shown a coin; returns at once
    public boolean hasRoomForUnseen(Predicate<OutPoint> seen) {
        synchronized (lock) {
            return ledger.unseen(seen) < MAX_UNSEEN;
        }
    }

    // --- what the coordinator tells

    /// Follows the transaction of a request that this node has joined, signed or not. Can be told
    /// again. What is none, or has no transaction, is not followed.
    ///
    /// @param psbt empty for raw messages
    public void follow(Invitation request, Bytes psbt) {
        var _ = read(request, psbt).map(read -> follow(request, read));
    }

    private Optional<RequestTransaction> read(Invitation request, Bytes psbt) {
        if (request.psbt().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RequestTransaction.read(request, psbt, network));
        } catch (RefusedException e) {
            return Optional.empty(); // No signer has ever approved it.
        }
    }

    private boolean follow(Invitation request, RequestTransaction read) {
        boolean first =
                request.requester().equals(self)
                        || request.election().elect(request.id(), request.keys()).equals(self);
        synchronized (lock) {
            if (!ledger.follow(request.id(), read.txid(), read.coins(), first)) {
                return false;
            }
            fees.put(request.id(), read.fee());
            tracker.track(read.txid());
        }
        return true;
    }

    /// All signatures of a request are here, perhaps once more after a restart.
    ///
    /// @param psbt empty for raw messages, which nobody follows
    public void finalized(Invitation request, Bytes psbt, List<SchnorrSignature> signatures) {
        Optional<RequestTransaction> read = read(request, psbt);
        if (read.isEmpty()) {
            return;
        }
        var _ = follow(request, read.get());
        boolean isNew;
        synchronized (lock) {
            isNew = ledger.signed(request.id());
        }
        if (isNew) {
            checks.execute(() -> check(request.id(), read.get(), signatures));
        }
    }

    /// This node is the one that should send the transaction.
    public void shouldBroadcast(RequestId request) {
        synchronized (lock) {
            ledger.sendFirst(request, clock.instant());
        }
        rebroadcast();
    }

    /// The coordinator knows the request no longer.
    public void closed(RequestId request) {
        synchronized (lock) {
            forget(request);
        }
    }

    /// Under the lock.
    private void forget(RequestId request) {
        fees.remove(request);
        ledger.forget(request).ifPresent(tracker::forget);
    }

    private void check(
            RequestId request, RequestTransaction read, List<SchnorrSignature> signatures) {
        switch (RequestCompletion.of(read, signatures)) {
            case RequestCompletion.Complete(Transaction transaction) -> {
                synchronized (lock) {
                    ledger.checked(request, transaction, clock.instant());
                }
                listener.accept(new RequestEvent.Checked(request, transaction));
                rebroadcast();
            }
            case RequestCompletion.Incomplete(List<Integer> missing) -> {
                notSent(request, FollowedRequest.State.INCOMPLETE);
                listener.accept(new RequestEvent.Incomplete(request, read.txid(), missing));
            }
            case RequestCompletion.Failed(String reason) -> {
                notSent(request, FollowedRequest.State.FAILED);
                listener.accept(new RequestEvent.CheckFailed(request, read.txid(), reason));
            }
        }
    }

    private void notSent(RequestId request, FollowedRequest.State state) {
        synchronized (lock) {
            ledger.notSent(request, state);
        }
    }

    // --- sending

    /// Sends what is due. To be called every second or so.
    public void rebroadcast() {
        Map<RequestId, PendingTransaction> due = new HashMap<>();
        synchronized (lock) {
            for (RequestId request : ledger.takeDue(clock.instant())) {
                ledger.complete(request)
                        .ifPresent(complete ->
                                due.put(
                                        request,
                                        new PendingTransaction(
                                                complete,
                                                Optional.ofNullable(fees.get(request)),
                                                Set.of())));
            }
        }
        due.forEach((request, pending) -> {
            if (!broadcast.test(pending)) {
                listener.accept(
                        new RequestEvent.BroadcastRefused(
                                request, pending.transaction().txid(), NOT_ACCEPTED));
            }
        });
    }

    /// The light client says what became known of a transaction, of ours or another.
    @Override
    public void broadcast(BroadcastEvent event) {
        Txid txid = event.txid();
        switch (event) {
            case BroadcastEvent.Requested(var _, String peer, var _) ->
                    tell(sent(txid), id -> new RequestEvent.Broadcast(id, txid, peer));
            case BroadcastEvent.Accepted _ -> sent(txid);
            case BroadcastEvent.Seen(var _, String peer, var reach) -> {
                List<RequestId> requests;
                synchronized (lock) {
                    requests = ledger.seen(txid, reach.seen());
                }
                tell(requests, id -> new RequestEvent.Seen(id, txid, peer, reach.seen()));
            }
            case BroadcastEvent.Refused(var _, String peer, int _, String reason) ->
                    refused(txid, peer + ": " + reason);
            case BroadcastEvent.BelowFeeFilter(var _, String peer, long satPerKvb) ->
                    refused(txid, peer + ": wants at least " + satPerKvb + " sat/kvB");
            case BroadcastEvent.NotTaken(var _, var _, String detail) -> refused(txid, detail);
            case BroadcastEvent.NotSaved _,
                    BroadcastEvent.Unseen _,
                    BroadcastEvent.Dropped _,
                    BroadcastEvent.Announced _,
                    BroadcastEvent.HeldBack _,
                    BroadcastEvent.Displaced _,
                    BroadcastEvent.Confirmed _,
                    BroadcastEvent.Conflicted _,
                    BroadcastEvent.Reopened _ -> {
                // Nothing that changes what is done; the chain says more.
            }
        }
    }

    private List<RequestId> sent(Txid txid) {
        synchronized (lock) {
            return ledger.sent(txid);
        }
    }

    private void refused(Txid txid, String reason) {
        List<RequestId> requests;
        synchronized (lock) {
            requests = ledger.requests(txid);
        }
        tell(requests, id -> new RequestEvent.BroadcastRefused(id, txid, reason));
    }

    private void tell(List<RequestId> requests, Function<RequestId, RequestEvent> event) {
        requests.forEach(request -> listener.accept(event.apply(request)));
    }

    // --- the chain

    @Override
    public void blockConnected(int height, BlockHeader header, Block block) {
        List<RequestEvent.Conflicted> conflicts;
        synchronized (lock) {
            conflicts = ledger.connect(height, block);
            tracker.connect(height, block).forEach(ledger::confirmed);
        }
        conflicts.forEach(listener);
    }

    @Override
    public void blockDisconnected(int height, BlockHeader header) {
        List<RequestEvent> lost = new ArrayList<>();
        synchronized (lock) {
            ledger.disconnect(height);
            for (Confirmation gone : tracker.disconnect(height)) {
                ledger.unconfirmed(gone.txid())
                        .forEach(id -> lost.add(new RequestEvent.Unconfirmed(id, gone.txid())));
            }
        }
        lost.forEach(listener);
    }

    @Override
    public void tip(int height, BlockHash hash) {
        List<RequestEvent> events = new ArrayList<>();
        List<RequestLedger.Final> done;
        synchronized (lock) {
            lookBack(events);
            events.addAll(ledger.deepened(height));
            done = ledger.takeFinal(height);
            done.forEach(end -> {
                fees.remove(end.request());
                if (!ledger.follows(end.txid())) {
                    tracker.forget(end.txid());
                }
            });
        }
        events.forEach(listener);
        done.forEach(this::settle);
    }

    /// What is in a block that came before it was followed the light client knows.
    private void lookBack(List<RequestEvent> events) {
        for (FollowedRequest followed : ledger.all()) {
            if (tracker.confirmation(followed.txid()).isPresent()) {
                continue;
            }
            Optional<Confirmation> found = recent.apply(followed.txid());
            if (found.isPresent()) {
                ledger.confirmed(found.get());
            } else {
                ledger.unconfirmed(followed.txid())
                        .forEach(id ->
                                events.add(new RequestEvent.Unconfirmed(id, followed.txid())));
            }
        }
    }

    private void settle(RequestLedger.Final end) {
        try {
            settler.settle(end.request(), end.outcome().made(), end.outcome().encode());
            listener.accept(
                    new RequestEvent.Settled(
                            end.request(), end.txid(), end.outcome().made(), end.outcome().by()));
        } catch (InterruptedException e) {
            // The node stops: after its next start it is told again.
            Thread.currentThread().interrupt();
        }
    }

    // --- what there is

    /// Whether a transaction is that of a request.
    public boolean follows(Txid txid) {
        synchronized (lock) {
            return ledger.follows(txid);
        }
    }

    public Optional<FollowedRequest> find(RequestId request) {
        synchronized (lock) {
            return ledger.find(request);
        }
    }

    /// Oldest first.
    public List<FollowedRequest> requests() {
        synchronized (lock) {
            return ledger.all();
        }
    }
}
