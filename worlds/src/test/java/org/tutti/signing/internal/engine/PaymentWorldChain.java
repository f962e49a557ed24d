package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.block.Block;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.FakeChain;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.coins.WalletException;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.UnsignedPayment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// A chain of blocks with real transactions, without any work in them; the coins of a world are
/// outputs to its group's address, and its operations payments of them.
final class PaymentWorldChain extends WorldChain {
    private static final long COIN = 100_000;

    /// Chains of a hundred whose signers have a day's limit.
    private static final int LIMITED = 40;

    final GroupWallet wallet;
    private final UtxoStore truth;
    private final FakeChain chain;
    private final List<Block> blocks = new ArrayList<>();
    private final Map<Txid, Integer> mined = new HashMap<>();
    private final Map<Bytes, Utxo> coins = new HashMap<>();
    private final Map<Bytes, org.tutti.bitcoin.tx.Transaction> payments = new HashMap<>();
    private final Set<Bytes> paidOnce = new HashSet<>();
    private final List<PaymentWallet> wallets = new ArrayList<>();

    /// Of the files of what was approved in a day; null if nobody has a limit.
    private final @Nullable Path folder;

    PaymentWorldChain(WorldGroup group) {
        super(group);
        try {
            this.wallet = GroupWallet.of(group.signers.signingKeys(), Network.REGTEST);
        } catch (WalletException e) {
            throw new IllegalStateException(e);
        }
        this.truth = new UtxoStore(wallet);
        this.chain = new FakeChain(truth);
        try {
            this.folder =
                    group.world.chance(LIMITED) ? Files.createTempDirectory("tutti-world") : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    boolean hasDayLimit() {
        return folder != null;
    }

    /// A copy has a limit of its own, with which it and the original may sign twice as much: only
    /// that both are found keeps them from it.
    DayLimit dayLimit(WorldNode node) {
        return new DayLimit(
                node,
                folder == null || node.machine.isCopy()
                        ? null
                        : folder.resolve(String.valueOf(node.index())));
    }

    /// What it takes from the group, fee included.
    long outflow(WorldChain.Transaction transaction) {
        org.tutti.bitcoin.tx.Transaction payment =
                Objects.requireNonNull(payments.get(transaction.id()));
        return COIN * transaction.coins().size()
                - payment.outputs().stream()
                        .filter(output -> output.scriptPubKey().equals(wallet.scriptPubKey()))
                        .mapToLong(output -> output.value().value())
                        .sum();
    }

    @Override
    void close() {
        wallets.forEach(PaymentWallet::close);
        Path files = folder;
        if (files == null) {
            return;
        }
        try (Stream<Path> all = Files.walk(files)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    WorldWallet wallet(WorldNode node) {
        PaymentWallet made = new PaymentWallet(this, node);
        wallets.add(made);
        return made;
    }

    /// Those of the best chain, the first at [FakeChain#FIRST_HEIGHT].
    List<Block> blocks() {
        return Collections.unmodifiableList(blocks);
    }

    /// Where the best chain has it.
    OptionalInt heightOf(Txid txid) {
        Integer height = mined.get(txid);
        return height == null ? OptionalInt.empty() : OptionalInt.of(height);
    }

    /// In one block.
    @Override
    List<Bytes> coins(int count) {
        long[] amounts = new long[count];
        Arrays.fill(amounts, COIN);
        org.tutti.bitcoin.tx.Transaction pays = chain.pay(wallet.scriptPubKey(), amounts);
        add(pays);
        List<Bytes> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            OutPoint coin = new OutPoint(pays.txid(), i);
            Bytes name = PaymentHold.resource(coin);
            coins.put(name, truth.find(coin).orElseThrow().utxo());
            names.add(name);
        }
        return names;
    }

    @Override
    WorldChain.Transaction transaction(Operation operation, Set<Bytes> with, int fee) {
        List<Utxo> spent = with.stream().sorted().map(coins::get).toList();
        Script destination =
                Script.of(Bytes.concat(Bytes.fromHex("0014"), operation.content().slice(0, 20)));
        long amount = 10_000 + 500L * operation.amount();
        long change = COIN * spent.size() - amount - 1_000L * (1 + fee);
        org.tutti.bitcoin.tx.Transaction unsigned =
                new org.tutti.bitcoin.tx.Transaction(
                        2,
                        spent.stream()
                                .map(coin -> TxIn.unsigned(coin.outPoint(), Sequence.REPLACEABLE))
                                .toList(),
                        List.of(
                                new TxOut(Sat.of(amount), destination),
                                new TxOut(Sat.of(change), wallet.scriptPubKey())),
                        LockTime.NONE);
        UnsignedPayment payment = new UnsignedPayment(unsigned, spent);
        Bytes id = unsigned.serializeWithoutWitness();
        payments.put(id, unsigned);
        if (operation.once()) {
            paidOnce.add(id);
        }
        return new WorldChain.Transaction(
                id,
                operation.once() ? operation.id() : unsigned.txid().bytes(),
                PaymentHold.of(unsigned, wallet::owns).content(),
                operation.amount(),
                with,
                PaymentApproval.draft(payment, Bytes.EMPTY, Duration.ofMinutes(1)).messages());
    }

    /// A node hands a transaction to its Bitcoin peers: it is mined soon, or later when it is sent
    /// again.
    boolean broadcast(org.tutti.bitcoin.tx.Transaction complete) {
        group.world.counts.count("broadcasts");
        if (group.protectedBySomebody() && group.world.chance(50)) {
            confirm(find(complete.serializeWithoutWitness()));
        }
        return true;
    }

    @Override
    void connected(List<WorldChain.Transaction> block) {
        add(
                block.stream()
                        .map(transaction -> payments.get(transaction.id()))
                        .toArray(org.tutti.bitcoin.tx.Transaction[]::new));
        if (!block.isEmpty()) {
            requirePaidOnce();
        }
        wallets.forEach(PaymentWallet::rebroadcast);
    }

    private void add(org.tutti.bitcoin.tx.Transaction... transactions) {
        chain.mine(transactions);
        blocks.add(chain.last());
        for (org.tutti.bitcoin.tx.Transaction transaction : transactions) {
            mined.put(transaction.txid(), chain.height());
        }
        wallets.forEach(PaymentWallet::catchUp);
    }

    @Override
    void disconnected(int count) {
        for (int i = 0; i < count; i++) {
            Block gone = blocks.removeLast();
            int height = chain.height();
            chain.disconnect();
            gone.txids().forEach(mined::remove);
            wallets.forEach(each -> each.disconnected(height, gone.header()));
        }
        group.world.counts.count("reorganisations");
    }

    /// By what is in the blocks: no destination of an operation that happens once gets its amount
    /// twice.
    private void requirePaidOnce() {
        Set<TxOut> paid = new HashSet<>();
        for (Block block : blocks) {
            for (org.tutti.bitcoin.tx.Transaction transaction : block.transactions()) {
                if (transaction.isCoinbase()
                        || !paidOnce.contains(transaction.serializeWithoutWitness())) {
                    continue;
                }
                for (TxOut output : PaymentHold.foreign(transaction, wallet::owns)) {
                    if (!paid.add(output)) {
                        throw new AssertionError("paid twice: " + output);
                    }
                }
            }
        }
    }
}
