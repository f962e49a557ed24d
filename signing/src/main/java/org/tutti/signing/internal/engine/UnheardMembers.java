package org.tutti.signing.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Members of whom one of two things has come, and the other has not. One answers challenges
/// without having said hello: its own was said before this process took part in the group, on a
/// stream that other groups share; it is asked to say it again, and asks this node in the same way.
/// Another has said hello and has not answered: what it answered was lost while it had no stream to
/// this node; it is challenged again, by a hello.
///
/// Used by the engine's thread only.
final class UnheardMembers {
    /// How long after its first answer a member is asked, twice as long before each further time: a
    /// hello that is on its way comes before that.
    static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

    /// How often a member is asked while its stream stays open.
    static final int MAX_ASKED = 16;

    /// Shortest time between two hellos that one member asks for: each is followed by all that it
    /// may have missed.
    static final Duration SAID_AGAIN_PAUSE = Duration.ofMillis(400);

    private record Asking(Instant due, Duration pause, int asked) {
        Asking next(Instant now) {
            Duration longer = pause.multipliedBy(2);
            Duration next = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            boolean last = asked + 1 == MAX_ASKED;
            return new Asking(last ? Instant.MAX : now.plus(next), next, asked + 1);
        }
    }

    private final Map<Integer, Asking> unheard = new HashMap<>();
    private final Map<Integer, Instant> saidAgain = new HashMap<>();

    /// One of the two has come from the member.
    void lacks(int member, Instant now) {
        unheard.putIfAbsent(member, new Asking(now.plus(FIRST_PAUSE), FIRST_PAUSE, 0));
    }

    /// The other one has come, too, or the stream to the member is another one.
    void forget(int member) {
        unheard.remove(member);
    }

    /// The members to ask now.
    List<Integer> due(Instant now) {
        if (unheard.isEmpty()) {
            return List.of();
        }
        List<Integer> members = new ArrayList<>();
        unheard.replaceAll((member, asking) -> {
            if (now.isBefore(asking.due)) {
                return asking;
            }
            members.add(member);
            return asking.next(now);
        });
        return members;
    }

    /// When somebody is to be asked next; [Instant#MAX] if nobody is.
    Instant next() {
        Instant next = Instant.MAX;
        for (Asking asking : unheard.values()) {
            next = asking.due.isBefore(next) ? asking.due : next;
        }
        return next;
    }

    /// Whether the member, which asks for it, is told everything again now.
    boolean sayAgain(int member, Instant now) {
        Instant last = saidAgain.get(member);
        if (last != null && now.isBefore(last.plus(SAID_AGAIN_PAUSE))) {
            return false;
        }
        saidAgain.put(member, now);
        return true;
    }
}
