package org.tutti.coordinator.message;

import java.time.Duration;

/// The bounds of messages. Each has a test that exceeds it.
///
/// @param requestBytes largest request, envelope included; its PSBT is beside it
/// @param psbtBytes largest PSBT
/// @param statementBytes largest other statement, envelope included
/// @param keys most keys of a request
/// @param messages most messages of a request
/// @param leaves most leaves of all trees of a request
/// @param requestLifetime longest time from a request's making to its expiry
/// @param contactLifetime the same for a contact
/// @param clockSkew how far in the future a statement may have been made
public record MessageLimits(
        int requestBytes,
        int psbtBytes,
        int statementBytes,
        int keys,
        int messages,
        int leaves,
        Duration requestLifetime,
        Duration contactLifetime,
        Duration clockSkew) {
    public static final MessageLimits DEFAULT =
            new MessageLimits(
                    50_000,
                    1 << 20,
                    4_096,
                    1_000,
                    256,
                    256,
                    Duration.ofDays(14),
                    Duration.ofDays(30),
                    Duration.ofMinutes(5));
}
