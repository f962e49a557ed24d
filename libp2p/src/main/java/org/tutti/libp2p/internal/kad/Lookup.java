package org.tutti.libp2p.internal.kad;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which peers one iterative look-up asks, and when it has asked enough (kad-dht, Peer routing; the
/// paths are those of S/Kademlia, section 4.4).
///
/// It goes in two steps. First every path walks towards the target by itself: it begins with peers
/// of our table that no other path has, hears only of whom its own peers speak, and asks nobody
/// whom another path has asked, until its share of the nearest peers that it heard of have
/// answered. So peers that answer with accomplices alone lead astray the paths that ask them, and
/// no other. Then all paths together ask whoever is still unasked among the k nearest that any of
/// them heard of: "The lookup terminates when the initiator has queried and gotten responses from
/// the k closest nodes it has seen".
final class Lookup {
    static final int MAX_PATHS = 16;

    /// Peers that one look-up keeps in mind. Those furthest away are forgotten.
    static final int MAX_CANDIDATES = 1_000;

    /// Peers taken of one answer: k, and a few that some implementations add.
    static final int MAX_REFERRALS = 24;

    /// After so many peers that could not be reached, who named them is believed no more in this
    /// look-up.
    static final int MAX_DEAD_REFERRALS = 5;

    private enum State {
        HEARD,
        ASKED,
        /// Asked a while ago: another may be asked in its place, but its answer is awaited.
        SLOW,
        ANSWERED,
        FAILED
    }

    /// A peer that the look-up has heard of.
    private static final class Candidate {
        private final Contact contact;
        private final @Nullable Candidate referrer;
        private final int depth;
        private State state = State.HEARD;
        private int path = UNCLAIMED;
        private int deadReferrals;

        /// A bit for each path on which it was heard of.
        private int heardOn;

        private Candidate(Contact contact, @Nullable Candidate referrer) {
            this.contact = contact;
            this.referrer = referrer;
            this.depth = referrer == null ? 1 : referrer.depth + 1;
        }

        private boolean isDoubtful() {
            return referrer != null && referrer.deadReferrals >= MAX_DEAD_REFERRALS;
        }
    }

    private static final int UNCLAIMED = -1;

    /// Asked in the second step, in which there are no paths.
    private static final int ALL = -2;

    /// Candidates by distance, the nearest first.
    private static final class Ranking {
        private final List<Candidate> candidates = new ArrayList<>();
        private int inFlight;

        private void add(Candidate candidate, Key target) {
            int low = 0;
            int high = candidates.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (target.compareDistance(
                                candidates.get(middle).contact.key(), candidate.contact.key())
                        <= 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            candidates.add(low, candidate);
        }
    }

    private final Key target;
    private final PeerId self;
    private final int k;
    private final int alpha;
    private final Map<PeerId, Candidate> known = new HashMap<>();
    private final Ranking union = new Ranking();
    private final List<Ranking> paths = new ArrayList<>();
    private boolean walking = true;
    private int slow;

    /// @param seeds the peers of our table that are nearest to the target, the nearest first
    /// @param paths at most `MAX_PATHS`; 1 where the seeds are all there is
    Lookup(Key target, PeerId self, List<Contact> seeds, int k, int alpha, int paths) {
        this.target = target;
        this.self = self;
        this.k = k;
        this.alpha = alpha;
        for (int i = 0; i < paths; i++) {
            this.paths.add(new Ranking());
        }
        for (int i = 0; i < seeds.size(); i++) {
            hear(seeds.get(i), null, i % paths);
        }
    }

    private void hear(Contact contact, @Nullable Candidate referrer, int path) {
        if (contact.peer().equals(self)) {
            return;
        }
        Candidate candidate = known.get(contact.peer());
        if (candidate == null) {
            if (known.size() >= MAX_CANDIDATES && !forgetFurtherThan(contact.key())) {
                return;
            }
            candidate = new Candidate(contact, referrer);
            known.put(contact.peer(), candidate);
            union.add(candidate, target);
        }
        if (path >= 0 && (candidate.heardOn & 1 << path) == 0) {
            candidate.heardOn |= 1 << path;
            paths.get(path).add(candidate, target);
        }
    }

    /// Makes room for a nearer peer.
    private boolean forgetFurtherThan(Key nearer) {
        for (int i = union.candidates.size() - 1; i >= 0; i--) {
            Candidate last = union.candidates.get(i);
            if (target.compareDistance(last.contact.key(), nearer) <= 0) {
                return false;
            }
            if (last.state == State.HEARD) {
                union.candidates.remove(i);
                known.remove(last.contact.peer());
                paths.forEach(p -> p.candidates.remove(last));
                return true;
            }
        }
        return false;
    }

    /// Whom to ask now, if anybody.
    Optional<Contact> next() {
        if (inFlight() >= alpha) {
            return Optional.empty();
        }
        if (walking) {
            // The path that has least on its way first, so that all go on together.
            Candidate best = null;
            int bestPath = UNCLAIMED;
            for (int i = 0; i < paths.size(); i++) {
                if (bestPath == UNCLAIMED || paths.get(i).inFlight < paths.get(bestPath).inFlight) {
                    Candidate candidate = nextOf(i);
                    if (candidate != null) {
                        best = candidate;
                        bestPath = i;
                    }
                }
            }
            if (best != null) {
                return Optional.of(claim(best, bestPath));
            }
            if (inFlight() > 0) {
                return Optional.empty();
            }
            walking = false;
        }
        Candidate candidate = firstUnasked(union.candidates, ALL, k);
        return candidate == null ? Optional.empty() : Optional.of(claim(candidate, ALL));
    }

    private Contact claim(Candidate candidate, int path) {
        candidate.state = State.ASKED;
        candidate.path = path;
        ranking(path).inFlight++;
        return candidate.contact;
    }

    private Ranking ranking(int path) {
        return path == ALL ? union : paths.get(path);
    }

    private int inFlight() {
        int sum = union.inFlight;
        for (Ranking path : paths) {
            sum += path.inFlight;
        }
        return sum;
    }

    private @Nullable Candidate nextOf(int path) {
        Ranking ranking = paths.get(path);
        return firstUnasked(ranking.candidates, path, share());
    }

    /// How many of its nearest each path asks.
    private int share() {
        return Math.max(1, Math.ceilDiv(k, paths.size()));
    }

    /// The nearest that was not asked, if it is among the first `count` of those that count: of
    /// this path, or not claimed, and not failed.
    private static @Nullable Candidate firstUnasked(List<Candidate> from, int path, int count) {
        int seen = 0;
        for (int i = 0; i < from.size() && seen < count; i++) {
            Candidate candidate = from.get(i);
            boolean ours = path == ALL || candidate.path == UNCLAIMED || candidate.path == path;
            if (!ours || candidate.state == State.FAILED || candidate.isDoubtful()) {
                continue;
            }
            if (candidate.state == State.HEARD) {
                return candidate;
            }
            seen++;
        }
        return null;
    }

    /// A peer that was asked has answered.
    ///
    /// @param closer whom it named, in any order
    void answered(PeerId peer, List<Contact> closer) {
        Candidate candidate = known.get(peer);
        if (candidate == null || candidate.state == State.ANSWERED) {
            return;
        }
        leave(candidate);
        candidate.state = State.ANSWERED;
        int taken = Math.min(closer.size(), MAX_REFERRALS);
        for (int i = 0; i < taken; i++) {
            hear(closer.get(i), candidate, candidate.path);
        }
    }

    /// No longer awaited, if it was.
    private void leave(Candidate candidate) {
        if (candidate.state == State.ASKED) {
            ranking(candidate.path).inFlight--;
        } else if (candidate.state == State.SLOW) {
            slow--;
        }
    }

    /// A peer that was asked cannot be reached, or gave no proper answer.
    void failed(PeerId peer) {
        Candidate candidate = known.get(peer);
        if (candidate == null
                || (candidate.state != State.ASKED && candidate.state != State.SLOW)) {
            return;
        }
        leave(candidate);
        candidate.state = State.FAILED;
        if (candidate.referrer != null) {
            candidate.referrer.deadReferrals++;
        }
    }

    /// A peer that was asked takes its time.
    void slow(PeerId peer) {
        Candidate candidate = known.get(peer);
        if (candidate != null && candidate.state == State.ASKED) {
            leave(candidate);
            candidate.state = State.SLOW;
            slow++;
        }
    }

    /// Whether nobody is left to ask, and nobody's answer is awaited: call after `next` gave
    /// nobody.
    boolean isDone() {
        return !walking && inFlight() + slow == 0 && firstUnasked(union.candidates, ALL, k) == null;
    }

    /// The nearest peers that have answered, the nearest first.
    List<Contact> closest(int count) {
        List<Contact> closest = new ArrayList<>(count);
        for (Candidate candidate : union.candidates) {
            if (closest.size() >= count) {
                break;
            }
            if (candidate.state == State.ANSWERED) {
                closest.add(candidate.contact);
            }
        }
        return closest;
    }

    /// What it knows of a peer.
    Optional<Contact> contact(PeerId peer) {
        return Optional.ofNullable(known.get(peer)).map(c -> c.contact);
    }

    /// The length of the chain of referrals that led to a peer: 1 for one of our table.
    int depth(PeerId peer) {
        Candidate candidate = known.get(peer);
        return candidate == null ? 0 : candidate.depth;
    }

    /// Whether it has asked all peers of which it has heard, and has waited for their answers.
    boolean askedEverybody() {
        return known.values().stream()
                .allMatch(c -> c.state == State.ANSWERED || c.state == State.FAILED);
    }
}
