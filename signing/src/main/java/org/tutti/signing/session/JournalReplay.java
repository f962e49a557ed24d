package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.wire.EnvelopeVerifier;
import org.tutti.signing.wire.Inbound;
import org.tutti.signing.wire.RequestCodec;
import org.tutti.signing.wire.SigningLimits;
import org.tutti.signing.wire.WireException;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What a journal says about sessions that have not expired: folded while it is read, so that a
/// long journal needs no more memory than its live sessions.
public final class JournalReplay implements Consumer<JournalRecord> {
    private final SignerGroup group;
    private final EnvelopeVerifier opener;
    private final Instant now;
    private final Map<SessionId, Remembered> sessions = new LinkedHashMap<>();
    private final Map<Integer, JournalRecord.SeenHead> heads = new LinkedHashMap<>();

    /// @param now sessions that expired before are skipped
    public JournalReplay(SignerGroup group, SigningLimits limits, Instant now) {
        this.group = group;
        this.opener = new EnvelopeVerifier(group, limits);
        this.now = now;
    }

    static final class Remembered {
        final Inbound.Request request;
        int attempt;
        int restarts;
        JournalRecord.@Nullable Sign sign;
        @Nullable JournalRecord end;

        Remembered(Inbound.Request request) {
            this.request = request;
        }
    }

    @Override
    public void accept(JournalRecord record) {
        switch (record) {
            case JournalRecord.Ready ready -> ready(ready);
            case JournalRecord.Sign sign -> {
                // An index means a signer of the group that it was written in.
                if (sign.group().equals(group.id())) {
                    sign.heads()
                            .forEach(seen ->
                                    heads.merge(seen.signer(), seen, JournalReplay::higher));
                }
                Remembered known = sessions.get(sign.session());
                if (known != null) {
                    known.sign = sign;
                }
            }
            case JournalRecord.Final _, JournalRecord.Ended _ -> {
                Remembered known = sessions.get(record.session());
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
                            sessions.putIfAbsent(ready.session(), new Remembered(request)));
        }
        Remembered known = sessions.get(ready.session());
        if (known != null) {
            known.attempt = Math.max(known.attempt, ready.attempt());
            known.restarts = Math.max(known.restarts, ready.restarts());
        }
    }

    /// Empty if its session cannot go on: it has expired (which most have, so that is looked at
    /// before any signature), or is of another group or of older limits.
    private Optional<Inbound.Request> request(Bytes envelope) {
        try {
            if (now.isBefore(RequestCodec.unverifiedExpiry(envelope))
                    && opener.open(envelope) instanceof Inbound.Request request
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

    /// All requests that have not expired are a lot to hold on to.
    void clear() {
        sessions.clear();
        heads.clear();
    }

    Map<SessionId, Remembered> sessions() {
        return sessions;
    }

    Iterable<JournalRecord.SeenHead> heads() {
        return heads.values();
    }

    /// The two envelopes of a signed attempt that may be sent again.
    static List<Bytes> leftover(Remembered session, int self) {
        List<Bytes> envelopes = new ArrayList<>();
        JournalRecord.Sign sign = session.sign;
        if (sign != null && self < sign.nonceEnvelopes().size()) {
            envelopes.add(sign.nonceEnvelopes().get(self));
            envelopes.add(sign.ownPartials());
        }
        return envelopes;
    }
}
