package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiPredicate;

/// Sessions that have ended, remembered until their request has expired, and the answers about
/// them.
///
/// Until expiry without exception: a request that arrived again after it was forgotten would be
/// signed a second time in attempt 1, and the two different messages for one slot would look like
/// equivocation of an honest signer. When the limit is reached, no new session is opened; the
/// requests of one member take at most half of it.
final class FinishedSessions {
    private final SigningLimits limits;
    private final Map<SessionId, Entry> entries = new HashMap<>();
    private final PriorityQueue<Entry> byExpiry =
            new PriorityQueue<>(Comparator.comparing((Entry entry) -> entry.forgetAt));
    private final int[] ofRequester;
    private int signatures;

    /// The latest time of all that was forgotten.
    private Instant forgottenUntil = Instant.MIN;

    FinishedSessions(SigningLimits limits, int members) {
        this.limits = limits;
        this.ofRequester = new int[members];
    }

    private static final class Entry {
        final SessionId id;
        final int requester;
        Completion completion;
        final Instant forgetAt;
        final Instant forgetAtRunning;
        @Nullable Map<Integer, Integer> answers;

        Entry(
                SessionId id,
                int requester,
                Completion completion,
                Instant forgetAt,
                Instant forgetAtRunning) {
            this.id = id;
            this.requester = requester;
            this.completion = completion;
            this.forgetAt = forgetAt;
            this.forgetAtRunning = forgetAtRunning;
        }
    }

    /// @param forgetAt by the wall clock
    /// @param forgetAtRunning the same time by the clock that nobody sets
    void add(
            SessionId id,
            int requester,
            Completion completion,
            Instant forgetAt,
            Instant forgetAtRunning) {
        Entry entry = new Entry(id, requester, completion, forgetAt, forgetAtRunning);
        if (entries.putIfAbsent(id, entry) == null) {
            byExpiry.add(entry);
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

    /// Whether one more session of this requester may be opened, after removing expired ones.
    ///
    /// @param live the number of live sessions
    /// @param liveOfRequester how many of them this requester asked for
    /// @param over whether a time is over by both clocks: wall, then running
    boolean hasRoomFor(
            int requester, int live, int liveOfRequester, BiPredicate<Instant, Instant> over) {
        forgetExpired(over);
        return entries.size() + live < limits.finished().sessions()
                && ofRequester[requester] + liveOfRequester < limits.finished().sessions() / 2
                && signatures < limits.finished().signatures();
    }

    /// Sessions that are forgotten at this time, or earlier, were forgotten before this process
    /// started.
    void forgotUntil(Instant time) {
        forgottenUntil = time;
    }

    /// Whether a session that is forgotten at this time may be one that was forgotten: it can come
    /// again when the wall clock was set back a little.
    boolean mayHaveForgotten(Instant forgetAt) {
        return !forgetAt.isAfter(forgottenUntil);
    }

    private void forgetExpired(BiPredicate<Instant, Instant> over) {
        Entry oldest = byExpiry.peek();
        while (oldest != null && over.test(oldest.forgetAt, oldest.forgetAtRunning)) {
            byExpiry.remove();
            entries.remove(oldest.id);
            forgottenUntil = oldest.forgetAt;
            ofRequester[oldest.requester]--;
            signatures -= cost(oldest.completion);
            oldest = byExpiry.peek();
        }
    }

    int size() {
        return entries.size();
    }
}
