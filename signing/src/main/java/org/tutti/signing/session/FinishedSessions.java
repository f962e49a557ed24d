package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.wire.SigningLimits;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/// Sessions that are over, remembered until their request has expired, and what to answer about
/// them.
///
/// Until expiry without exception: a request that came again after it was forgotten would be signed
/// a second time in attempt 1, and the two different messages for one slot would look like
/// equivocation of an honest signer. Where there is no room for more, no new session is begun; one
/// member's requests take half of the room at most.
final class FinishedSessions {
    private final SigningLimits limits;
    private final Map<SessionId, Entry> entries = new HashMap<>();
    private final PriorityQueue<Entry> byExpiry =
            new PriorityQueue<>(Comparator.comparing((Entry entry) -> entry.forgetAt));
    private final int[] ofRequester;
    private int signatures;

    FinishedSessions(SigningLimits limits, int members) {
        this.limits = limits;
        this.ofRequester = new int[members];
    }

    private static final class Entry {
        final SessionId id;
        final int requester;
        final Completion ending;
        final Instant forgetAt;
        @Nullable Map<Integer, Integer> answers;

        Entry(SessionId id, int requester, Completion ending, Instant forgetAt) {
            this.id = id;
            this.requester = requester;
            this.ending = ending;
            this.forgetAt = forgetAt;
        }
    }

    void add(SessionId id, int requester, Completion ending, Instant forgetAt) {
        Entry entry = new Entry(id, requester, ending, forgetAt);
        if (entries.putIfAbsent(id, entry) == null) {
            byExpiry.add(entry);
            ofRequester[requester]++;
            signatures += ending.signatures().size();
        }
    }

    boolean contains(SessionId id) {
        return entries.containsKey(id);
    }

    /// What to answer this member, unless it has asked too often.
    @Nullable Completion answer(SessionId id, int member) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return null;
        }
        Map<Integer, Integer> answers = entry.answers == null ? new HashMap<>() : entry.answers;
        entry.answers = answers;
        return answers.merge(member, 1, Integer::sum) <= limits.finishedAnswers()
                ? entry.ending
                : null;
    }

    /// Whether, expired ones forgotten, one more session of this requester may begin.
    ///
    /// @param live sessions that have not ended
    /// @param liveOfRequester those of them that the requester asked for
    boolean hasRoomFor(int requester, int live, int liveOfRequester, Instant now) {
        forgetExpired(now);
        return entries.size() + live < limits.finishedSessions()
                && ofRequester[requester] + liveOfRequester < limits.finishedSessions() / 2
                && signatures < limits.finishedSignatures();
    }

    private void forgetExpired(Instant now) {
        Entry oldest = byExpiry.peek();
        while (oldest != null && !now.isBefore(oldest.forgetAt)) {
            byExpiry.remove();
            entries.remove(oldest.id);
            ofRequester[oldest.requester]--;
            signatures -= oldest.ending.signatures().size();
            oldest = byExpiry.peek();
        }
    }

    int size() {
        return entries.size();
    }
}
