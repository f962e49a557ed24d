package org.tutti.wallet.payments;

import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// Asks the group to sign; the signing service of a node does.
@FunctionalInterface
public interface PaymentSigner {
    /// Waits until the session has ended.
    ///
    /// @throws TimeoutException if it has not ended by then; it goes on
    /// @throws IllegalStateException if no session can be started now
    SessionOutcome sign(SigningRequestDraft draft, Duration timeout)
            throws InterruptedException, TimeoutException;
}
