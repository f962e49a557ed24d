package org.tutti.signing.session;

import org.tutti.signing.request.SessionId;

/// A session that has not ended, in a status report.
///
/// @param attempt number of the current attempt, from 1
/// @param phase `APPROVING`, `READINESS`, `NONCES` or `PARTIALS`
public record LiveSession(SessionId id, int attempt, String phase) {}
