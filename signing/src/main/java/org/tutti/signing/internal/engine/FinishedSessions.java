package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.journal.ForgottenTimes;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/// Sessions that have ended, remembered until their request has expired, and the answers about
/// them.
///
/// Until expiry without exception: a request that arrived again after it was forgotten would be
/// signed a second time in attempt 1, and the two different messages for one slot would look like
/// equivocation of an honest signer. When the limit is reached, no new session is opened; the
/// requests of one member take at most half of it. What is forgotten after all, because clocks said
/// so, is known by when its request expires: a request that expires then is not taken.
final class FinishedSessions {
    private final SigningLimits limits;
    private final Map<SessionId, Entry> entries = new HashMap<>();
    private final PriorityQueue<Entry> byExpiry =
            new PriorityQueue<>(Comparator.comparing((Entry entry) -> entry.expires));
    private final ForgottenTimes forgotten = new ForgottenTimes();
    private final int[] ofRequester;
    private int signatures;

    /// None that is remembered expires later.
    private Instant lastExpiry = Instant.MIN;

    FinishedSessions(SigningLimits limits, int members) {
        this.limits = limits;
        this.ofRequester = new int[members];
    }

    private static final class Entry {
        final SessionId id;
        final int requester;
        Completion completion;
        final Instant expires;
        final Instant expiresRunning;
        @Nullable Map<Integer, Integer> answers;

        Entry(
                SessionId id,
                int requester,
                Completion completion,
                Instant expires,
                Instant expiresRunning) {
            this.id = id;
            this.requester = requester;
            this.completion = completion;
            this.expires = expires;
            this.expiresRunning = expiresRunning;
        }
    }

    /// What the wall clock and one that nobody sets say.
    interface Clocks {
        /// The time is over by both.
        ///
        /// @param running the same time in the words of the other clock
        boolean surelyOver(Instant wall, Instant running);

        /// By the wall clock no request that could be taken now expires so late.
        boolean isFarAhead(Instant expires);
    }

    /// @param expires when its request expires by the wall clock
    /// @param expiresRunning the same time by the clock that nobody sets
    void add(
            SessionId id,
            int requester,
            Completion completion,
            Instant expires,
            Instant expiresRunning) {
        Entry entry = new Entry(id, requester, completion, expires, expiresRunning);
        if (entries.putIfAbsent(id, entry) == null) {
            byExpiry.add(entry);
            lastExpiry = expires.isAfter(lastExpiry) ? expires : lastExpiry;
            ofRequester[requester]++;
            signatures += cost(completion);
        }
    }

    /// The signatures of a session that had ended without them are known now.
    void learned(SessionId id, Completion completion) {
        Entry entry = entries.get(id);
        if (entry != null) {
            signatures += cost(completion) - cost(entry.completion);
            entry.completion = completion;
        }
    }

    /// In signatures: an envelope counts as many as fit into it.
    private static int cost(Completion completion) {
        return completion.signatures().size() + completion.closing().length() / 64;
    }

    boolean contains(SessionId id) {
        return entries.containsKey(id);
    }

    /// The answer for this member; null if it has asked too often.
    @Nullable Completion answer(SessionId id, int member) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return null;
        }
        Map<Integer, Integer> answers = entry.answers == null ? new HashMap<>() : entry.answers;
        entry.answers = answers;
        return answers.merge(member, 1, Integer::sum) <= limits.finished().answers()
                ? entry.completion
                : null;
    }

    /// Whether one more session of this requester may be opened. Expired ones are removed first; if
    /// that is not enough, those dated further ahead than a request can be: a wrong clock made
    /// them, and they would fill the table until their time comes.
    ///
    /// @param live the number of live sessions
    /// @param liveOfRequester how many of them this requester asked for
    boolean hasRoomFor(int requester, int live, int liveOfRequester, Clocks clocks) {
        forgetExpired(clocks);
        if (!hasRoomFor(requester, live, liveOfRequester)) {
            forgetAhead(clocks);
        }
        return hasRoomFor(requester, live, liveOfRequester);
    }

    private boolean hasRoomFor(int requester, int live, int liveOfRequester) {
        return entries.size() + live < limits.finished().sessions()
                && ofRequester[requester] + liveOfRequester < limits.finished().sessions() / 2
                && signatures < limits.finished().signatures();
    }

    /// What was forgotten before this process started.
    void forgot(ForgottenTimes earlier) {
        forgotten.addAll(earlier);
    }

    /// Whether a request that expires at this time may be one whose session was forgotten: it can
    /// come again when the wall clock was set back.
    boolean mayHaveForgotten(Instant expires) {
        return forgotten.contains(expires.toEpochMilli());
    }

    private void forgetExpired(Clocks clocks) {
        Duration skew = limits.requests().clockSkew();
        Entry oldest = byExpiry.peek();
        while (oldest != null
                && clocks.surelyOver(oldest.expires.plus(skew), oldest.expiresRunning.plus(skew))) {
            byExpiry.remove();
            forget(oldest);
            oldest = byExpiry.peek();
        }
    }

    private void forgetAhead(Clocks clocks) {
        if (!clocks.isFarAhead(lastExpiry)) {
            return;
        }
        lastExpiry = Instant.MIN;
        byExpiry.removeIf(entry -> {
            boolean ahead = clocks.isFarAhead(entry.expires);
            if (ahead) {
                forget(entry);
            } else if (entry.expires.isAfter(lastExpiry)) {
                lastExpiry = entry.expires;
            }
            return ahead;
        });
    }

    private void forget(Entry entry) {
        entries.remove(entry.id);
        forgotten.add(entry.expires.toEpochMilli());
        ofRequester[entry.requester]--;
        signatures -= cost(entry.completion);
    }

    int size() {
        return entries.size();
    }
}
