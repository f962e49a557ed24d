package org.tutti.signing.session;

import org.tutti.signing.group.Member;
import org.tutti.signing.request.SessionId;

import java.util.List;

/// A session that has not ended, in a status report.
///
/// @param requester who asked for it
/// @param attempt number of the current attempt, from 1
/// @param phase `APPROVING`, `WAITING`, `READINESS`, `NONCES` or `PARTIALS`
/// @param waitedFor the members whose messages of this phase are missing, this node too where it is
///   not done; or else those of which there are two
public record LiveSession(
        SessionId id, Member requester, int attempt, String phase, List<Member> waitedFor) {
    public LiveSession {
        waitedFor = List.copyOf(waitedFor);
    }
}
