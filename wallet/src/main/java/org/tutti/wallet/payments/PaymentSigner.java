package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/// Asks the group to sign; the signing service of a node does.
public interface PaymentSigner {
    /// Starts a session.
    ///
    /// @throws SigningFailedException if it would be in vain now
    /// @throws IllegalStateException if none can be started now
    Started start(SigningRequestDraft draft) throws SigningFailedException;

    /// The session of this node with this idempotency key that has not ended, also one that goes on
    /// after a restart.
    ///
    /// @throws IllegalStateException if it cannot be waited for now
    Optional<Started> running(Bytes idempotencyKey) throws InterruptedException;

    /// A session that was started.
    interface Started {
        SessionId session();

        /// Waits until it has ended.
        ///
        /// @throws TimeoutException if it has not by then; it goes on
        SessionOutcome await(Duration timeout) throws InterruptedException, TimeoutException;
    }
}
