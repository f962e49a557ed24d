package org.tutti.wallet.request;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.psbt.Psbt;
import org.tutti.bitcoin.tx.LockTime;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Sequence;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.bitcoin.units.FeeRate;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.policy.RefusedException;
import org.tutti.wallet.spend.Dust;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes requests of transactions.
public final class RequestDrafts {
    private RequestDrafts() {}

    /// What to announce so that all keys sign the inputs of this PSBT that are theirs at
    /// `tr(musig(keys))`.
    ///
    /// @param psbt with the outputs that all inputs spend
    /// @param keys of all signers, in any order
    /// @param birthday height of a block before which there are no coins of these keys
    /// @throws RefusedException if signers would refuse it whatever their rules
    public static InvitationDraft ofPsbt(
            Bytes psbt,
            List<PublicKey> keys,
            InvitationDraft.Description forPeople,
            ElectionMethod election,
            int birthday,
            Duration lifetime)
            throws RefusedException {
        return ofPsbt(psbt, keys, Set.of(), forPeople, election, birthday, lifetime);
    }

    /// The same for inputs that are the keys' by other derivations, too.
    public static InvitationDraft ofPsbt(
            Bytes psbt,
            List<PublicKey> keys,
            Set<KeyDerivation> derivations,
            InvitationDraft.Description forPeople,
            ElectionMethod election,
            int birthday,
            Duration lifetime)
            throws RefusedException {
        List<PublicKey> sorted = KeySort.sort(keys);
        return new InvitationDraft(
                sorted,
                KeyOrder.SORTED,
                RequestTransaction.read(sorted, derivations, psbt).messages(),
                psbt,
                forPeople,
                election,
                birthday,
                lifetime);
    }

    /// A PSBT of version 2 that spends one coin of `tr(musig(keys))`; what is left comes back to
    /// the keys, or goes to the miner where it would be dust.
    ///
    /// @param keys their address
    /// @param value of the coin
    /// @throws PaymentException `INSUFFICIENT_FUNDS`, `FEE_RATE_TOO_LOW` or `DUST`
    public static Psbt spend(
            GroupWallet keys, OutPoint coin, Sat value, TxOut payment, FeeRate rate)
            throws PaymentException {
        if (rate.compareTo(FeeRate.MIN_RELAY) < 0) {
            throw new PaymentException(
                    PaymentException.Code.FEE_RATE_TOO_LOW,
                    rate + " is below " + FeeRate.MIN_RELAY + ", which nodes do not relay");
        }
        if (Dust.isDust(payment)) {
            throw new PaymentException(PaymentException.Code.DUST, payment.value() + " is dust");
        }
        Transaction without = transaction(coin, List.of(payment));
        Sat least = rate.feeFor(PaymentBuilder.signedWeight(without));
        if (value.isLessThan(payment.value()) || value.minus(payment.value()).isLessThan(least)) {
            throw new PaymentException(
                    PaymentException.Code.INSUFFICIENT_FUNDS,
                    value + " do not cover " + payment.value() + " and a fee of " + least);
        }
        Sat rest = value.minus(payment.value());
        List<TxOut> outputs = new ArrayList<>(List.of(payment));
        outputs.add(new TxOut(Sat.ZERO, keys.scriptPubKey()));
        Sat fee = rate.feeFor(PaymentBuilder.signedWeight(transaction(coin, outputs)));
        outputs.removeLast();
        if (!rest.isLessThan(fee)) {
            TxOut change = new TxOut(rest.minus(fee), keys.scriptPubKey());
            if (!Dust.isDust(change)) {
                outputs.add(change);
            }
        }
        return Psbt.of(transaction(coin, outputs), List.of(new TxOut(value, keys.scriptPubKey())));
    }

    private static Transaction transaction(OutPoint coin, List<TxOut> outputs) {
        return new Transaction(
                2, List.of(TxIn.unsigned(coin, Sequence.REPLACEABLE)), outputs, LockTime.NONE);
    }
}
