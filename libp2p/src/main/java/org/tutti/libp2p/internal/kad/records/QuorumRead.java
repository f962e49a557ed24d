package org.tutti.libp2p.internal.kad.records;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.ValidRecord;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One reading of a value: takes what replicas answer, says when that is enough, which value is the
/// best, and who has to be told of it (libp2p/specs kad-dht/README.md, "Getting values" and "Entry
/// correction").
///
/// An answer without a value proves nothing and counts for nothing, and so does one with a value
/// that is not valid, or older than what the reader saw before. Of the answers only who had what is
/// kept, and one value.
public final class QuorumRead {
    /// The most answers that are looked at.
    public static final int MAX_ANSWERS = 1_000;

    /// What an answer was worth.
    public enum Verdict {
        /// As good as the best so far, or better.
        GOOD,
        /// Valid, but there is a better one.
        STALE,
        /// Valid, but this reader saw a newer one before.
        ROLLED_BACK,
        /// No value.
        MISSING,
        /// Something that does not belong under the key: the peer is to blame, unless the record
        /// only expired.
        INVALID,
        EXPIRED,
        /// From somebody who answered already, or one too many.
        IGNORED
    }

    private final Bytes key;
    private final RecordValidators validators;
    private final int quorum;
    private final SeenSequences seen;
    private final Map<Bytes, Answer> answers = new LinkedHashMap<>();
    private Optional<Best> best = Optional.empty();
    private int counted;

    private record Answer(PeerId peer, Verdict verdict) {}

    private record Best(Bytes value, ValidRecord record) {}

    /// @param quorum how many answers with valid values are enough, at least 1
    /// @param seen what this reader saw before; takes note of what `finish` gives
    public QuorumRead(Bytes key, RecordValidators validators, int quorum, SeenSequences seen) {
        if (quorum < 1) {
            throw new IllegalArgumentException("a quorum of " + quorum);
        }
        this.key = key;
        this.validators = validators;
        this.quorum = quorum;
        this.seen = seen;
    }

    /// What a replica answered; our own store is one, too.
    public Verdict answer(PeerId peer, Optional<Bytes> value, long now) {
        if (answers.size() >= MAX_ANSWERS || answers.containsKey(peer.multihash())) {
            return Verdict.IGNORED;
        }
        Verdict verdict = value.isEmpty() ? Verdict.MISSING : judge(value.get(), now);
        answers.put(peer.multihash(), new Answer(peer, verdict));
        return verdict;
    }

    private Verdict judge(Bytes value, long now) {
        try {
            ValidRecord record = validators.validate(key, value, Instant.ofEpochMilli(now));
            if (seen.isRolledBack(key, record, now)) {
                return Verdict.ROLLED_BACK;
            }
            counted++;
            return compare(value, record);
        } catch (InvalidRecordException e) {
            return e.code() == InvalidRecordException.Code.EXPIRED
                    ? Verdict.EXPIRED
                    : Verdict.INVALID;
        }
    }

    /// "If the new value wins, store it in `best`, and mark all formerly best peers as outdated".
    private Verdict compare(Bytes value, ValidRecord record) throws InvalidRecordException {
        if (best.isPresent()) {
            Bytes old = best.get().value;
            if (old.equals(value)) {
                return Verdict.GOOD;
            }
            if (validators.select(key, List.of(old, value)) == 0) {
                return Verdict.STALE;
            }
            answers.replaceAll(
                    (id, a) -> a.verdict == Verdict.GOOD ? new Answer(a.peer, Verdict.STALE) : a);
        }
        best = Optional.of(new Best(value, record));
        return Verdict.GOOD;
    }

    /// "If we have collected `Q` or more answers, we cancel outstanding requests".
    public boolean isDone() {
        return counted >= quorum || answers.size() >= MAX_ANSWERS;
    }

    /// The best value so far.
    public Optional<Bytes> best() {
        return best.map(Best::value);
    }

    /// The reader takes the best value, if there is one: from now on it takes nothing older.
    public Optional<Bytes> finish(long now) {
        best.ifPresent(b -> seen.saw(key, b.record, now));
        return best();
    }

    /// To whom to put the best value: whoever had an older one, an expired one, one that is not
    /// valid, or none. Empty if there is no best value.
    ///
    /// @param closest the peers whose place it is to have the value: whoever had none is told only
    ///   if it is one of them
    public List<PeerId> repairs(List<PeerId> closest) {
        if (best.isEmpty()) {
            return List.of();
        }
        return answers.values().stream()
                .filter(a ->
                        switch (a.verdict) {
                            case STALE, ROLLED_BACK, EXPIRED -> true;
                            case MISSING, INVALID -> closest.contains(a.peer);
                            case GOOD, IGNORED -> false;
                        })
                .map(Answer::peer)
                .toList();
    }
}
