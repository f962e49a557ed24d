package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxOut;
import org.tutti.signing.request.SigningRequest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The transactions that one request asks to sign: a payment, or the rungs of a fee ladder, which
/// are versions of one payment that leave more and more to the miner. All rungs spend the same
/// coins, in the same order, so that at most one is ever mined, and pay the same others the same
/// amounts; only what comes back to the group differs.
///
/// A ladder's context has each unsigned transaction, the cheapest first, as its length (4 bytes,
/// big-endian) and its bytes without witness; its messages are the signature hashes of the inputs
/// of the first, then of the second, and so on, each with a nonce pair of its own (SIGNING-SAFETY
/// 4: for each message, never for each coin).
public final class FeeLadder {
    /// The purpose of a request whose context is a ladder.
    public static final String PURPOSE = "payment-ladder";

    /// The most rungs.
    public static final int MAX_RUNGS = 3;

    private static final int LENGTH_BYTES = 4;

    private FeeLadder() {}

    /// Whether such a request asks for a payment, with one rung or several.
    public static boolean isPayment(String purpose) {
        return purpose.equals(PaymentApproval.PURPOSE) || purpose.equals(PURPOSE);
    }

    static Bytes encode(List<Transaction> rungs) {
        List<Bytes> parts = new ArrayList<>();
        for (Transaction rung : rungs) {
            Bytes bytes = rung.serializeWithoutWitness();
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).putInt(bytes.length());
            parts.add(Bytes.wrap(length.array()));
            parts.add(bytes);
        }
        return Bytes.concat(parts.toArray(Bytes[]::new));
    }

    /// What a request that was approved asks to sign, the cheapest first; nothing where it is not a
    /// payment, which no approval ever signs.
    ///
    /// @param isOwn whether a script is the group's
    public static List<Transaction> of(SigningRequest request, Predicate<Script> isOwn) {
        if (!isPayment(request.purpose())) {
            return List.of();
        }
        try {
            return parse(request.purpose(), request.context(), isOwn);
        } catch (RefusedException e) {
            return List.of();
        }
    }

    /// @param purpose of a payment
    /// @param isOwn whether a script is the group's: what goes there is change
    static List<Transaction> parse(String purpose, Bytes context, Predicate<Script> isOwn)
            throws RefusedException {
        if (purpose.equals(PaymentApproval.PURPOSE)) {
            return List.of(PaymentReader.parse(context));
        }
        List<Transaction> rungs = split(context);
        if (rungs.size() < 2) {
            throw malformed("a ladder of " + rungs.size() + " rungs");
        }
        for (int i = 1; i < rungs.size(); i++) {
            requireVersions(rungs.get(i - 1), rungs.get(i), isOwn);
        }
        return rungs;
    }

    private static List<Transaction> split(Bytes context) throws RefusedException {
        List<Transaction> rungs = new ArrayList<>();
        int at = 0;
        while (at < context.length()) {
            if (rungs.size() == MAX_RUNGS) {
                throw malformed("more than " + MAX_RUNGS + " rungs");
            }
            if (context.length() - at < LENGTH_BYTES) {
                throw malformed("a ladder that ends in a length");
            }
            int length = ByteBuffer.wrap(context.slice(at, at + LENGTH_BYTES).toArray()).getInt();
            at += LENGTH_BYTES;
            if (length < 0 || length > context.length() - at) {
                throw malformed("a ladder that ends in a transaction");
            }
            rungs.add(PaymentReader.parse(context.slice(at, at + length)));
            at += length;
        }
        return rungs;
    }

    /// At most one of both can be mined, and it does the same, whichever it is: rules 26 and 27
    /// hold among the rungs as among the versions of a payment that are signed one by one.
    private static void requireVersions(
            Transaction lower, Transaction higher, Predicate<Script> isOwn)
            throws RefusedException {
        if (!lower.inputs().equals(higher.inputs())
                || lower.version() != higher.version()
                || !lower.lockTime().equals(higher.lockTime())) {
            throw malformed("rungs that do not spend the same coins in the same way");
        }
        if (!PaymentHold.foreign(lower, isOwn).equals(PaymentHold.foreign(higher, isOwn))) {
            throw malformed("rungs that do not pay the same");
        }
        // The coins are the same: what is not paid out is the fee.
        if (paidOut(higher) >= paidOut(lower)) {
            throw malformed("a rung that pays the miner no more than the one below it");
        }
    }

    /// Each amount is at most 21 million bitcoin, and a transaction has at most some thousand: no
    /// sum overflows.
    private static long paidOut(Transaction transaction) {
        return transaction.outputs().stream()
                .map(TxOut::value)
                .mapToLong(value -> value.value())
                .sum();
    }

    private static RefusedException malformed(String reason) {
        return new RefusedException(RefusalCode.MALFORMED_TRANSACTION, reason);
    }
}
