package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.HandOver;
import org.tutti.signing.journal.GroupState;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.KeptSession;
import org.tutti.signing.request.SessionId;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// What a journal remembers that another member, whose journal was lost, has to know: in parts, in
/// the order of session ids, so that a part can be asked for again after a restart of either.
public final class HandOvers {
    /// Most bytes of a part: below what a frame may have, with room for its envelope.
    static final int MAX_BYTES = 700 << 10;

    private final Bytes group;
    private final int self;
    private final NavigableMap<Bytes, KeptSession> sessions = new TreeMap<>();
    private final NavigableMap<Bytes, JournalRecord.Settled> keys = new TreeMap<>();

    /// @param group id of the group, 32 bytes
    /// @param self index of this node
    public HandOvers(Bytes group, int self, GroupState state) {
        this.group = group;
        this.self = self;
        state.sessions()
                .forEach((id, session) -> {
                    boolean bound =
                            session.sign().isPresent()
                                    || session.end().orElse(null) instanceof JournalRecord.Final;
                    if (bound && !session.hold().isNone()) {
                        sessions.put(id.bytes(), session);
                    }
                });
        state.settled().forEach(settled -> keys.put(settled.session().bytes(), settled));
    }

    /// The part after a position.
    ///
    /// @param member whose journal was lost
    /// @param journal id of its new one
    /// @param after session id, or empty
    /// @param partials envelopes of others' partial signatures that are in memory, by session
    public HandOver next(
            int member, Bytes journal, Bytes after, Map<SessionId, List<Bytes>> partials) {
        List<HandOver.Session> some = new ArrayList<>();
        List<HandOver.Key> someKeys = new ArrayList<>();
        Bytes through = after;
        int bytes = 0;
        Optional<Bytes> next = following(after);
        while (next.isPresent()
                && some.size() < HandOver.MAX_SESSIONS
                && someKeys.size() < HandOver.MAX_KEYS) {
            Bytes id = next.get();
            KeptSession known = sessions.get(id);
            JournalRecord.Settled settled = keys.get(id);
            if (known != null) {
                HandOver.Session session =
                        session(known, member, partials.getOrDefault(new SessionId(id), List.of()));
                if (bytes > 0 && bytes + session.length() > MAX_BYTES) {
                    break;
                }
                bytes += session.length();
                some.add(session);
            }
            if (settled != null) {
                someKeys.add(
                        new HandOver.Key(
                                id,
                                settled.requester(),
                                settled.idempotencyKey(),
                                settled.content(),
                                settled.keyFreeAt().toEpochMilli()));
            }
            through = id;
            next = following(id);
        }
        return new HandOver(group, self, journal, after, through, next.isEmpty(), some, someKeys);
    }

    private Optional<Bytes> following(Bytes after) {
        Bytes session = after.isEmpty() ? first(sessions) : sessions.higherKey(after);
        Bytes key = after.isEmpty() ? first(keys) : keys.higherKey(after);
        if (session == null || key == null) {
            return Optional.ofNullable(session == null ? key : session);
        }
        return Optional.of(session.compareTo(key) <= 0 ? session : key);
    }

    @SuppressWarnings("NullAway") // null stands for none, as in NavigableMap
    private static Bytes first(NavigableMap<Bytes, ?> map) {
        return map.isEmpty() ? null : map.firstKey();
    }

    private static HandOver.Session session(KeptSession known, int member, List<Bytes> others) {
        List<Bytes> signatures =
                known.end().orElse(null) instanceof JournalRecord.Final fin
                        ? fin.signatures()
                        : List.of();
        List<Bytes> nonces = known.sign().map(JournalRecord.Sign::nonceEnvelopes).orElse(List.of());
        List<Bytes> partials = new ArrayList<>(others);
        known.sign()
                .map(JournalRecord.Sign::ownPartials)
                .filter(own -> !own.isEmpty())
                .ifPresent(partials::add);
        HandOver.Session all =
                new HandOver.Session(known.requestEnvelope(), nonces, partials, signatures);
        return all.length() <= MAX_BYTES || nonces.size() <= member
                ? all
                : new HandOver.Session(
                        known.requestEnvelope(),
                        List.of(nonces.get(member)),
                        List.of(),
                        signatures);
    }
}
