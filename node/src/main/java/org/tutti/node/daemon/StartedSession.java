package org.tutti.node.daemon;

import org.tutti.signing.request.SessionId;
import org.tutti.signing.service.SessionHandle;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.wallet.payments.PaymentSigner;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// A session of the signing service, for the payment that waits for it.
record StartedSession(SessionHandle handle) implements PaymentSigner.Started {
    @Override
    public SessionId session() {
        return handle.request().sessionId();
    }

    @Override
    public SessionOutcome await(Duration timeout) throws InterruptedException, TimeoutException {
        return handle.await(timeout);
    }
}
