package org.tutti.signing.internal.engine;

import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SessionId;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Statements about sessions whose request has not arrived yet: it is sent by another peer and may
/// be slower.
///
/// Only small messages, and a bounded number of each member; the oldest session is evicted.
final class EarlyStatements {
    private static final int PER_SESSION = 4;

    /// An Abort may carry proofs that are larger: it is kept without its request by nobody.
    static final int MAX_BYTES = 4 << 10;

    private final int maxSessions;
    private final List<Map<SessionId, List<Statement>>> byMember = new ArrayList<>();

    EarlyStatements(int members, int maxPerMember) {
        this.maxSessions = Math.max(1, maxPerMember / PER_SESSION);
        for (int i = 0; i < members; i++) {
            byMember.add(new LinkedHashMap<>());
        }
    }

    /// @return whether it was kept
    boolean keep(Statement statement) {
        boolean useful =
                switch (statement.contribution().body()) {
                    case Contribution.Ready _, Contribution.Refuse _, Contribution.Abort _ -> true;
                    case Contribution.Nonces _,
                            Contribution.Partials _,
                            Contribution.NonceSet _,
                            Contribution.Final _,
                            Contribution.RetransmissionRequest _ ->
                            false;
                };
        if (!useful || statement.envelope().length() > MAX_BYTES) {
            return false;
        }
        Map<SessionId, List<Statement>> kept = byMember.get(statement.author().index());
        SessionId id = statement.contribution().session();
        List<Statement> ofSession = kept.computeIfAbsent(id, _ -> new ArrayList<>(1));
        if (ofSession.size() >= PER_SESSION) {
            return false;
        }
        ofSession.add(statement);
        if (kept.size() > maxSessions) {
            kept.remove(kept.keySet().iterator().next());
        }
        return true;
    }

    /// Removes and returns all statements kept for a session.
    List<Statement> take(SessionId id) {
        List<Statement> all = new ArrayList<>();
        for (Map<SessionId, List<Statement>> kept : byMember) {
            List<Statement> ofSession = kept.remove(id);
            if (ofSession != null) {
                all.addAll(ofSession);
            }
        }
        return all;
    }

    int sessionsOf(int member) {
        return byMember.get(member).size();
    }
}
