package org.tutti.coordinator.message;

import org.tutti.base.Bytes;

/// A signer does not agree to a request, which can then not be signed.
///
/// @param code upper-case word for programs, at most 64 characters
/// @param reason one sentence for people, at most 512 characters
public record Refusal(Header header, String code, String reason, Bytes envelope)
        implements Statement {
    public static final int MAX_CODE = 64;
    public static final int MAX_REASON = 512;
}
