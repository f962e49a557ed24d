package org.tutti.signing.internal.engine;

import org.tutti.signing.group.Member;
import org.tutti.signing.session.SessionOutcome;

import java.util.ArrayList;
import java.util.List;

/// The members that a node names when it ends a session.
final class Named {
    private Named() {}

    /// Convicted or only observed.
    static List<Member> by(SessionOutcome.Aborted outcome) {
        List<Member> named = new ArrayList<>(outcome.culprits());
        named.addAll(outcome.observed());
        return named;
    }
}
