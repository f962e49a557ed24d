package org.tutti.wallet.payments;

import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.policy.DailySpending;
import org.tutti.wallet.policy.FeeLadder;

import java.time.Instant;
import java.util.List;

/// Leads what becomes of holds to the payments and to the day's limit.
///
/// Runs on the signing engine's thread; both return at once.
public final class PaymentHolds implements HoldListener {
    private final PaymentProcessor payments;
    private final GroupWallet wallet;
    private final DailySpending spending;

    public PaymentHolds(PaymentProcessor payments, DailySpending spending) {
        this.payments = payments;
        this.wallet = payments.wallet();
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
        // Only what was a payment gets approved. Of a ladder the dearest rung was counted.
        List<Transaction> rungs = FeeLadder.of(request, wallet::owns);
        if (!rungs.isEmpty()) {
            spending.committed(request.sessionId(), rungs.getLast().txid());
        }
    }
}
