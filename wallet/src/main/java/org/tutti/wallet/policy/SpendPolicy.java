package org.tutti.wallet.policy;

import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.wallet.spend.Dust;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.UnsignedPayment;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The limits that one signer sets for itself. Every signer has its own; the strictest decides.
///
/// @param maxAmount the most that one payment may send to others
/// @param maxFee the most that one payment may leave to the miner
/// @param allowlist whom it may pay
public record SpendPolicy(Sat maxAmount, Sat maxFee, Allowlist allowlist) {

    /// A broken rule.
    public record Broken(RefusalCode code, String reason) {}

    /// The first rule that a payment breaks, or nothing.
    ///
    /// @param isOwn whether a script is the group's
    public Optional<Broken> firstBroken(UnsignedPayment payment, Predicate<Script> isOwn) {
        try {
            check(payment, isOwn);
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(new Broken(e.code(), e.reason()));
        }
    }

    /// What a payment that was checked takes from the group: to others and to the miner.
    public static Sat outflow(UnsignedPayment payment, Predicate<Script> isOwn) {
        return payment.inputValue()
                .minus(
                        Sat.sum(
                                payment.transaction().outputs().stream()
                                        .filter(o -> isOwn.test(o.scriptPubKey()))
                                        .map(TxOut::value)
                                        .toList()));
    }

    void check(UnsignedPayment payment, Predicate<Script> isOwn) throws RefusedException {
        List<TxOut> outputs = payment.transaction().outputs();
        Sat in = payment.inputValue();
        Sat fee = in.minus(sum(outputs, in, RefusalCode.OUTPUTS_EXCEED_INPUTS, "outputs"));
        for (TxOut output : outputs) {
            if (Dust.isDust(output)) {
                throw new RefusedException(
                        RefusalCode.DUST_OUTPUT, "an output of " + output.value() + " is dust");
            }
        }
        List<TxOut> foreign = outputs.stream().filter(o -> !isOwn.test(o.scriptPubKey())).toList();
        checkAllowlist(foreign);
        sum(foreign, maxAmount, RefusalCode.AMOUNT_ABOVE_LIMIT, "payments to others");
        checkFee(payment, fee);
    }

    /// Adds up without ever leaving the range of money: the limit stops it.
    private static Sat sum(List<TxOut> outputs, Sat limit, RefusalCode code, String what)
            throws RefusedException {
        Sat sum = Sat.ZERO;
        for (TxOut output : outputs) {
            if (output.value().isMoreThan(limit.minus(sum))) {
                throw new RefusedException(code, what + " are above " + limit);
            }
            sum = sum.plus(output.value());
        }
        return sum;
    }

    private void checkAllowlist(List<TxOut> foreign) throws RefusedException {
        switch (allowlist) {
            case Allowlist.Any() -> {
                if (foreign.size() > 1) {
                    throw new RefusedException(
                            RefusalCode.CHANGE_NOT_OURS,
                            foreign.size() + " outputs pay others: only one can be the payment");
                }
            }
            case Allowlist.Only only -> checkAllowed(foreign, only);
        }
    }

    private static void checkAllowed(List<TxOut> foreign, Allowlist.Only only)
            throws RefusedException {
        List<TxOut> strange =
                foreign.stream().filter(o -> !only.scripts().contains(o.scriptPubKey())).toList();
        if (strange.isEmpty()) {
            return;
        }
        // Beside an allowed payment, what goes elsewhere is in the place of the change.
        if (strange.size() < foreign.size()) {
            throw new RefusedException(
                    RefusalCode.CHANGE_NOT_OURS,
                    "an output beside the payment pays neither the group nor anybody allowed");
        }
        throw new RefusedException(
                RefusalCode.DESTINATION_NOT_ALLOWED,
                "script " + brief(strange.getFirst().scriptPubKey()) + " is not allowed");
    }

    private static String brief(Script script) {
        return script.length() <= 42 ? script.toHex() : script.slice(0, 42).toHex() + "…";
    }

    private void checkFee(UnsignedPayment payment, Sat fee) throws RefusedException {
        if (fee.isMoreThan(maxFee)) {
            throw new RefusedException(
                    RefusalCode.FEE_ABOVE_LIMIT, "the fee of " + fee + " is above " + maxFee);
        }
        Sat least = FeeRate.MIN_RELAY.feeFor(PaymentBuilder.signedWeight(payment.transaction()));
        if (fee.isLessThan(least)) {
            throw new RefusedException(
                    RefusalCode.FEE_BELOW_RELAY,
                    "the fee of " + fee + " is below " + least + ", which nodes relay from");
        }
    }
}
