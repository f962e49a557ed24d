package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What a journal records about sessions that have not expired: accumulated while it is read, so
/// that a long journal needs no more memory than its live sessions.
public final class JournalReplay implements Consumer<JournalRecord> {
    private final SignerGroup group;
    private final EnvelopeVerifier envelopeVerifier;
    private final Instant now;
    private final Map<SessionId, ReplayedSession> sessions = new LinkedHashMap<>();
    private final Map<Integer, JournalRecord.SeenHead> heads = new LinkedHashMap<>();

    /// @param now sessions that expired before are skipped
    public JournalReplay(SignerGroup group, SigningLimits limits, Instant now) {
        this.group = group;
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        this.now = now;
    }

    static final class ReplayedSession {
        final Inbound.Request request;
        int attempt;
        int restarts;
        JournalRecord.@Nullable Sign sign;
        @Nullable JournalRecord end;

        ReplayedSession(Inbound.Request request) {
            this.request = request;
        }
    }

    @Override
    public void accept(JournalRecord record) {
        switch (record) {
            case JournalRecord.Ready ready -> ready(ready);
            case JournalRecord.Sign sign -> {
                // A signer's index is valid only in the group in which the entry was written.
                if (sign.group().equals(group.id())) {
                    sign.heads()
                            .forEach(seen ->
                                    heads.merge(seen.signer(), seen, JournalReplay::higher));
                }
                ReplayedSession known = sessions.get(sign.session());
                if (known != null) {
                    known.sign = sign;
                }
            }
            case JournalRecord.Final _, JournalRecord.Ended _ -> {
                ReplayedSession known = sessions.get(record.session());
                if (known != null) {
                    known.end = record;
                    known.sign = null;
                }
            }
        }
    }

    private void ready(JournalRecord.Ready ready) {
        if (!ready.requestEnvelope().isEmpty()) {
            request(ready.requestEnvelope())
                    .ifPresent(request ->
                            sessions.putIfAbsent(ready.session(), new ReplayedSession(request)));
        }
        ReplayedSession known = sessions.get(ready.session());
        if (known != null) {
            known.attempt = Math.max(known.attempt, ready.attempt());
            known.restarts = Math.max(known.restarts, ready.restarts());
        }
    }

    /// Empty if the session cannot be resumed: it has expired (as most have, so this is checked
    /// before any signature), is of another group, or exceeds the current limits.
    private Optional<Inbound.Request> request(Bytes envelope) {
        try {
            if (now.isBefore(RequestCodec.unverifiedExpiry(envelope))
                    && envelopeVerifier.verify(envelope) instanceof Inbound.Request request
                    && Admission.isOf(group, request.request())) {
                return Optional.of(request);
            }
        } catch (WireException _) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static JournalRecord.SeenHead higher(
            JournalRecord.SeenHead a, JournalRecord.SeenHead b) {
        return a.head().count() >= b.head().count() ? a : b;
    }

    /// Frees the requests, which may be large.
    void clear() {
        sessions.clear();
        heads.clear();
    }

    Map<SessionId, ReplayedSession> sessions() {
        return sessions;
    }

    Iterable<JournalRecord.SeenHead> heads() {
        return heads.values();
    }

    /// This node's two envelopes of a signed attempt, which may be sent again.
    static List<Bytes> resendable(ReplayedSession session, int self) {
        List<Bytes> envelopes = new ArrayList<>();
        JournalRecord.Sign sign = session.sign;
        if (sign != null && self < sign.nonceEnvelopes().size()) {
            envelopes.add(sign.nonceEnvelopes().get(self));
            envelopes.add(sign.ownPartials());
        }
        return envelopes;
    }
}
