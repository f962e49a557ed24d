package org.tutti.wallet.payments;

import org.tutti.signing.session.SessionEvent;
import org.tutti.wallet.policy.DailySpending;

import java.util.function.Consumer;

/// Tells the [PaymentProcessor] which sessions go on after a restart, so that nobody asks for the
/// same payment meanwhile; and the day's limit which sessions ended, so that an approval that comes
/// too late, and never holds anything, does not count. All else about sessions comes through
/// [PaymentHolds].
///
/// Runs on the signing service's event thread, one call at a time.
public final class PaymentSessionListener implements Consumer<SessionEvent> {
    private final PaymentProcessor payments;
    private final DailySpending spending;

    public PaymentSessionListener(PaymentProcessor payments, DailySpending spending) {
        this.payments = payments;
        this.spending = spending;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Resumed e -> payments.reserved(e.request());
            case SessionEvent.Refused e -> spending.released(e.session());
            case SessionEvent.Aborted e -> spending.released(e.outcome().sessionId());
            case SessionEvent.ClockStepped _ -> spending.doubtClock();
            case SessionEvent.Announced _,
                    SessionEvent.Signed _,
                    SessionEvent.ReadySeen _,
                    SessionEvent.AttemptStarted _,
                    SessionEvent.StepAwaited _,
                    SessionEvent.NoncesSeen _,
                    SessionEvent.PartialSeen _,
                    SessionEvent.AttemptFailed _,
                    SessionEvent.Dropped _,
                    SessionEvent.JournalWentBack _,
                    SessionEvent.CopyFound _,
                    SessionEvent.CopyGone _,
                    SessionEvent.TermsDiffer _,
                    SessionEvent.TermsAgreed _,
                    SessionEvent.OtherGroup _,
                    SessionEvent.RecoveryAsked _,
                    SessionEvent.RecoveryConsented _,
                    SessionEvent.Recovered _,
                    SessionEvent.NobodyRemembers _,
                    SessionEvent.JournalFailed _ -> {
                // Nothing changes for payments.
            }
        }
    }
}
