package org.tutti.wallet.payments;

import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;
import org.tutti.wallet.policy.PaymentApproval;

import java.util.function.Consumer;
import java.util.function.Predicate;

/// Leads what the signing service tells to the payments: signatures to the [PaymentProcessor], and
/// to the approval which sessions lock coins again after a restart and which no longer do.
///
/// Runs on the signing service's event thread, one call at a time.
public final class PaymentSessionListener implements Consumer<SessionEvent> {
    private final Predicate<SigningRequest> own;
    private final PaymentApproval approval;
    private final PaymentProcessor payments;

    /// @param own whether this node asked for it
    public PaymentSessionListener(
            Predicate<SigningRequest> own, PaymentApproval approval, PaymentProcessor payments) {
        this.own = own;
        this.approval = approval;
        this.payments = payments;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Resumed e -> approval.resumed(e.request());
            case SessionEvent.Signed e -> {
                // Told again after a restart, it still locks its coins.
                approval.resumed(e.request());
                payments.signed(e.at(), e.request(), e.signatures(), own.test(e.request()));
            }
            case SessionEvent.Refused e -> approval.ended(e.session());
            case SessionEvent.Aborted e -> approval.ended(e.outcome().sessionId());
            case SessionEvent.Announced _,
                    SessionEvent.ReadySeen _,
                    SessionEvent.AttemptStarted _,
                    SessionEvent.NoncesSeen _,
                    SessionEvent.PartialSeen _,
                    SessionEvent.AttemptFailed _,
                    SessionEvent.Dropped _,
                    SessionEvent.ClockStepped _,
                    SessionEvent.JournalWentBack _,
                    SessionEvent.JournalFailed _ -> {
                // Nothing changes for coins and payments.
            }
        }
    }
}
