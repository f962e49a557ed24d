package org.tutti.signing.service;

import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.session.SessionEngine.LiveSession;

import java.util.List;

/// A look at a signing service.
///
/// @param linked members that messages get through to
/// @param live sessions that have not ended
/// @param journal where the journal stands
/// @param forces how often it was forced to disk
/// @param eventsLost events that the listener was too slow for
/// @param evidenceLost proofs that could not be saved
/// @param signing false after the journal has failed
public record ServiceStatus(
        List<Member> linked,
        List<LiveSession> live,
        JournalHead journal,
        long forces,
        long eventsLost,
        long evidenceLost,
        boolean signing) {
    public ServiceStatus {
        linked = List.copyOf(linked);
        live = List.copyOf(live);
    }
}
