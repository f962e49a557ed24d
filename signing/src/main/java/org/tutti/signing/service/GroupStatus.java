package org.tutti.signing.service;

import org.tutti.signing.group.Member;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.session.LiveSession;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.RecoveryStatus;

import java.util.List;
import java.util.Optional;

/// The status of one group on this node.
///
/// @param linked members that messages reach now, on a stream that is open or through a relay
/// @param members what is known of each, in group order, this node among them
/// @param recovery how far this node's recovery is, if its journal was lost
/// @param live sessions that have not ended
/// @param journal the head of the group's chain in the journal
/// @param forces how often the journal, which all groups share, was forced to disk
/// @param eventsLost events dropped because the listener was too slow
/// @param signing false after the journal has failed
public record GroupStatus(
        List<Member> linked,
        List<MemberState> members,
        Optional<RecoveryStatus> recovery,
        List<LiveSession> live,
        JournalHead journal,
        long forces,
        long eventsLost,
        boolean signing) {
    public GroupStatus {
        linked = List.copyOf(linked);
        members = List.copyOf(members);
        live = List.copyOf(live);
    }
}
