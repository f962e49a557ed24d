package org.tutti.libp2p.internal.swarm;

import java.util.LinkedHashMap;
import java.util.Map;

/// How often the connections of each host had to go lately, because they did not get on and others
/// needed the room. Whoever keeps a table full has to come again and again, from however many
/// addresses; who comes once has done nothing yet. A pure engine; not safe for threads.
final class HostScores {
    /// More make no difference.
    static final int MAX_SCORE = 64;

    /// A score is halved in this time.
    private static final long HALF_LIFE = 10_000_000_000L;

    /// Beyond it the hosts are forgotten whose last connection went longest ago.
    private static final int MAX_HOSTS = 8_192;

    private record Score(int value, long at) {
        int now(long now) {
            long halvings = (now - at) / HALF_LIFE;
            return halvings > 30 ? 0 : value >> halvings;
        }
    }

    private final Map<String, Score> scores = new LinkedHashMap<>();

    /// A connection had to go.
    ///
    /// @param now nanoseconds
    void raise(String host, long now) {
        Score old = scores.remove(host);
        int value = old == null ? 0 : old.now(now);
        scores.put(host, new Score(Math.min(MAX_SCORE, value + 1), now));
        if (scores.size() > MAX_HOSTS) {
            scores.remove(scores.keySet().iterator().next());
        }
    }

    /// 0 for a host that has not lost any lately.
    int of(String host, long now) {
        Score score = scores.get(host);
        return score == null ? 0 : score.now(now);
    }
}
