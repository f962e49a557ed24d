package org.tutti.node.daemon;

import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.SessionInfo.Phase;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sessions of requests, from the events of the coordinator: those that run, and of those that
/// have ended the latest. Threads: any; the lock guards `sessions`.
final class RequestSessions {
    /// Most sessions that are kept; the oldest that has ended goes first.
    static final int MAX_SESSIONS = 256;

    private final Map<SessionId, Entry> sessions = new LinkedHashMap<>();

    /// One session.
    ///
    /// @param own whether this node announced it
    /// @param since when the phase began
    /// @param late signers whose message did not come in time
    record Entry(
            SessionId session,
            RequestId request,
            boolean own,
            Phase phase,
            Instant since,
            Optional<String> reason,
            List<PublicKey> late) {
        boolean hasEnded() {
            return phase == Phase.SIGNED || phase == Phase.ABORTED;
        }

        private Entry in(Phase next, Instant at) {
            return new Entry(session, request, own, next, at, reason, late);
        }

        private Entry aborted(Instant at, String why) {
            return new Entry(session, request, own, Phase.ABORTED, at, Optional.of(why), late);
        }

        private Entry late(PublicKey signer) {
            List<PublicKey> all = new ArrayList<>(late);
            all.add(signer);
            return new Entry(session, request, own, phase, since, reason, List.copyOf(all));
        }
    }

    /// Takes an event.
    synchronized void see(CoordinatorEvent event) {
        switch (event) {
            case CoordinatorEvent.SessionCreated e -> begun(e.session(), e.request(), true, e.at());
            case CoordinatorEvent.SessionJoined e -> begun(e.session(), e.request(), false, e.at());
            case CoordinatorEvent.Round1Complete e -> advance(e.session(), Phase.ROUND_2, e.at());
            case CoordinatorEvent.Round2Complete e -> advance(e.session(), Phase.COMBINING, e.at());
            case CoordinatorEvent.SignerLate e ->
                    last(e.request())
                            .filter(entry ->
                                    !entry.hasEnded() && !entry.late().contains(e.signer()))
                            .ifPresent(entry -> put(entry.late(e.signer())));
            case CoordinatorEvent.SessionAborted e ->
                    last(e.request())
                            .filter(entry -> !entry.hasEnded())
                            .ifPresent(entry ->
                                    put(entry.aborted(e.at(), e.code() + ": " + e.reason())));
            case CoordinatorEvent.Finalized e ->
                    last(e.request())
                            .filter(entry -> !entry.hasEnded())
                            .ifPresent(entry -> put(entry.in(Phase.SIGNED, e.at())));
            case CoordinatorEvent.SessionClosed e ->
                    last(e.request())
                            .filter(entry -> !entry.hasEnded())
                            .ifPresent(entry -> put(entry.aborted(e.at(), "the request is over")));
            case CoordinatorEvent.PeerBlocked _,
                    CoordinatorEvent.RequestCreated _,
                    CoordinatorEvent.RequestReceived _,
                    CoordinatorEvent.ApprovalNeeded _,
                    CoordinatorEvent.RequestJoined _,
                    CoordinatorEvent.RequestRefused _,
                    CoordinatorEvent.RequestWithdrawn _,
                    CoordinatorEvent.RequestExpired _,
                    CoordinatorEvent.ParticipantConnected _,
                    CoordinatorEvent.ParticipantDisconnected _,
                    CoordinatorEvent.SessionReady _,
                    CoordinatorEvent.StepNeeded _,
                    CoordinatorEvent.ShouldBroadcast _,
                    CoordinatorEvent.BroadcastConfirmed _ -> {
                // Not of a session.
            }
        }
    }

    private void begun(SessionId session, RequestId request, boolean own, Instant at) {
        if (sessions.containsKey(session)) {
            return; // Announced and joined by the same node.
        }
        // What is tried again has ended before, however it did.
        last(request)
                .filter(entry -> !entry.hasEnded())
                .ifPresent(entry -> put(entry.aborted(at, "another session was made")));
        put(new Entry(session, request, own, Phase.ROUND_1, at, Optional.empty(), List.of()));
        if (sessions.size() > MAX_SESSIONS) {
            SessionId oldest =
                    sessions.values().stream()
                            .filter(Entry::hasEnded)
                            .findFirst()
                            .or(() -> sessions.values().stream().findFirst())
                            .orElseThrow()
                            .session();
            sessions.remove(oldest);
        }
    }

    private void advance(SessionId session, Phase phase, Instant at) {
        Entry entry = sessions.get(session);
        if (entry != null && !entry.hasEnded()) {
            put(entry.in(phase, at));
        }
    }

    private void put(Entry entry) {
        sessions.put(entry.session(), entry);
    }

    private Optional<Entry> last(RequestId request) {
        return sessions.values().stream()
                .filter(entry -> entry.request().equals(request))
                .reduce((_, later) -> later);
    }

    /// All, the latest first.
    synchronized List<Entry> all() {
        return sessions.values().stream()
                .sorted(Comparator.comparing(Entry::since).reversed())
                .toList();
    }
}
