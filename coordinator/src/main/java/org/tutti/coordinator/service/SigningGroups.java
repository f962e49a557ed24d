package org.tutti.coordinator.service;

import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.RequestId;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.service.GroupParticipation;
import org.tutti.signing.service.SessionHandle;
import org.tutti.signing.service.SigningGroup;
import org.tutti.signing.service.SigningService;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;
import org.tutti.signing.session.Step;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The groups of requests that all have joined: those over the same keys are one, for as long as a
/// request needs it. Called by the loop alone, but for what signing tells.
final class SigningGroups {
    /// The epoch of groups that are made of requests. A configured group of this epoch and the same
    /// keys is there already, and none is formed beside it.
    static final long EPOCH = 0;

    /// How far beyond its end the settings let a session wait.
    private static final Duration MARGIN = Duration.ofSeconds(1);

    /// Told what happens, on threads of signing's: hands over and returns.
    interface Told {
        void started(RequestId request, SessionId session, boolean own);

        void stepAwaited(RequestId request, SessionId session, Step step);

        void round1(RequestId request, SessionId session);

        void round2(RequestId request, SessionId session);

        void late(RequestId request, List<PublicKey> keys);

        void ended(RequestId request, String code, String reason, List<PublicKey> culprits);

        void committed(RequestId request);

        void signed(RequestId request, List<SchnorrSignature> signatures);

        void clockStepped(Duration by);
    }

    private final SigningService signing;
    private final SecretKey key;
    private final Bytes network;
    private final InvitationApproval approval;
    private final CoordinatorSettings settings;
    private final Told told;
    private final Map<Bytes, Formed> groups = new HashMap<>();

    /// Which session belongs to which request; bounded by the sessions of the groups.
    private final Map<SessionId, RequestId> sessions = new ConcurrentHashMap<>();

    /// Sessions of this node's whose handle is waited for.
    private final Set<SessionId> own = ConcurrentHashMap.newKeySet();

    /// Runs what waits for a handle.
    private final Consumer<Tasks.Task> await;

    /// Of all groups; written by the loop's thread alone.
    private volatile Set<PeerId> peers = Set.of();

    /// @param users the requests that need the group, each with the signer who relays for it; empty
    ///   where all are connected to all. Which signer that is follows from the request, so that of
    ///   two requests of the same signers each may have another
    private record Formed(SigningGroup group, Map<RequestId, Optional<PublicKey>> users) {
        /// Those who relay, the first request's first.
        List<PeerId> relays() {
            return relays(group.group(), users);
        }

        static List<PeerId> relays(SignerGroup group, Map<RequestId, Optional<PublicKey>> users) {
            return users.values().stream()
                    .flatMap(Optional::stream)
                    .distinct()
                    .flatMap(key ->
                            group.members().stream()
                                    .filter(member -> member.signingKey().equals(key)))
                    .map(Member::peerId)
                    .toList();
        }
    }

    SigningGroups(
            SigningService signing,
            SecretKey key,
            Bytes network,
            InvitationApproval approval,
            CoordinatorSettings settings,
            Consumer<Tasks.Task> await,
            Told told) {
        this.signing = signing;
        this.key = key;
        this.network = network;
        this.approval = approval;
        this.settings = settings;
        this.await = await;
        this.told = told;
    }

    /// Makes the signers of a request a group, in the order of its keys, or joins the one that they
    /// are.
    ///
    /// @return false if signing has no room for another group, or these signers cannot form one: it
    ///   is tried again later
    boolean form(Invitation request, Map<PublicKey, PeerId> peers) throws IOException {
        try {
            SignerGroup group =
                    SignerGroup.inOrder(
                            network,
                            EPOCH,
                            request.keys().stream()
                                    .map(k ->
                                            new SignerGroup.Candidate(
                                                    Objects.requireNonNull(peers.get(k)),
                                                    k,
                                                    List.of()))
                                    .toList());
            Formed known = groups.get(group.id());
            Optional<PublicKey> relay = settings.limits().relay(request);
            if (known != null && samePeers(known.group().group(), group)) {
                known.users().put(request.id(), relay);
                relay.ifPresent(_ -> relayAgain(known));
                return true;
            }
            Map<RequestId, Optional<PublicKey>> users = new LinkedHashMap<>();
            if (known != null) {
                // A signer speaks through another peer: its sessions are resumed with that one.
                users.putAll(known.users());
                signing.drop(group.id());
                groups.remove(group.id());
                notePeers();
            }
            users.put(request.id(), relay);
            SigningGroup added =
                    signing.add(
                            GroupParticipation.of(group, key, approval)
                                    .withRelays(Formed.relays(group, users))
                                    .withTimeouts(settings.sessions())
                                    .withHoldListener(new Holding())
                                    .withListener(new Listening(group)));
            groups.put(group.id(), new Formed(added, users));
            notePeers();
            return true;
        } catch (GroupException | IllegalStateException | IllegalArgumentException e) {
            return false; // This node's key may speak through another peer than this one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// What this group's requests need now; the relays of those that are over relay no longer.
    private void relayAgain(Formed formed) {
        List<PeerId> relays = formed.relays();
        if (!relays.isEmpty()) {
            signing.relayBy(formed.group().group().id(), relays);
        }
    }

    private static boolean samePeers(SignerGroup one, SignerGroup other) {
        return one.members().stream()
                .map(Member::peerId)
                .toList()
                .equals(other.members().stream().map(Member::peerId).toList());
    }

    private void notePeers() {
        peers =
                groups.values().stream()
                        .flatMap(formed -> formed.group().group().members().stream())
                        .map(Member::peerId)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a group is there that has this peer. On any thread.
    boolean hasPeer(PeerId peer) {
        return peers.contains(peer);
    }

    /// The operator says that the wall clock is right.
    void acceptClock() {
        groups.values().forEach(formed -> formed.group().acceptClock());
    }

    private Optional<Formed> of(RequestId request) {
        return groups.values().stream().filter(f -> f.users().containsKey(request)).findFirst();
    }

    /// The request needs its group no longer.
    void leave(RequestId request) {
        of(request)
                .ifPresent(formed -> {
                    Optional<PublicKey> relay =
                            Objects.requireNonNullElse(
                                    formed.users().remove(request), Optional.empty());
                    if (formed.users().isEmpty()) {
                        Bytes id = formed.group().group().id();
                        groups.remove(id);
                        notePeers();
                        sessions.values().removeIf(request::equals);
                        try {
                            signing.drop(id);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } catch (IllegalStateException e) {
                            // The service stops.
                        }
                    } else {
                        relay.ifPresent(_ -> relayAgain(formed));
                    }
                });
    }

    /// Asks the group for the signatures of a request.
    ///
    /// @return false if it cannot be asked now
    boolean sign(Invitation request, Instant now) {
        Optional<Formed> formed = of(request.id());
        if (formed.isEmpty()) {
            return false;
        }
        Duration left = Duration.between(now, request.header().notAfter());
        Duration lifetime =
                left.compareTo(settings.sessionLifetime()) < 0 ? left : settings.sessionLifetime();
        if (!lifetime.minus(MARGIN).isPositive()) {
            return false;
        }
        try {
            SessionHandle handle =
                    formed.get()
                            .group()
                            .sign(
                                    new SigningRequestDraft(
                                            InvitationApproval.messages(request),
                                            InvitationApproval.PURPOSE,
                                            request.id().bytes(),
                                            request.id().bytes(),
                                            lifetime));
            own.add(handle.request().sessionId());
            await.accept(() -> awaitEnd(request.id(), handle, lifetime));
            return true;
        } catch (IllegalArgumentException | IllegalStateException e) {
            return false;
        }
    }

    /// The handle tells how a session of this node's ended, also one that never began: signed ones
    /// are told with their signatures.
    private void awaitEnd(RequestId request, SessionHandle handle, Duration lifetime)
            throws InterruptedException {
        try {
            switch (handle.await(lifetime.plus(MARGIN))) {
                case SessionOutcome.Signed _ -> {
                    // Told by the listener.
                }
                case SessionOutcome.Refused refused ->
                        told.ended(request, refused.code(), refused.reason(), List.of());
                case SessionOutcome.Aborted aborted ->
                        told.ended(
                                request,
                                aborted.code(),
                                aborted.reason(),
                                aborted.culprits().stream().map(Member::signingKey).toList());
            }
        } catch (TimeoutException e) {
            told.ended(request, "NO_OUTCOME", "the session has no outcome", List.of());
        } finally {
            own.remove(handle.request().sessionId());
        }
    }

    /// This node's user takes a step.
    void take(RequestId request, SessionId session, Step step) {
        of(request).ifPresent(formed -> formed.group().take(session, step));
    }

    /// What was signed for a request is final, or can no longer happen.
    void settle(RequestId request, Bytes outcome) {
        of(request)
                .ifPresent(formed ->
                        sessions.forEach((session, of) -> {
                            if (of.equals(request)) {
                                formed.group().holds().settle(session, outcome);
                            }
                        }));
    }

    private final class Holding implements HoldListener {
        @Override
        public void reserved(SigningRequest session, Hold hold) {
            note(session);
        }

        @Override
        public void committed(SigningRequest session, Hold hold) {
            note(session).ifPresent(told::committed);
        }

        @Override
        public void unknown(SigningRequest session, Hold hold) {
            note(session).ifPresent(told::committed);
        }

        @Override
        public void signed(
                SigningRequest session, Hold hold, List<SchnorrSignature> signatures, Instant at) {
            note(session).ifPresent(request -> told.signed(request, signatures));
        }

        @Override
        public void settled(SessionId session) {
            sessions.remove(session);
        }
    }

    private Optional<RequestId> note(SigningRequest session) {
        Optional<RequestId> request = InvitationApproval.requestOf(session);
        request.ifPresent(id -> sessions.put(session.sessionId(), id));
        return request;
    }

    /// Turns the events of one group into those of its requests. On a thread of signing's, one for
    /// each group.
    private final class Listening implements Consumer<SessionEvent> {
        private final SignerGroup group;
        private final Map<SessionId, Progress> running = new HashMap<>();

        /// Whose messages of the attempt are here.
        private static final class Progress {
            private final RequestId request;
            private final Set<Integer> nonces = new HashSet<>();
            private final Set<Integer> partials = new HashSet<>();
            private int attempt;

            Progress(RequestId request) {
                this.request = request;
            }

            /// Others' messages of an attempt may come before this node has begun it.
            Progress in(int number) {
                if (number > attempt) {
                    attempt = number;
                    nonces.clear();
                    partials.clear();
                }
                return this;
            }
        }

        Listening(SignerGroup group) {
            this.group = group;
        }

        @Override
        public void accept(SessionEvent event) {
            switch (event) {
                case SessionEvent.Announced announced ->
                        started(announced.request(), announced.requester());
                case SessionEvent.Resumed resumed ->
                        group.member(resumed.request().requester())
                                .ifPresent(member -> started(resumed.request(), member));
                case SessionEvent.AttemptStarted started -> {
                    Progress progress = running.get(started.session());
                    if (progress != null) {
                        progress.in(started.attempt());
                    }
                }
                case SessionEvent.StepAwaited awaited -> {
                    Progress progress = running.get(awaited.session());
                    if (progress != null) {
                        told.stepAwaited(progress.request, awaited.session(), awaited.step());
                    }
                }
                case SessionEvent.NoncesSeen seen -> {
                    Progress progress = running.get(seen.session());
                    if (progress != null
                            && progress.in(seen.attempt()).nonces.add(seen.member().index())
                            && progress.nonces.size() == group.size()) {
                        told.round1(progress.request, seen.session());
                    }
                }
                case SessionEvent.PartialSeen seen -> {
                    Progress progress = running.get(seen.session());
                    if (progress != null
                            && progress.in(seen.attempt()).partials.add(seen.member().index())
                            && progress.partials.size() == group.size()) {
                        told.round2(progress.request, seen.session());
                    }
                }
                case SessionEvent.AttemptFailed failed -> {
                    Progress progress = running.get(failed.session());
                    if (progress != null) {
                        told.late(progress.request, keys(failed.holdouts()));
                    }
                }
                case SessionEvent.Signed signed -> {
                    running.remove(signed.request().sessionId());
                    InvitationApproval.requestOf(signed.request())
                            .ifPresent(id -> told.signed(id, signed.signatures()));
                }
                case SessionEvent.Refused refused -> {
                    Progress progress = running.remove(refused.session());
                    if (progress != null && !own.contains(refused.session())) {
                        told.ended(progress.request, refused.code(), refused.reason(), List.of());
                    }
                }
                case SessionEvent.Aborted aborted -> aborted(aborted.outcome());
                case SessionEvent.ClockStepped stepped -> told.clockStepped(stepped.by());
                case SessionEvent.ReadySeen _,
                        SessionEvent.Dropped _,
                        SessionEvent.JournalWentBack _,
                        SessionEvent.CopyFound _,
                        SessionEvent.CopyGone _,
                        SessionEvent.TermsDiffer _,
                        SessionEvent.TermsAgreed _,
                        SessionEvent.OtherGroup _,
                        SessionEvent.RecoveryAsked _,
                        SessionEvent.RecoveryConsented _,
                        SessionEvent.Recovered _,
                        SessionEvent.NobodyRemembers _,
                        SessionEvent.JournalFailed _ -> {
                    // Not of one request.
                }
            }
        }

        private void started(SigningRequest session, Member requester) {
            InvitationApproval.requestOf(session)
                    .ifPresent(id -> {
                        running.put(session.sessionId(), new Progress(id));
                        told.started(
                                id,
                                session.sessionId(),
                                requester.signingKey().equals(key.publicKey()));
                    });
        }

        private void aborted(SessionOutcome.Aborted outcome) {
            Progress progress = running.remove(outcome.sessionId());
            if (progress != null) {
                told.late(progress.request, keys(outcome.observed()));
                if (!own.contains(outcome.sessionId())) {
                    told.ended(
                            progress.request,
                            outcome.code(),
                            outcome.reason(),
                            keys(outcome.culprits()));
                }
            }
        }

        private static List<PublicKey> keys(List<Member> members) {
            return members.stream().map(Member::signingKey).toList();
        }
    }
}
