package org.tutti.wallet.payments;

import org.tutti.bitcoin.tx.TxOut;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.UtxoStore;
import org.tutti.wallet.policy.PaymentApproval;
import org.tutti.wallet.policy.PaymentHold;
import org.tutti.wallet.spend.PaymentBuilder;
import org.tutti.wallet.spend.PaymentException;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/// Makes a payment on this node's behalf, from the order to the signatures: chooses coins, builds
/// the transaction, and asks the group to sign it.
///
/// Threads: any number at once; no state of its own.
public final class PaymentRequester {
    /// How long a payment's session may last in all, restarts of members included.
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    private final GroupWallet wallet;
    private final UtxoStore coins;
    private final Holds holds;
    private final PaymentSigner signer;

    /// @param holds names the coins that sessions hold: not chosen for another payment
    public PaymentRequester(
            GroupWallet wallet, UtxoStore coins, Holds holds, PaymentSigner signer) {
        this.wallet = wallet;
        this.coins = coins;
        this.holds = holds;
        this.signer = signer;
    }

    /// Returns when the group has signed.
    ///
    /// @throws PaymentException if it cannot be built
    /// @throws SigningFailedException if the group does not sign it
    public SignedPayment pay(PaymentOrder order)
            throws PaymentException, SigningFailedException, InterruptedException {
        UnsignedPayment payment = build(order);
        return switch (sign(payment)) {
            case SessionOutcome.Signed signed ->
                    new SignedPayment(
                            signed.sessionId(), payment.transaction().txid(), payment.fee());
            case SessionOutcome.Refused refused ->
                    throw new SigningFailedException(
                            refused.code(), refused.by() + " refuses: " + refused.reason());
            case SessionOutcome.Aborted aborted ->
                    throw new SigningFailedException(aborted.code(), reason(aborted));
        };
    }

    private UnsignedPayment build(PaymentOrder order) throws PaymentException {
        TxOut output = new TxOut(order.amount(), order.to().scriptPubKey());
        return new PaymentBuilder(wallet, coins, coin -> holds.isHeld(PaymentHold.resource(coin)))
                .build(List.of(output), order.feeRate(), order.coins());
    }

    private SessionOutcome sign(UnsignedPayment payment)
            throws SigningFailedException, InterruptedException {
        try {
            return signer.sign(PaymentApproval.draft(payment, LIFETIME), LIFETIME);
        } catch (IllegalStateException e) {
            throw new SigningFailedException("BUSY", String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            throw new SigningFailedException(
                    "TIMED_OUT", "no end of the session within " + LIFETIME.toMinutes() + " min");
        }
    }

    private static String reason(SessionOutcome.Aborted aborted) {
        return aborted.by()
                + " gave up: "
                + aborted.reason()
                + (aborted.culprits().isEmpty() ? "" : ", because of " + aborted.culprits())
                + (aborted.claimed().isEmpty()
                        ? ""
                        : ", and blames, unproven, " + aborted.claimed())
                + aborted.evidence().map(file -> ", see " + file).orElse("");
    }
}
