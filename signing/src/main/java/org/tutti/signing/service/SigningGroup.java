package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.approval.SettledHold;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineConfig;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.GroupEngine;
import org.tutti.signing.internal.engine.HandOvers;
import org.tutti.signing.internal.engine.JournalReplay;
import org.tutti.signing.internal.engine.SessionEngine;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.Step;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One group in which a node takes part, from [SigningService#add] until it is dropped.
public final class SigningGroup {
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);

    private final SignerGroup group;
    private final Member self;
    private final InstantSource clock;
    private final Journal journal;
    private final PeerLinks links;
    private final EventLoop loop;
    private final GroupWay way;
    private final GroupEngine engine;
    private final Approvals approvals;
    private final EventDispatcher events;
    private final OwnRequests ownRequests;
    private final Approval approval;
    private final HandOverService handOvers;
    private final CountDownLatch agreed = new CountDownLatch(1);

    /// What the node has for all its groups.
    record Shared(
            InstantSource clock,
            SecureRandom random,
            SigningLimits limits,
            Journal journal,
            EventLoop loop,
            PeerLinks links,
            GroupJournal groupJournal,
            EvidenceFolder evidence,
            Consumer<? super Throwable> onFailure) {}

    /// @param config of the engine
    /// @param head of the journal with the entry of this start
    SigningGroup(
            Shared node,
            GroupParticipation participation,
            EngineConfig config,
            JournalHead head,
            JournalReplay replay) {
        this.group = participation.group();
        this.self = config.envelopeSigner().self();
        this.clock = node.clock;
        this.journal = node.journal;
        this.links = node.links;
        this.loop = node.loop;
        this.way = new GroupWay(group, self.index(), participation.relays());
        SigningLimits limits = node.limits;
        this.approvals =
                new Approvals(
                        participation.approval()::decide,
                        2 * limits.live().sessions(),
                        (id, decision) -> post(new EngineInput.Decided(id, decision)),
                        node.onFailure::accept);
        this.events = new EventDispatcher(limits.queues().events(), participation.listener());
        this.ownRequests = new OwnRequests(group, self, limits, node.random);
        this.approval = participation.approval();
        this.handOvers =
                new HandOverService(
                        way,
                        config.envelopeSigner(),
                        links,
                        () ->
                                new HandOvers(
                                        group.id(),
                                        self.index(),
                                        node.groupJournal.read(group.id())));
        this.engine =
                new GroupEngine(
                        group.id(),
                        new SessionEngine(config, head, replay),
                        new GroupOutputs(
                                way,
                                links,
                                approvals,
                                events,
                                node.evidence,
                                participation.holdListener(),
                                ownRequests,
                                agreed,
                                handOvers,
                                node.onFailure));
    }

    public SignerGroup group() {
        return group;
    }

    /// This node in the group.
    public Member self() {
        return self;
    }

    /// Starts a session.
    ///
    /// @throws IllegalArgumentException if the draft breaks a limit
    /// @throws IllegalStateException if the group was dropped, the service is closed, or too many
    ///   of its own requests are pending
    public SessionHandle sign(SigningRequestDraft draft) {
        ownRequests.requireWithinLimits(draft);
        SessionHandle handle = ownRequests.add(draft, clock.instant());
        post(new EngineInput.LocalRequest(handle.request()));
        return handle;
    }

    /// The session that this node asked for with this idempotency key, if it has not ended here:
    /// one that goes on after a restart, too, from before its approval is given again. Waits for
    /// the event loop.
    ///
    /// @throws IllegalStateException if the service is closed
    public Optional<SessionHandle> running(Bytes idempotencyKey) throws InterruptedException {
        return ask(() ->
                engine.engine().liveRequests().stream()
                        .filter(request -> request.requester().equals(self.peerId()))
                        .filter(request -> request.idempotencyKey().equals(idempotencyKey))
                        .findFirst()
                        .map(ownRequests::join));
    }

    /// This node's user takes a step that a session waits for
    /// ([org.tutti.signing.session.SessionEvent.StepAwaited]); one that none waits for, or no
    /// longer, changes nothing. Returns before it is taken.
    public void take(SessionId session, Step step) {
        post(new EngineInput.TakeStep(session, step));
    }

    /// What this node's sessions hold.
    public Holds holds() {
        return new Holds() {
            @Override
            public boolean isHeld(Bytes resource) {
                return engine.engine().isHeld(resource);
            }

            @Override
            public void settle(SessionId session, Bytes outcome) {
                if (outcome.length() > MAX_OUTCOME_BYTES) {
                    throw new IllegalArgumentException("an outcome of " + outcome.length());
                }
                post(new EngineInput.Settle(session, outcome));
            }

            @Override
            public List<SettledHold> settled(Bytes idempotencyKey) {
                return engine.engine().settled(idempotencyKey);
            }

            @Override
            public Map<SessionId, Hold> underWay() throws InterruptedException {
                Map<SessionId, Hold> all = new LinkedHashMap<>();
                for (SigningRequest request : ask(engine.engine()::liveRequests)) {
                    all.put(request.sessionId(), approval.holdOf(request));
                }
                return all;
            }

            @Override
            public void allowConflict(SessionId session) {
                post(new EngineInput.AllowConflict(session));
            }
        };
    }

    /// The operator has looked at the wall clock after
    /// [org.tutti.signing.session.SessionEvent.ClockStepped]: it is right.
    public void acceptClock() {
        post(new EngineInput.AcceptClock());
    }

    /// The operator consents to the journal that a member, whose own was lost, asks to go on with:
    /// nothing is signed until the member has been told what this node remembers. Only after
    /// comparing it with what the member's operator says: whoever has its identity could ask.
    ///
    /// @param journal id of its new journal, 16 bytes
    /// @return false if the member does not ask for that now; asking again changes nothing
    /// @throws IllegalArgumentException if it is not another member
    /// @throws IllegalStateException if the service is closed
    public boolean consent(PeerId member, Bytes journal) throws InterruptedException {
        int index =
                group.member(member)
                        .filter(other -> !other.equals(self))
                        .map(Member::index)
                        .orElseThrow(() ->
                                new IllegalArgumentException(member + " is not another member"));
        post(new EngineInput.Consent(index, journal));
        MemberState state = status().members().get(index);
        return state.consented() && state.newJournal().equals(Optional.of(journal));
    }

    /// The current status; waits for the event loop.
    ///
    /// @throws IllegalStateException if the service is closed
    public GroupStatus status() throws InterruptedException {
        return ask(this::currentStatus);
    }

    /// On the loop's thread, after all that was posted before.
    private <T> T ask(Supplier<T> question) throws InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.query(() -> answer.complete(question.get()));
        try {
            return answer.get(STATUS_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the service does not answer", e);
        }
    }

    private GroupStatus currentStatus() {
        SessionEngine sessions = engine.engine();
        return new GroupStatus(
                way.reached(),
                sessions.memberStates(),
                sessions.recoveryStatus(),
                sessions.liveSessions(),
                journal.head(group.id()),
                journal.forces(),
                events.lost(),
                !loop.failed());
    }

    /// Waits until all members have agreed to the group's terms, at any time.
    ///
    /// @return false if that is not so when the time is over; [GroupStatus#members] says who is
    ///   missing
    public boolean awaitAgreed(Duration timeout) throws InterruptedException {
        return agreed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    // --- for the service

    /// What sessions that are handed over hold, in their order. Threads: any.
    List<Hold> holdsOf(Inbound.HandedOver message) {
        return message.sessions().stream()
                .map(session -> approval.holdOf(session.request().request()))
                .toList();
    }

    GroupEngine engine() {
        return engine;
    }

    GroupWay way() {
        return way;
    }

    /// What the group has to send, and whom it greets, in this order.
    void reached(GroupWay.Reached reached) {
        reached.notices().forEach(links::send);
        reached.greet().forEach(member -> post(new EngineInput.PeerConnected(member)));
    }

    /// A stream to one of its members was opened.
    void linkOpened(PeerId peer) {
        group.member(peer).ifPresent(member -> reached(way.linkOpened(member.index())));
    }

    /// A stream to one of its members is used no more.
    void linkClosed(PeerId peer) {
        group.member(peer).ifPresent(member -> way.linkClosed(member.index()).forEach(links::send));
    }

    void post(EngineInput input) {
        loop.post(engine, input);
    }

    /// Takes part from here on: resumes the sessions of the time before.
    ///
    /// @param started written first: each start is an entry of its own, so that two copies of a
    ///   journal differ from then on
    void join(JournalRecord.Started started, JournalReplay replay) {
        events.start();
        loop.join(
                engine,
                time -> {
                    List<EngineOutput> outputs = new ArrayList<>();
                    outputs.add(new EngineOutput.Append(started));
                    outputs.addAll(engine.engine().restore(replay, time));
                    return outputs;
                });
    }

    /// After the engine's last output: decisions that are still being made are interrupted, which
    /// would be refusals before, and callers that still wait are answered.
    ///
    /// @param code of the refusal of requests that did not reach the engine
    void end(String code) {
        handOvers.close();
        approvals.close();
        ownRequests.close(code);
        events.close();
    }

    @Override
    public String toString() {
        return self + " in " + group;
    }
}
