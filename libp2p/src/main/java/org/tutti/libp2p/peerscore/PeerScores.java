package org.tutti.libp2p.peerscore;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// What is held against peers by all protocols of a host together: whoever floods the DHT is not
/// trusted by publish/subscribe either. A peer has a score of 0, or less by its penalties, which
/// decay by half with each half-life.
///
/// Points have one meaning in all protocols: 100 for what no honest program does (a forged
/// signature), 10 for what one does by a fault of its own (a malformed message), 1 for what one
/// does now and then (a request above the rate).
///
/// Bounded: [#MAX_PEERS] peers. All penalties decay alike, so that the order of peers by what is
/// held against them never changes by itself, and when there are too many it is the one with the
/// least held against it who is forgotten, be it the newcomer. Whoever makes new ids to have an old
/// one forgotten must misbehave with each of 10,000 ids as much as is still held against the old
/// one, and one penalty counts a tenth of the most that is held against a peer.
///
/// Safe for all threads; the lock guards everything.
public final class PeerScores {
    /// Of how many peers anything is known: about 4 MB, and 1.5 MB in a file.
    public static final int MAX_PEERS = 10_000;

    /// The most that one penalty counts.
    public static final double MAX_PENALTY = 100;

    /// The most that is held against a peer: its score is never below this, negated.
    public static final double MAX_POINTS = 1_000;

    /// The longest code.
    public static final int MAX_CODE_LENGTH = 64;

    /// After which half as much is held against a peer.
    public static final Duration HALF_LIFE = Duration.ofHours(6);

    /// Fewer points than these are none.
    static final double FORGOTTEN = 0.01;

    private static final double LOG_2 = Math.log(2);

    /// What is held against a peer: as much as `weight` says.
    ///
    /// @param weight the binary logarithm of the points at the clock's zero, had they decayed since
    ///   then: the same at all times, so that it can be compared and sorted
    private record Held(PeerId peer, double weight, Instant at, String code) {}

    private final InstantSource clock;
    private final int maxPeers;
    private final double halfLifeSeconds;
    private final Map<PeerId, Held> held = new HashMap<>();
    private final TreeSet<Held> leastFirst =
            new TreeSet<>(
                    Comparator.comparingDouble(Held::weight)
                            .thenComparing(h -> h.peer().multihash()));
    private long changes;

    /// With the half-life [#HALF_LIFE].
    public PeerScores(InstantSource clock) {
        this(clock, HALF_LIFE);
    }

    /// @param halfLife after which half as much is held against a peer, at least a second
    public PeerScores(InstantSource clock, Duration halfLife) {
        this(clock, halfLife, MAX_PEERS);
    }

    PeerScores(InstantSource clock, Duration halfLife, int maxPeers) {
        if (halfLife.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a half-life of " + halfLife);
        }
        this.clock = clock;
        this.halfLifeSeconds = halfLife.toMillis() / 1e3;
        this.maxPeers = maxPeers;
    }

    /// Holds something against a peer.
    ///
    /// @param code what it did, for logs and operators: 1 to [#MAX_CODE_LENGTH] printable ASCII
    ///   characters, such as `KAD_FORGED_RECORD`; never text of the peer's
    /// @param points above 0; more than [#MAX_PENALTY] count as that
    /// @throws IllegalArgumentException if code or points are otherwise
    public void penalize(PeerId peer, String code, double points) {
        requireCode(code);
        if (!(points > 0)) {
            throw new IllegalArgumentException("a penalty of " + points + " points");
        }
        Instant now = clock.instant();
        synchronized (this) {
            Held old = held.get(peer);
            double before = old == null ? 0 : pointsOf(old, now);
            double after = Math.min(MAX_POINTS, before + Math.min(points, MAX_PENALTY));
            hold(new Held(peer, weightOf(after, now), now, code));
        }
    }

    /// 0 if nothing is held against the peer, or less; at least `-MAX_POINTS`.
    public double score(PeerId peer) {
        Instant now = clock.instant();
        synchronized (this) {
            Held entry = held.get(peer);
            double points = entry == null ? 0 : pointsOf(entry, now);
            return points < FORGOTTEN ? 0 : -points;
        }
    }

    /// Of how many peers something is known.
    public synchronized int size() {
        return held.size();
    }

    /// How often anything was added: whoever keeps it elsewhere sees whether it has changed.
    public synchronized long changes() {
        return changes;
    }

    /// Everything that is held against peers, the peer with the least first.
    public List<StoredPeerScore> stored() {
        Instant now = clock.instant();
        List<StoredPeerScore> result = new ArrayList<>();
        synchronized (this) {
            for (Held entry : leastFirst) {
                double points = pointsOf(entry, now);
                if (points >= FORGOTTEN) {
                    // As of the penalty, so that a clock that is wrong now spoils nothing.
                    double then = Math.min(MAX_POINTS, pointsOf(entry, entry.at()));
                    result.add(new StoredPeerScore(entry.peer(), then, entry.at(), entry.code()));
                }
            }
        }
        return result;
    }

    /// Holds against peers what was stored, where nothing worse is held against them already.
    public void restore(List<StoredPeerScore> scores) {
        Instant now = clock.instant();
        synchronized (this) {
            for (StoredPeerScore score : scores) {
                // A penalty from the future would not decay until then.
                Instant at = score.at().isAfter(now) ? now : score.at();
                double weight = weightOf(score.points(), at);
                Held old = held.get(score.peer());
                if (old == null || old.weight() < weight) {
                    hold(new Held(score.peer(), weight, at, score.code()));
                }
            }
        }
    }

    /// With the lock held.
    private void hold(Held entry) {
        @Nullable Held old = held.put(entry.peer(), entry);
        if (old != null) {
            leastFirst.remove(old);
        }
        leastFirst.add(entry);
        if (held.size() > maxPeers) {
            Held least = leastFirst.removeFirst();
            held.remove(least.peer());
        }
        changes++;
    }

    /// Where the clock was set back, as at the penalty: more is never held against a peer than was.
    private double pointsOf(Held entry, Instant now) {
        Instant at = now.isBefore(entry.at()) ? entry.at() : now;
        return Math.exp((entry.weight() - halfLives(at)) * LOG_2);
    }

    private double weightOf(double points, Instant at) {
        return Math.log(points) / LOG_2 + halfLives(at);
    }

    private double halfLives(Instant at) {
        return at.toEpochMilli() / 1e3 / halfLifeSeconds;
    }

    static void requireCode(String code) {
        if (code.isEmpty()
                || code.length() > MAX_CODE_LENGTH
                || !code.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException("not a code");
        }
    }
}
