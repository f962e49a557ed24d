package org.tutti.wallet.spend;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.bitcoin.units.Weight;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.Utxo;
import org.tutti.wallet.coins.UtxoState;
import org.tutti.wallet.coins.UtxoStore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// Selects coins and writes the unsigned transaction of a payment. What is left goes back to the
/// group, to an address that is not used yet where it has many, or to the miner where it would be
/// dust.
///
/// Holds no state of its own: two payments built at once may choose the same coins, and only one of
/// them gets signed.
public final class PaymentBuilder {
    /// The most inputs of one payment: each is a message of the signing session.
    public static final int MAX_INPUTS = 100;

    /// The most messages of one signing session.
    private static final int MAX_MESSAGES = 256;

    /// A Taproot key path signature with SIGHASH_DEFAULT (BIP341).
    static final Bytes SIGNATURE_PLACEHOLDER = Bytes.wrap(new byte[64]);

    /// What a replacement pays beyond what it replaces, by default (Bitcoin Core's
    /// `-incrementalrelayfee` as most nodes have it).
    private static final FeeRate INCREMENTAL_RELAY = new FeeRate(1_000);

    private static final int VERSION = 2;

    private final UtxoStore utxos;
    private final Predicate<OutPoint> locked;
    private final Script change;

    public PaymentBuilder(GroupWallet wallet, UtxoStore utxos) {
        this(wallet, utxos, outPoint -> false);
    }

    /// @param locked coins that are on their way in another payment: taken only where they are
    ///   named
    public PaymentBuilder(GroupWallet wallet, UtxoStore utxos, Predicate<OutPoint> locked) {
        this(wallet, utxos, locked, wallet.freshChange(utxos::isUsed));
    }

    /// @param change script of the group's that what is left goes to
    public PaymentBuilder(
            GroupWallet wallet, UtxoStore utxos, Predicate<OutPoint> locked, Script change) {
        if (!wallet.owns(change)) {
            throw new IllegalArgumentException("change that is not the group's");
        }
        this.utxos = utxos;
        this.locked = locked;
        this.change = change;
    }

    /// Builds a payment.
    ///
    /// @param payments outputs to others, at least one
    /// @throws PaymentException saying why it cannot be built
    public UnsignedPayment build(List<TxOut> payments, FeeRate feeRate, CoinSelection choice)
            throws PaymentException {
        return build(payments, feeRate, choice, Optional.empty());
    }

    /// Builds a payment that may be another version of one that was perhaps signed.
    ///
    /// @param pinned the coin to spend in any case, as the first one, so that only one of the
    ///   versions can be mined
    public UnsignedPayment build(
            List<TxOut> payments, FeeRate feeRate, CoinSelection choice, Optional<OutPoint> pinned)
            throws PaymentException {
        if (payments.isEmpty()) {
            throw new PaymentException(
                    PaymentException.Code.NOTHING_TO_PAY, "a payment needs an output");
        }
        requirePayable(payments, feeRate);
        Selection selection = select(choice);
        if (pinned.isPresent()) {
            selection = selection.withFirst(find(List.of(pinned.get())).getFirst());
            requireFewEnough(selection.atLeast());
        }
        return build(payments, selection, feeRate::feeFor);
    }

    /// Builds versions of one payment that leave more and more to the miner, all of the same coins.
    ///
    /// @param rates the lowest first
    /// @throws PaymentException `FEE_RATE_TOO_LOW` if one does not replace the one before it, as
    ///   where they are too close or nothing comes back to the group that could be taken for it
    public List<UnsignedPayment> build(
            List<TxOut> payments,
            List<FeeRate> rates,
            CoinSelection choice,
            Optional<OutPoint> pinned)
            throws PaymentException {
        UnsignedPayment dearest = build(payments, rates.getLast(), choice, pinned);
        List<OutPoint> same = dearest.utxos().stream().map(Utxo::outPoint).toList();
        if (rates.size() * same.size() > MAX_MESSAGES) {
            throw new PaymentException(
                    PaymentException.Code.TOO_MANY_INPUTS,
                    "%d coins for each of %d rates".formatted(same.size(), rates.size()));
        }
        List<UnsignedPayment> rungs = new ArrayList<>();
        for (FeeRate rate : rates.subList(0, rates.size() - 1)) {
            rungs.add(build(payments, rate, new CoinSelection.Named(same), Optional.empty()));
        }
        rungs.add(dearest);
        for (int i = 1; i < rungs.size(); i++) {
            UnsignedPayment before = rungs.get(i - 1);
            Weight weight = signedWeight(rungs.get(i).transaction());
            Sat least =
                    new Replaced(before.fee(), signedWeight(before.transaction()))
                            .leastFeeOf(weight);
            if (rungs.get(i).fee().isLessThan(least)) {
                throw new PaymentException(
                        PaymentException.Code.FEE_RATE_TOO_LOW,
                        "%s leaves %s to the miner, and %s are needed to replace what pays %s"
                                .formatted(
                                        rates.get(i), rungs.get(i).fee(), least, rates.get(i - 1)));
            }
        }
        return rungs;
    }

    /// What waits in the peers' memory pools, or may, and is to be replaced there.
    ///
    /// @param fee what it pays
    /// @param weight with its signatures
    public record Replaced(Sat fee, Weight weight) {
        /// What a transaction of this weight has to pay for taking its place (BIP125, rules 3 and
        /// 4; Bitcoin Core's `PaysForRBF` and `PaysMoreThanConflicts`): its fee, and what relaying
        /// costs beside it, at a higher rate. Transactions of others that spend its outputs have to
        /// be paid for too, and nobody here sees them: a peer that has some refuses.
        Sat leastFeeOf(Weight replacement) {
            Sat more = fee.plus(INCREMENTAL_RELAY.feeFor(replacement));
            Sat rate =
                    Sat.of(
                            Math.multiplyExact(fee.value(), replacement.virtualBytes())
                                            / weight.virtualBytes()
                                    + 1);
            return more.isLessThan(rate) ? rate : more;
        }
    }

    /// Builds a transaction that takes the place of others which spend a coin of the same.
    ///
    /// @param payments outputs to others; none to cancel
    /// @param coins to spend, of which the first in any case: those of the newest version; more are
    ///   added if these do not cover the fee
    /// @param replaced all that may be in a memory pool
    /// @param feeRate what it is to pay; as little as replaces them if absent
    /// @throws PaymentException `FEE_RATE_TOO_LOW` naming the rate that is needed, or as the others
    public UnsignedPayment replace(
            List<TxOut> payments,
            List<OutPoint> coins,
            List<Replaced> replaced,
            Optional<FeeRate> feeRate)
            throws PaymentException {
        requirePayable(payments, feeRate.orElse(FeeRate.MIN_RELAY));
        List<Utxo> own = find(coins);
        List<Utxo> more = new ArrayList<>(select(new CoinSelection.Fewest()).ifNeeded());
        more.removeAll(own);
        // To cancel, what does not have to be spent is not.
        int atLeast = payments.isEmpty() ? 1 : own.size();
        List<Utxo> ifNeeded = new ArrayList<>(own.subList(atLeast, own.size()));
        ifNeeded.addAll(more);
        Function<Weight, Sat> fee =
                weight -> {
                    Sat least = FeeRate.MIN_RELAY.feeFor(weight);
                    for (Replaced one : replaced) {
                        Sat needed = one.leastFeeOf(weight);
                        least = least.isLessThan(needed) ? needed : least;
                    }
                    Sat wanted = feeRate.map(rate -> rate.feeFor(weight)).orElse(Sat.ZERO);
                    return least.isLessThan(wanted) ? wanted : least;
                };
        UnsignedPayment payment =
                build(payments, new Selection(own.subList(0, atLeast), ifNeeded), fee);
        Weight weight = signedWeight(payment.transaction());
        Sat least = fee.apply(weight);
        if (feeRate.isPresent() && feeRate.get().feeFor(weight).isLessThan(least)) {
            throw new PaymentException(
                    PaymentException.Code.FEE_RATE_TOO_LOW,
                    "at least %d sat/vB are needed to replace what was sent before"
                            .formatted(Math.ceilDiv(least.value(), weight.virtualBytes())));
        }
        return payment;
    }

    private UnsignedPayment build(
            List<TxOut> payments, Selection selection, Function<Weight, Sat> fee)
            throws PaymentException {
        List<Utxo> chosen = new ArrayList<>(selection.atLeast());
        List<Utxo> reserve = new ArrayList<>(selection.ifNeeded());
        while (true) {
            Optional<UnsignedPayment> payment = tryUtxos(chosen, payments, fee);
            if (payment.isPresent()) {
                return payment.get();
            }
            if (reserve.isEmpty()) {
                throw insufficient(chosen, payments);
            }
            chosen.add(reserve.removeFirst());
            requireFewEnough(chosen);
        }
    }

    /// Coins to take in any case, and coins to add one by one until amount and fee are covered.
    private record Selection(List<Utxo> atLeast, List<Utxo> ifNeeded) {
        Selection withFirst(Utxo coin) {
            List<Utxo> first = new ArrayList<>(List.of(coin));
            atLeast.stream().filter(other -> !other.equals(coin)).forEach(first::add);
            return new Selection(
                    first, ifNeeded.stream().filter(other -> !other.equals(coin)).toList());
        }
    }

    private Selection select(CoinSelection choice) throws PaymentException {
        List<Utxo> spendable =
                utxos.spendable().stream().filter(c -> !locked.test(c.outPoint())).toList();
        Selection selection =
                switch (choice) {
                    case CoinSelection.Fewest() -> new Selection(List.of(), spendable);
                    case CoinSelection.All() -> new Selection(spendable, List.of());
                    case CoinSelection.Named(List<OutPoint> named) ->
                            new Selection(find(named), List.of());
                    case CoinSelection.AtLeast(int count) -> atLeast(count, spendable);
                };
        requireFewEnough(selection.atLeast());
        return selection;
    }

    private static Selection atLeast(int count, List<Utxo> spendable) throws PaymentException {
        if (count > spendable.size()) {
            throw new PaymentException(
                    PaymentException.Code.INSUFFICIENT_FUNDS,
                    count + " coins wanted, " + spendable.size() + " can be spent");
        }
        return new Selection(
                spendable.subList(0, count), spendable.subList(count, spendable.size()));
    }

    private List<Utxo> find(List<OutPoint> named) throws PaymentException {
        List<Utxo> found = new ArrayList<>();
        for (OutPoint outPoint : named) {
            if (!(utxos.find(outPoint).orElse(null) instanceof UtxoState.Unspent(Utxo utxo))
                    || !utxo.isMature(utxos.tipHeight())
                    || found.contains(utxo)) {
                throw new PaymentException(
                        PaymentException.Code.COIN_NOT_SPENDABLE,
                        outPoint + " cannot be spent now, or is named twice");
            }
            found.add(utxo);
        }
        return found;
    }

    private static void requireFewEnough(List<Utxo> chosen) throws PaymentException {
        if (chosen.size() > MAX_INPUTS) {
            throw new PaymentException(
                    PaymentException.Code.TOO_MANY_INPUTS,
                    "more than " + MAX_INPUTS + " coins in one payment");
        }
    }

    /// The payment with exactly these coins, or nothing when they do not cover amount and fee.
    private Optional<UnsignedPayment> tryUtxos(
            List<Utxo> chosen, List<TxOut> payments, Function<Weight, Sat> fee)
            throws PaymentException {
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        Sat in = Sat.sum(chosen.stream().map(Utxo::value).toList());
        Sat paid = Sat.sum(payments.stream().map(TxOut::value).toList());
        Sat feeWithoutChange = fee.apply(signedWeight(chosen, payments));
        if (in.isLessThan(paid) || in.minus(paid).isLessThan(feeWithoutChange)) {
            return Optional.empty();
        }
        List<TxOut> outputs = new ArrayList<>(payments);
        outputs.add(new TxOut(Sat.ZERO, change));
        Sat feeWithChange = fee.apply(signedWeight(chosen, outputs));
        outputs.removeLast();
        Sat rest = in.minus(paid);
        if (!rest.isLessThan(feeWithChange)) {
            TxOut back = new TxOut(rest.minus(feeWithChange), change);
            if (!Dust.isDust(back)) {
                outputs.add(back);
            }
        }
        if (outputs.isEmpty()) {
            return Optional.empty();
        }
        Transaction transaction = unsigned(chosen, outputs);
        requireStandard(signedWeight(transaction));
        return Optional.of(new UnsignedPayment(transaction, chosen));
    }

    private static Transaction unsigned(List<Utxo> chosen, List<TxOut> outputs) {
        List<TxIn> inputs =
                chosen.stream()
                        .map(utxo -> TxIn.unsigned(utxo.outPoint(), Sequence.REPLACEABLE))
                        .toList();
        return new Transaction(VERSION, inputs, outputs, LockTime.NONE);
    }

    private static Weight signedWeight(List<Utxo> chosen, List<TxOut> outputs) {
        Transaction unsigned = unsigned(chosen, outputs);
        return signedWeight(unsigned);
    }

    /// What a transaction will weigh when every input has its 64-byte signature.
    public static Weight signedWeight(Transaction unsigned) {
        List<Bytes> witness = Collections.singletonList(SIGNATURE_PLACEHOLDER);
        List<TxIn> inputs = unsigned.inputs().stream().map(in -> in.withWitness(witness)).toList();
        return new Transaction(unsigned.version(), inputs, unsigned.outputs(), unsigned.lockTime())
                .weight();
    }

    private static void requireStandard(Weight weight) throws PaymentException {
        if (weight.isMoreThan(Weight.MAX_STANDARD_TRANSACTION)) {
            throw new PaymentException(
                    PaymentException.Code.TOO_LARGE,
                    weight + ", nodes relay at most " + Weight.MAX_STANDARD_TRANSACTION);
        }
    }

    private static void requirePayable(List<TxOut> payments, FeeRate feeRate)
            throws PaymentException {
        if (feeRate.compareTo(FeeRate.MIN_RELAY) < 0) {
            throw new PaymentException(
                    PaymentException.Code.FEE_RATE_TOO_LOW,
                    feeRate + " is below " + FeeRate.MIN_RELAY + ", which nodes do not relay");
        }
        Sat left = Sat.MAX;
        for (TxOut payment : payments) {
            if (payment.value().isMoreThan(left)) {
                throw new PaymentException(
                        PaymentException.Code.INSUFFICIENT_FUNDS, "more money than there is");
            }
            left = left.minus(payment.value());
            if (Dust.isDust(payment)) {
                throw new PaymentException(
                        PaymentException.Code.DUST,
                        payment.value() + " is dust, at least " + Dust.threshold(payment));
            }
        }
    }

    private PaymentException insufficient(List<Utxo> chosen, List<TxOut> payments) {
        Sat have = Sat.sum(chosen.stream().map(Utxo::value).toList());
        Sat want = Sat.sum(payments.stream().map(TxOut::value).toList());
        List<Utxo> held =
                utxos.spendable().stream()
                        .filter(coin -> locked.test(coin.outPoint()) && !chosen.contains(coin))
                        .toList();
        return new PaymentException(
                PaymentException.Code.INSUFFICIENT_FUNDS,
                "%s in %d coins do not cover %s and the fee%s"
                        .formatted(
                                have,
                                chosen.size(),
                                want,
                                held.isEmpty()
                                        ? ""
                                        : "; %s in %d coins are held by payments that are not final"
                                                .formatted(
                                                        Sat.sum(
                                                                held.stream()
                                                                        .map(Utxo::value)
                                                                        .toList()),
                                                        held.size())));
    }
}
