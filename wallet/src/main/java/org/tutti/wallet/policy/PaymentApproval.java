package org.tutti.wallet.policy;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Decides on payments as one signer: reads the transaction strictly, takes the prevouts from its
/// own coins, rebuilds what is signed, and applies its own policy (SIGNING-SAFETY 14).
///
/// Everything but payments is refused: a bare 32-byte message could be the signature hash of
/// anything. Safe for many threads at once; keeps no state but the [CoinLocks] and the
/// [DailySpending].
public final class PaymentApproval implements Approval {
    /// The purpose of a request whose context is an unsigned transaction.
    public static final String PURPOSE = "payment";

    private final GroupWallet wallet;
    private final UtxoStore utxos;
    private final SpendPolicy policy;
    private final CoinLocks locks;
    private final DailySpending spending;
    private final Duration timeout;
    private final InstantSource clock;
    private final List<Bytes> keys;

    /// @param spending stays the caller's to close
    /// @param timeout how long a payment waits for the next block where this signer's chain may
    ///   only be behind the requester's; without a chain at all, as after a start, five times as
    ///   long
    public PaymentApproval(
            GroupWallet wallet,
            UtxoStore utxos,
            SpendPolicy policy,
            CoinLocks locks,
            DailySpending spending,
            Duration timeout,
            InstantSource clock) {
        this.wallet = wallet;
        this.utxos = utxos;
        this.policy = policy;
        this.locks = locks;
        this.spending = spending;
        this.timeout = timeout;
        this.clock = clock;
        this.keys = wallet.keys().stream().map(PublicKey::bytes).toList();
    }

    /// What to ask the group for: the messages are the payment's own, for the others to rebuild.
    public static SigningRequestDraft draft(UnsignedPayment payment, Duration lifetime) {
        return new SigningRequestDraft(
                messages(payment),
                PURPOSE,
                payment.transaction().serializeWithoutWitness(),
                lifetime);
    }

    @Override
    public Decision decide(SigningRequest request, Member requester) throws InterruptedException {
        try {
            UnsignedPayment payment = readAndCheck(request);
            List<MessageToSign> messages = messages(payment);
            if (!messages.equals(request.messages())) {
                throw new RefusedException(
                        RefusalCode.SIGHASH_MISMATCH,
                        "the messages are not this transaction's signature hashes");
            }
            requireFree(lock(request, payment.transaction()));
            count(request, payment);
            return new Decision.Approved(messages);
        } catch (RefusedException e) {
            return new Decision.Refused(e.code().name(), e.reason());
        }
    }

    /// Last, because it cannot be taken back: a session that is refused for another reason must not
    /// use up the day's limit.
    private void count(SigningRequest request, UnsignedPayment payment) throws RefusedException {
        try {
            spending.count(
                    payment.transaction().txid(),
                    SpendPolicy.outflow(payment, wallet.scriptPubKey()));
        } catch (RefusedException e) {
            locks.release(request.sessionId());
            throw e;
        }
    }

    /// The payment as this signer understands it, for people to look at.
    ///
    /// @return nothing when the bytes are not a payment from our coins
    public Optional<UnsignedPayment> read(Bytes context) {
        try {
            return Optional.of(PaymentReader.read(context, utxos));
        } catch (RefusedException e) {
            return Optional.empty();
        }
    }

    /// To be called when a session ends without signatures: its coins are free again.
    public void ended(SessionId session) {
        locks.release(session);
    }

    /// To be called for a session that goes on after a restart: it was approved before, so its
    /// coins are locked without another look. The chain may not be there yet, and need not.
    public void resumed(SigningRequest request) {
        if (!request.purpose().equals(PURPOSE)) {
            return;
        }
        try {
            Transaction transaction = Transaction.parseWithoutWitness(request.context());
            lock(request, transaction);
        } catch (DecodeException e) {
            // It was a transaction when it was approved; other bytes lock no coin.
            return;
        }
    }

    private UnsignedPayment readAndCheck(SigningRequest request)
            throws RefusedException, InterruptedException {
        if (!request.purpose().equals(PURPOSE)) {
            throw new RefusedException(
                    RefusalCode.PURPOSE_NOT_ALLOWED, "this signer signs payments only");
        }
        if (!request.keys().equals(keys)) {
            throw new RefusedException(
                    RefusalCode.OTHER_GROUP, "the request names other keys than this wallet's");
        }
        UnsignedPayment payment = readPatiently(request.context());
        policy.check(payment, wallet.scriptPubKey());
        return payment;
    }

    /// A signer that was just started, or hears of a block later than the requester, must not end
    /// the session for everybody. The session's deadline interrupts a wait that is too long.
    private UnsignedPayment readPatiently(Bytes context)
            throws RefusedException, InterruptedException {
        while (true) {
            Optional<BlockHash> tip = utxos.tip();
            try {
                return PaymentReader.read(context, utxos);
            } catch (RefusedException e) {
                boolean mayPass =
                        switch (e.code()) {
                            case UNKNOWN_PREVOUT, IMMATURE, NOT_FINAL -> true;
                            default -> false;
                        };
                Duration wait = tip.isPresent() ? timeout : timeout.multipliedBy(5);
                if (!mayPass || !utxos.awaitOtherTip(tip, wait)) {
                    throw e;
                }
            }
        }
    }

    private static List<MessageToSign> messages(UnsignedPayment payment) {
        return payment.sighashes().stream()
                .map(hash -> new MessageToSign(hash, KeyTweak.keyPathOnly()))
                .toList();
    }

    private CoinLocks.Outcome lock(SigningRequest request, Transaction transaction) {
        return locks.lock(
                request.sessionId(),
                transaction.txid(),
                transaction.inputs().stream().map(TxIn::outPoint).toList(),
                request.expires(),
                clock.instant());
    }

    private static void requireFree(CoinLocks.Outcome outcome) throws RefusedException {
        switch (outcome) {
            case LOCKED -> {}
            case CONFLICT ->
                    throw new RefusedException(
                            RefusalCode.CONFLICTING_SESSION,
                            "a coin is locked by another session for another transaction");
            case FULL ->
                    throw new RefusedException(
                            RefusalCode.TOO_MANY_SESSIONS, "too many sessions lock coins");
        }
    }
}
