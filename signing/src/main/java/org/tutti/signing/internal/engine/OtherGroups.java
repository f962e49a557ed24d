package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Members that say hello for another group and none for this one. A member may be in several
/// groups, and says a hello for each: only if none for this group follows, it takes the group to be
/// another.
///
/// Used by the engine's thread only.
final class OtherGroups {
    /// How long after the first hello for another group one for this group is waited for.
    static final Duration WAIT = Duration.ofSeconds(2);

    private record Said(Bytes group, Instant due) {}

    private final Map<Integer, Said> waiting = new HashMap<>();
    private final Map<Integer, Bytes> known = new HashMap<>();

    /// The member, which has said no hello for this group, has said one for another.
    void said(int member, Bytes group, Instant now) {
        if (!of(member).equals(Optional.of(group))) {
            waiting.putIfAbsent(member, new Said(group, now.plus(WAIT)));
        }
    }

    /// The member has said hello for this group.
    void forget(int member) {
        waiting.remove(member);
        known.remove(member);
    }

    /// The members that have been waited for long enough: [#of] names their group from now on.
    List<Integer> due(Instant now) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<Integer> members = new ArrayList<>();
        waiting.forEach((member, said) -> {
            if (!now.isBefore(said.due)) {
                members.add(member);
                known.put(member, said.group);
            }
        });
        members.forEach(waiting::remove);
        return members;
    }

    /// When the next wait is over; [Instant#MAX] if none is.
    Instant next() {
        Instant next = Instant.MAX;
        for (Said said : waiting.values()) {
            next = said.due.isBefore(next) ? said.due : next;
        }
        return next;
    }

    /// The group for which the member has said hello, instead of this one.
    Optional<Bytes> of(int member) {
        return Optional.ofNullable(known.get(member));
    }
}
