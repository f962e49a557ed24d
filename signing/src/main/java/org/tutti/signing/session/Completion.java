package org.tutti.signing.session;

import org.tutti.base.Bytes;

import java.util.List;

/// How a session ended, and what to answer those who do not know yet (SAFETY 13).
///
/// @param signatures 64 bytes each; empty when it ended without
/// @param closing the envelope that ended it, empty for signatures, which are sealed when somebody
///   asks
record Completion(SessionOutcome outcome, List<Bytes> signatures, Bytes closing) {}
