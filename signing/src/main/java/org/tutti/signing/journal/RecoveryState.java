package org.tutti.signing.journal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a journal says of lost journals in one group: whether it took the place of one itself, and
/// who has consented to whose new one.
public final class RecoveryState {
    /// Who consents to whom.
    private record Pair(int signer, int member) {}

    private final Map<Pair, JournalRecord.Consent> consents = new LinkedHashMap<>();
    private final Set<Integer> handedOver = new LinkedHashSet<>();
    private boolean began;
    private boolean earlierUnknown;
    private boolean over;

    void accept(JournalRecord.OfRecovery record) {
        switch (record) {
            case JournalRecord.Recovering recovering -> {
                began = true;
                earlierUnknown |= recovering.earlierUnknown();
            }
            case JournalRecord.Consent consent ->
                    consents.put(new Pair(consent.signer(), consent.member()), consent);
            case JournalRecord.HandedOver all -> handedOver.add(all.signer());
            case JournalRecord.Recovered _ -> over = true;
        }
    }

    /// Whether this journal took the place of one that was lost.
    public boolean began() {
        return began;
    }

    /// Whether the operator knows that nobody may remember earlier payments.
    public boolean earlierUnknown() {
        return earlierUnknown;
    }

    /// Whether it is used.
    public boolean over() {
        return over;
    }

    /// The last of each member to each other; verified when it was written.
    public Collection<JournalRecord.Consent> consents() {
        return List.copyOf(consents.values());
    }

    /// Who has handed over all that it remembers, by index in the group.
    public Set<Integer> handedOver() {
        return Set.copyOf(handedOver);
    }

    /// The fewest records that say the same.
    List<JournalRecord> records() {
        List<JournalRecord> records = new ArrayList<>();
        if (began) {
            records.add(new JournalRecord.Recovering(earlierUnknown));
        }
        records.addAll(consents.values());
        handedOver.forEach(signer -> records.add(new JournalRecord.HandedOver(signer)));
        if (over) {
            records.add(new JournalRecord.Recovered());
        }
        return records;
    }
}
