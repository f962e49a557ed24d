package org.tutti.wallet.payments;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.wallet.spend.Confirmation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The group's payments in the order in which this node learned of them, a bounded number. Time
/// comes in, nothing happens by itself.
///
/// Not safe for threads: its owner's lock guards it.
final class PaymentLedger {
    /// How long the requester's own broadcast is waited for.
    static final Duration REBROADCAST_AFTER = Duration.ofSeconds(10);

    /// How long after a rebroadcast the next one follows.
    static final Duration REBROADCAST_AGAIN = Duration.ofMinutes(1);

    private final int maxPayments;
    private final Map<Txid, TrackedPayment> payments = new LinkedHashMap<>();

    PaymentLedger(int maxPayments) {
        this.maxPayments = maxPayments;
    }

    /// Adds a payment, or the transaction of one that was known without it.
    ///
    /// @return the payment that was forgotten for it, if there were too many
    Optional<Txid> add(Txid txid, Optional<Transaction> transaction, Instant now) {
        TrackedPayment known = payments.get(txid);
        if (known != null) {
            if (known.transaction().isEmpty()) {
                transaction.ifPresent(signed -> payments.put(txid, known.withTransaction(signed)));
            }
            return Optional.empty();
        }
        Optional<Txid> forgotten = Optional.empty();
        if (payments.size() >= maxPayments) {
            Txid oldest = leastNeeded();
            payments.remove(oldest);
            forgotten = Optional.of(oldest);
        }
        payments.put(
                txid,
                new TrackedPayment(
                        txid,
                        transaction,
                        PaymentState.SIGNED,
                        now.plus(REBROADCAST_AFTER),
                        Optional.empty()));
        return forgotten;
    }

    /// The oldest that needs no rebroadcast, or else the oldest of all.
    private Txid leastNeeded() {
        return payments.values().stream()
                .filter(payment ->
                        switch (payment.state()) {
                            case CONFIRMED, FAILED -> true;
                            case SIGNED, CHECKED -> false;
                        })
                .findFirst()
                .orElseGet(() -> payments.values().iterator().next())
                .txid();
    }

    /// Notes how the check of a signed payment ended. One that is past it stays as it is: after a
    /// restart it may be in a block already.
    ///
    /// @return the state afterwards
    PaymentState checked(Txid txid, PaymentState verdict) {
        TrackedPayment payment =
                payments.computeIfPresent(
                        txid,
                        (_, before) ->
                                before.state() == PaymentState.SIGNED
                                        ? before.withState(verdict)
                                        : before);
        return payment == null ? verdict : payment.state();
    }

    void confirmed(Confirmation confirmation) {
        payments.computeIfPresent(
                confirmation.txid(), (_, before) -> before.confirmedBy(confirmation));
    }

    void unconfirmed(Txid txid) {
        payments.computeIfPresent(txid, (_, before) -> before.unconfirmed());
    }

    /// The transactions that should be in a block by now and are not; each is returned again after
    /// [#REBROADCAST_AGAIN].
    List<Transaction> takeOverdue(Instant now) {
        List<Transaction> overdue = new ArrayList<>();
        payments.replaceAll((_, payment) -> {
            if (payment.state() != PaymentState.CHECKED || payment.rebroadcastAt().isAfter(now)) {
                return payment;
            }
            payment.transaction().ifPresent(overdue::add);
            return payment.withRebroadcastAt(now.plus(REBROADCAST_AGAIN));
        });
        return overdue;
    }

    /// Oldest first.
    List<TrackedPayment> all() {
        return List.copyOf(payments.values());
    }
}
