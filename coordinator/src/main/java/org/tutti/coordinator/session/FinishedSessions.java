package org.tutti.coordinator.session;

import org.jspecify.annotations.Nullable;
import org.tutti.coordinator.request.SessionId;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Sessions that are over, remembered until their request has expired, and what to answer about
/// them.
///
/// Until expiry without exception: a request that came again after it was forgotten would be signed
/// a second time in attempt 1, and the two different messages for one slot would look like
/// equivocation of an honest signer.
final class FinishedSessions {
    private final int max;
    private final int maxAnswers;
    private final Map<SessionId, Entry> entries = new HashMap<>();

    FinishedSessions(int max, int maxAnswers) {
        this.max = max;
        this.maxAnswers = maxAnswers;
    }

    private static final class Entry {
        final Ending ending;
        final Instant forgetAt;
        @Nullable Map<Integer, Integer> answers;

        Entry(Ending ending, Instant forgetAt) {
            this.ending = ending;
            this.forgetAt = forgetAt;
        }
    }

    void add(SessionId id, Ending ending, Instant forgetAt) {
        entries.put(id, new Entry(ending, forgetAt));
    }

    boolean contains(SessionId id) {
        return entries.containsKey(id);
    }

    /// What to answer this member, unless it has asked too often.
    @Nullable Ending answer(SessionId id, int member) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return null;
        }
        Map<Integer, Integer> answers = entry.answers == null ? new HashMap<>() : entry.answers;
        entry.answers = answers;
        return answers.merge(member, 1, Integer::sum) <= maxAnswers ? entry.ending : null;
    }

    /// Whether, expired ones forgotten, there is room for `live` sessions to end.
    boolean hasRoomFor(int live, Instant now) {
        if (entries.size() + live >= max) {
            entries.values().removeIf(entry -> !now.isBefore(entry.forgetAt));
        }
        return entries.size() + live < max;
    }

    int size() {
        return entries.size();
    }
}
