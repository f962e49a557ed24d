package org.tutti.wallet.payments;

import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionEvent;

import java.util.function.Consumer;
import java.util.function.Predicate;

/// Leads the signatures that the signing service tells to the [PaymentProcessor].
///
/// Runs on the signing service's event thread, one call at a time.
public final class PaymentSessionListener implements Consumer<SessionEvent> {
    private final Predicate<SigningRequest> own;
    private final PaymentProcessor payments;

    /// @param own whether this node asked for it
    public PaymentSessionListener(Predicate<SigningRequest> own, PaymentProcessor payments) {
        this.own = own;
        this.payments = payments;
    }

    @Override
    public void accept(SessionEvent event) {
        switch (event) {
            case SessionEvent.Signed e ->
                    payments.signed(e.at(), e.request(), e.signatures(), own.test(e.request()));
            case SessionEvent.Announced _,
                    SessionEvent.Resumed _,
                    SessionEvent.Refused _,
                    SessionEvent.Aborted _,
                    SessionEvent.ReadySeen _,
                    SessionEvent.AttemptStarted _,
                    SessionEvent.NoncesSeen _,
                    SessionEvent.PartialSeen _,
                    SessionEvent.AttemptFailed _,
                    SessionEvent.Dropped _,
                    SessionEvent.JournalFailed _ -> {
                // Nothing changes for coins and payments.
            }
        }
    }
}
