package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.MessageToSign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A model of a block chain: whoever knows a full set of signatures for a transaction may confirm
/// it, and then no other that uses one of its coins can be.
///
/// Each operation may happen once; a second transaction of one operation is an error of the world.
final class WorldChain {
    /// Blocks after which nothing is taken back.
    static final int FINAL = 6;

    /// A transaction, as the context of a request names it.
    ///
    /// @param operation requester and idempotency key; the transaction itself if there is no key
    /// @param content what it does, whichever coins it uses
    record Transaction(
            Bytes id,
            Bytes operation,
            Bytes content,
            int amount,
            Set<Bytes> coins,
            List<MessageToSign> messages) {
        Transaction {
            coins = Set.copyOf(coins);
            messages = List.copyOf(messages);
        }

        boolean conflictsWith(Transaction other) {
            return !messages.equals(other.messages)
                    && other.coins.stream().anyMatch(coins::contains);
        }

        Hold hold() {
            return new Hold(coins, content);
        }
    }

    private record Confirmed(Transaction transaction, int height) {}

    private final Map<Bytes, Transaction> transactions = new HashMap<>();
    private final Map<Bytes, Confirmed> spent = new HashMap<>();
    private final Map<Bytes, Transaction> happened = new HashMap<>();
    private int height;

    void know(Transaction transaction) {
        transactions.put(transaction.id(), transaction);
    }

    /// The transaction that a request's context names.
    Transaction find(Bytes context) {
        Transaction transaction = transactions.get(context);
        if (transaction == null) {
            throw new IllegalArgumentException("no such transaction");
        }
        return transaction;
    }

    boolean knows(Bytes context) {
        return transactions.containsKey(context);
    }

    boolean isSpent(Bytes coin) {
        return spent.containsKey(coin);
    }

    void mine(int blocks) {
        height += blocks;
    }

    /// @return whether it is in the chain now
    boolean confirm(Transaction transaction) {
        for (Bytes coin : transaction.coins()) {
            Confirmed by = spent.get(coin);
            if (by != null && !by.transaction.messages().equals(transaction.messages())) {
                return false;
            }
        }
        Transaction earlier = happened.putIfAbsent(transaction.operation(), transaction);
        if (earlier != null && !earlier.messages().equals(transaction.messages())) {
            throw new AssertionError(
                    "an operation happened twice: " + earlier + " and " + transaction);
        }
        transaction
                .coins()
                .forEach(coin -> spent.putIfAbsent(coin, new Confirmed(transaction, height)));
        return true;
    }

    boolean hasHappened(Bytes operation) {
        return happened.containsKey(operation);
    }

    /// Whether it is final, or one that it conflicts with is.
    boolean isSettled(Transaction transaction) {
        return transaction.coins().stream()
                .anyMatch(coin -> {
                    Confirmed by = spent.get(coin);
                    return by != null && height - by.height >= FINAL;
                });
    }

    /// Coins that no confirmed transaction has used.
    List<Bytes> unspent(List<Bytes> coins) {
        List<Bytes> free = new ArrayList<>(coins);
        free.removeIf(spent::containsKey);
        return free;
    }
}
