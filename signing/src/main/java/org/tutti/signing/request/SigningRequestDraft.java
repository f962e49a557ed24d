package org.tutti.signing.request;

import org.tutti.base.Bytes;

import java.time.Duration;
import java.util.List;

/// What the caller wants to have signed, before the service adds group, salt and times.
///
/// @param messages at least one; all are signed in one session
/// @param purpose short word that the approvals of all signers understand, such as `payment`
/// @param context what the others need to rebuild the messages; for a payment the unsigned
///   transaction
/// @param idempotencyKey names the operation, so that it happens once however often it is asked
///   for: 1 to [#MAX_KEY_BYTES] bytes, or none for a request of its own
/// @param lifetime the session ends after this at the latest
public record SigningRequestDraft(
        List<MessageToSign> messages,
        String purpose,
        Bytes context,
        Bytes idempotencyKey,
        Duration lifetime) {
    public static final int MAX_KEY_BYTES = 64;

    public SigningRequestDraft {
        messages = List.copyOf(messages);
    }

    /// Without an idempotency key.
    public SigningRequestDraft(
            List<MessageToSign> messages, String purpose, Bytes context, Duration lifetime) {
        this(messages, purpose, context, Bytes.EMPTY, lifetime);
    }
}
