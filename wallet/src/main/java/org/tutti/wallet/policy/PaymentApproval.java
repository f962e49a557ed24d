package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.units.Sat;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Decides on payments as one signer: reads the transaction strictly, takes the prevouts from its
/// own coins, rebuilds what is signed, and applies its own policy (SIGNING-SAFETY 14).
///
/// Everything but payments is refused: a bare 32-byte message could be the signature hash of
/// anything. An approval names what the payment holds ([PaymentHold]); which of two payments gets a
/// coin is decided by the signing service, which alone knows how far each has come.
///
/// Safe for many threads at once; keeps no state but the [DailySpending] and the policy.
public final class PaymentApproval implements Approval {
    /// The purpose of a request whose context is an unsigned transaction.
    public static final String PURPOSE = "payment";

    private final GroupWallet wallet;
    private final UtxoStore utxos;
    private volatile SpendPolicy policy;
    private final DailySpending spending;
    private final BooleanSupplier room;
    private final EarlierVersions earlier;
    private final Duration timeout;
    private final List<Bytes> keys;

    /// What counts against the day's limit already.
    @FunctionalInterface
    public interface EarlierVersions {
        /// The most that another version of the same payment takes from the group, if at most one
        /// of all can be mined; zero if there is none.
        Sat counted(SigningRequest request, Transaction unsigned);
    }

    /// @param room whether another payment can be remembered until it is final; without it none is
    ///   approved, so that none that may have been signed is ever forgotten
    /// @param earlier of a new version only what it takes beyond them counts against the day's
    ///   limit
    /// @param spending stays the caller's to close
    /// @param timeout how long a payment waits for the next block where this signer's chain may
    ///   only be behind the requester's; where it has no chain yet, as after a start, a payment
    ///   waits until the session's readiness deadline interrupts it
    public PaymentApproval(
            GroupWallet wallet,
            UtxoStore utxos,
            SpendPolicy policy,
            DailySpending spending,
            BooleanSupplier room,
            EarlierVersions earlier,
            Duration timeout) {
        this.wallet = wallet;
        this.utxos = utxos;
        this.policy = policy;
        this.spending = spending;
        this.room = room;
        this.earlier = earlier;
        this.timeout = timeout;
        this.keys = wallet.keys().stream().map(PublicKey::bytes).toList();
    }

    /// The policy that decides now.
    public SpendPolicy policy() {
        return policy;
    }

    /// From the next decision on this policy is the signer's.
    public void use(SpendPolicy changed) {
        policy = changed;
    }

    /// What to ask the group for: the messages are the payment's own, for the others to rebuild.
    ///
    /// @param key names the payment among those of its requester
    public static SigningRequestDraft draft(UnsignedPayment payment, Bytes key, Duration lifetime) {
        return draft(List.of(payment), key, lifetime);
    }

    /// The same for a payment with several rates, in one session ([FeeLadder]).
    ///
    /// @param rungs the cheapest first, at most [FeeLadder#MAX_RUNGS]
    public static SigningRequestDraft draft(
            List<UnsignedPayment> rungs, Bytes key, Duration lifetime) {
        List<Transaction> transactions = rungs.stream().map(UnsignedPayment::transaction).toList();
        return new SigningRequestDraft(
                messages(rungs),
                rungs.size() == 1 ? PURPOSE : FeeLadder.PURPOSE,
                rungs.size() == 1
                        ? transactions.getFirst().serializeWithoutWitness()
                        : FeeLadder.encode(transactions),
                key,
                lifetime);
    }

    @Override
    public Decision decide(SigningRequest request, Member requester) throws InterruptedException {
        try {
            List<UnsignedPayment> rungs = readAndCheck(request);
            // All rungs spend the same coins for the same: the dearest takes most.
            UnsignedPayment payment = rungs.getLast();
            List<MessageToSign> messages = messages(rungs);
            if (!messages.equals(request.messages())) {
                throw new RefusedException(
                        RefusalCode.SIGHASH_MISMATCH,
                        "the messages are not this transaction's signature hashes");
            }
            if (!room.getAsBoolean()) {
                throw new RefusedException(
                        RefusalCode.TOO_MANY_PAYMENTS,
                        "too many payments are neither confirmed nor given up");
            }
            // Last, because it is on disk afterwards: what is refused for another reason must not
            // use up the day's limit.
            spending.count(
                    request.sessionId(), payment.transaction().txid(), added(request, payment));
            return new Decision.Approved(
                    messages, PaymentHold.of(payment.transaction(), wallet::owns));
        } catch (RefusedException e) {
            return new Decision.Refused(e.code().name(), e.reason());
        }
    }

    /// What it takes from the group beyond what an earlier version of it takes.
    private Sat added(SigningRequest request, UnsignedPayment payment) {
        Sat outflow = SpendPolicy.outflow(payment, wallet::owns);
        Sat before = earlier.counted(request, payment.transaction());
        return outflow.isMoreThan(before) ? outflow.minus(before) : Sat.ZERO;
    }

    /// As an approval would name it; also of a payment that the policy refuses now, or whose coins
    /// are not known.
    @Override
    public Hold holdOf(SigningRequest request) {
        try {
            return FeeLadder.isPayment(request.purpose())
                    ? PaymentHold.of(
                            FeeLadder.parse(request.purpose(), request.context(), wallet::owns)
                                    .getLast(),
                            wallet::owns)
                    : Hold.NONE;
        } catch (RefusedException | IllegalArgumentException e) {
            return Hold.NONE; // No signer has ever approved it.
        }
    }

    /// The payment as this signer understands it, for people to look at.
    ///
    /// @return nothing when the bytes are not a payment from our coins
    public Optional<UnsignedPayment> read(Bytes context) {
        try {
            return Optional.of(PaymentReader.read(PaymentReader.parse(context), utxos));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /// The payment, or its rungs, each of which the policy allows by itself.
    private List<UnsignedPayment> readAndCheck(SigningRequest request)
            throws RefusedException, InterruptedException {
        if (!FeeLadder.isPayment(request.purpose())) {
            throw new RefusedException(
                    RefusalCode.PURPOSE_NOT_ALLOWED, "this signer signs payments only");
        }
        if (!request.keys().equals(keys)) {
            throw new RefusedException(
                    RefusalCode.OTHER_GROUP, "the request names other keys than this wallet's");
        }
        List<UnsignedPayment> rungs = new ArrayList<>();
        for (Transaction rung :
                FeeLadder.parse(request.purpose(), request.context(), wallet::owns)) {
            rungs.add(readWaitingForChain(rung));
        }
        for (UnsignedPayment rung : rungs) {
            policy.check(rung, wallet::owns);
        }
        return rungs;
    }

    /// A signer that was just started, or hears of a block later than the requester, must not end
    /// the session for everybody: that it does not know the chain yet says nothing against the
    /// payment. The session's deadline interrupts a wait that is too long.
    private UnsignedPayment readWaitingForChain(Transaction transaction)
            throws RefusedException, InterruptedException {
        while (true) {
            Optional<BlockHash> tip = utxos.tip();
            try {
                return PaymentReader.read(transaction, utxos);
            } catch (RefusedException e) {
                boolean mayPass =
                        switch (e.code()) {
                            case UNKNOWN_PREVOUT, IMMATURE, NOT_FINAL -> true;
                            default -> false;
                        };
                if (!mayPass) {
                    throw e;
                }
                if (tip.isEmpty()) {
                    utxos.awaitTip();
                } else if (!utxos.awaitOtherTip(tip, timeout)) {
                    throw e;
                }
            }
        }
    }

    private static List<MessageToSign> messages(List<UnsignedPayment> rungs) {
        List<MessageToSign> messages = new ArrayList<>();
        for (UnsignedPayment rung : rungs) {
            List<Bytes> sighashes = rung.sighashes();
            for (int i = 0; i < sighashes.size(); i++) {
                messages.add(
                        new MessageToSign(
                                sighashes.get(i),
                                KeyTweak.keyPathOnly(),
                                Optional.empty(),
                                rung.utxos().get(i).path()));
            }
        }
        return messages;
    }
}
