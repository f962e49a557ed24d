package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A model of a block chain: whoever knows a full set of signatures for a transaction may confirm
/// it, and then no other that uses one of its coins can be, unless its block leaves the chain.
///
/// Each operation may happen once; a second transaction of one operation is an error of the world.
class WorldChain {
    /// How deep a block is that never leaves the chain.
    static final int FINAL = 6;

    /// What a requester wants to happen.
    ///
    /// @param id requester and idempotency key, or content
    /// @param content what it does, whichever coins it uses
    /// @param once whether all its transactions are one, of which one may happen
    record Operation(Bytes id, Bytes content, int amount, boolean once) {}

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

    final WorldGroup group;
    private final Map<Bytes, Transaction> transactions = new HashMap<>();
    private final List<Confirmed> confirmed = new ArrayList<>();
    private int height;

    WorldChain(WorldGroup group) {
        this.group = group;
    }

    /// The wallet of a process.
    WorldWallet wallet(WorldNode node) {
        return new ModelWallet(this);
    }

    /// Whether signers sign no more than so much in a day.
    boolean hasDayLimit() {
        return false;
    }

    /// The world is over.
    void close() {}

    /// The names of so many coins of the group.
    List<Bytes> coins(int count) {
        List<Bytes> coins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            coins.add(World.hash("coin", Bytes.wrap(new byte[] {(byte) i})));
        }
        return coins;
    }

    /// @param fee another one makes another transaction
    Transaction transaction(Operation operation, Set<Bytes> with, int fee) {
        List<Bytes> sorted = with.stream().sorted().toList();
        Bytes body = World.hash("body", sorted.toArray(new Bytes[0]));
        Bytes id =
                World.hash(
                        "transaction",
                        operation.id(),
                        operation.content(),
                        body,
                        Bytes.wrap(new byte[] {(byte) fee}));
        List<MessageToSign> messages = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            Bytes number = Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array());
            messages.add(
                    new MessageToSign(
                            World.hash("input", id, number),
                            i % 2 == 0 ? KeyTweak.keyPathOnly() : KeyTweak.none()));
        }
        return new Transaction(
                id,
                operation.once() ? operation.id() : id,
                operation.content(),
                operation.amount(),
                with,
                messages);
    }

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
        return confirmed.stream().anyMatch(by -> by.transaction.coins().contains(coin));
    }

    void mine(int blocks) {
        for (int i = 0; i < blocks; i++) {
            height++;
            connected(List.of());
        }
    }

    /// In a block of its own.
    ///
    /// @return whether it is in the chain now
    boolean confirm(Transaction transaction) {
        for (Confirmed by : confirmed) {
            if (by.transaction.messages().equals(transaction.messages())) {
                return true;
            }
            if (by.transaction.conflictsWith(transaction)) {
                return false;
            }
            if (by.transaction.operation().equals(transaction.operation())) {
                throw new AssertionError(
                        "an operation happened twice: " + by.transaction + " and " + transaction);
            }
        }
        height++;
        confirmed.add(new Confirmed(transaction, height));
        connected(List.of(transaction));
        return true;
    }

    /// The last blocks leave the chain, and as many others and one more follow, with nothing in
    /// them: whoever has a transaction may confirm it again, or one that conflicts with it.
    ///
    /// @param blocks below [#FINAL]
    /// @return whether a transaction was in one of them
    boolean reorganise(int blocks) {
        int depth = Math.min(blocks, height);
        boolean any = confirmed.removeIf(by -> by.height > height - depth);
        height -= depth;
        disconnected(depth);
        mine(depth + 1);
        return any;
    }

    /// A block is in the chain, for those who look at it.
    void connected(List<Transaction> block) {}

    /// The last blocks are not any more.
    void disconnected(int blocks) {}

    boolean hasHappened(Bytes operation) {
        return confirmed.stream().anyMatch(by -> by.transaction.operation().equals(operation));
    }

    /// Whether it is final, or one that it conflicts with is.
    boolean isSettled(Transaction transaction) {
        return confirmed.stream()
                .anyMatch(by ->
                        height - by.height + 1 >= FINAL
                                && by.transaction.coins().stream()
                                        .anyMatch(transaction.coins()::contains));
    }

    /// Coins that no confirmed transaction has used.
    List<Bytes> unspent(List<Bytes> coins) {
        return coins.stream().filter(coin -> !isSpent(coin)).toList();
    }
}
