package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.approval.Hold;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What a payment holds while it may be signed: its coins; and what it does: whom it pays how much,
/// whichever coins it spends and whatever it leaves to the miner.
public final class PaymentHold {
    private static final String CONTENT_TAG = "tutti/payment-content";

    private PaymentHold() {}

    /// @param isOwn whether a script is the group's: what goes there is change
    public static Hold of(Transaction transaction, Predicate<Script> isOwn) {
        return new Hold(
                transaction.inputs().stream()
                        .map(TxIn::outPoint)
                        .map(PaymentHold::resource)
                        .collect(Collectors.toSet()),
                content(foreign(transaction, isOwn)),
                /* distinct= */ true);
    }

    /// The name of a coin among the resources: 36 bytes, as an input names it.
    public static Bytes resource(OutPoint coin) {
        ByteBuffer vout = ByteBuffer.allocate(4).putInt(Integer.reverseBytes((int) coin.vout()));
        return Bytes.concat(coin.txid().bytes(), Bytes.wrap(vout.array()));
    }

    /// The outputs that do not come back to the group.
    public static List<TxOut> foreign(Transaction transaction, Predicate<Script> isOwn) {
        return transaction.outputs().stream()
                .filter(output -> !isOwn.test(output.scriptPubKey()))
                .toList();
    }

    /// What a payment of these outputs does: tagged hash `tutti/payment-content` over them, sorted,
    /// each as the length of its script (4 bytes), the script and the amount (8 bytes), big-endian.
    /// Which output stands first, and how the rest comes back, makes no difference. Empty for what
    /// pays nobody but the group: it may cancel another payment.
    public static Bytes content(List<TxOut> foreign) {
        if (foreign.isEmpty()) {
            return Bytes.EMPTY;
        }
        return TaggedHash.of(
                CONTENT_TAG,
                foreign.stream().map(PaymentHold::encoded).sorted().toArray(Bytes[]::new));
    }

    private static Bytes encoded(TxOut output) {
        Bytes script = output.scriptPubKey().bytes();
        ByteBuffer length = ByteBuffer.allocate(4).putInt(script.length());
        ByteBuffer amount = ByteBuffer.allocate(8).putLong(output.value().value());
        return Bytes.concat(Bytes.wrap(length.array()), script, Bytes.wrap(amount.array()));
    }
}
