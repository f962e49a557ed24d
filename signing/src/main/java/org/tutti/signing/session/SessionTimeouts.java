package org.tutti.signing.session;

import java.time.Duration;

/// How long each phase of an attempt may take. Halfway through, a node asks the others for the
/// messages it misses.
///
/// @param readiness until all are ready, approval included
/// @param nonces until all nonces have arrived
/// @param partials until all partial signatures have arrived
public record SessionTimeouts(Duration readiness, Duration nonces, Duration partials) {
    /// Twenty seconds for people and policies, five for each round.
    public static final SessionTimeouts DEFAULT =
            new SessionTimeouts(
                    Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofSeconds(5));

    public SessionTimeouts {
        requirePositive(readiness, "readiness");
        requirePositive(nonces, "nonces");
        requirePositive(partials, "partials");
    }

    private static void requirePositive(Duration value, String name) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("the timeout " + name + " must be positive");
        }
    }
}
