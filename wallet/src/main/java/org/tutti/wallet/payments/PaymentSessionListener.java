package org.tutti.wallet.payments;

import org.tutti.signing.session.SessionEvent;

import java.util.function.Consumer;

/// Tells the [PaymentProcessor] which sessions go on after a restart, so that nobody asks for the
/// same payment meanwhile. All else about sessions comes through [PaymentHolds].
///
/// Runs on the signing service's event thread, one call at a time.
public final class PaymentSessionListener implements Consumer<SessionEvent> {
    private final PaymentProcessor payments;

    public PaymentSessionListener(PaymentProcessor payments) {
        this.payments = payments;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Resumed e -> payments.reserved(e.request());
            case SessionEvent.Announced _,
                    SessionEvent.Refused _,
                    SessionEvent.Aborted _,
                    SessionEvent.Signed _,
                    SessionEvent.ReadySeen _,
                    SessionEvent.AttemptStarted _,
                    SessionEvent.NoncesSeen _,
                    SessionEvent.PartialSeen _,
                    SessionEvent.AttemptFailed _,
                    SessionEvent.Dropped _,
                    SessionEvent.ClockStepped _,
                    SessionEvent.JournalFailed _ -> {
                // Nothing changes for payments.
            }
        }
    }
}
