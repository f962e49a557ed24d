package org.tutti.wallet.payments;

import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.PaymentApproval;

import java.time.Instant;
import java.util.List;

/// Leads what becomes of holds to the payments and to the day's limit.
///
/// Runs on the signing engine's thread; both return at once.
public final class PaymentHolds implements HoldListener {
    private final PaymentProcessor payments;
    private final DailySpending spending;

    public PaymentHolds(PaymentProcessor payments, DailySpending spending) {
        this.payments = payments;
        this.spending = spending;
    }

    @Override
    public void reserved(SigningRequest request, Hold hold) {
        payments.reserved(request);
    }

    @Override
    public void committed(SigningRequest request, Hold hold) {
        spend(request);
        payments.committed(request);
    }

    @Override
    public void released(SigningRequest request, Hold hold) {
        spending.released(request.sessionId());
        payments.released(request);
    }

    @Override
    public void unknown(SigningRequest request, Hold hold) {
        spend(request);
        payments.unknown(request);
    }

    @Override
    public void signed(
            SigningRequest request, Hold hold, List<SchnorrSignature> signatures, Instant at) {
        spend(request);
        payments.signed(request, signatures, at);
    }

    @Override
    public void settled(SessionId session) {
        payments.settled(session);
    }

    private void spend(SigningRequest request) {
        if (!request.purpose().equals(PaymentApproval.PURPOSE)) {
            return;
        }
        try {
            spending.committed(
                    request.sessionId(), Transaction.parseWithoutWitness(request.context()).txid());
        } catch (DecodeException e) {
            // Only what was a transaction gets approved.
            return;
        }
    }
}
