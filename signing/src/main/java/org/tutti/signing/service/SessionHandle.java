package org.tutti.signing.service;

import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.SessionOutcome;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A session that this node requested.
public final class SessionHandle {
    private final SigningRequest request;
    private final CompletableFuture<SessionOutcome> outcome;

    SessionHandle(SigningRequest request, CompletableFuture<SessionOutcome> outcome) {
        this.request = request;
        this.outcome = outcome;
    }

    public SigningRequest request() {
        return request;
    }

    /// The outcome, if the session has ended.
    public Optional<SessionOutcome> outcome() {
        return outcome.isDone() ? Optional.of(outcome.join()) : Optional.empty();
    }

    /// Waits until the session has ended. A timeout ends only the wait, not the session.
    ///
    /// @throws TimeoutException if it has not ended by then
    public SessionOutcome await(Duration timeout) throws InterruptedException, TimeoutException {
        try {
            return outcome.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("outcomes are values, never failures", e);
        }
    }
}
