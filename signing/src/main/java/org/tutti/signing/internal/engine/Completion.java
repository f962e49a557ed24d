package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.session.SessionOutcome;

import java.util.List;

/// How a session ended, and what to answer signers that still work on it (SAFETY 13).
///
/// @param signatures 64 bytes each; empty if the session ended without signatures
/// @param closing the envelope that ended the session; empty for signatures, whose envelope is made
///   when a signer asks
record Completion(SessionOutcome outcome, List<Bytes> signatures, Bytes closing) {}
