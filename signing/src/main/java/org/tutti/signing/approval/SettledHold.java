package org.tutti.signing.approval;

import org.tutti.base.Bytes;
import org.tutti.signing.request.SessionId;

/// A hold that was settled, and whose idempotency key is still taken.
///
/// @param content as in [Hold]
/// @param outcome what the owner said became of it, at most [Holds#MAX_OUTCOME_BYTES]; empty if it
///   is not known, as where the key was handed over by another signer
public record SettledHold(SessionId session, Bytes content, Bytes outcome) {}
