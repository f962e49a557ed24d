package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.approval.HoldListener;
import org.tutti.signing.approval.Holds;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineConfig;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.GroupCommit;
import org.tutti.signing.internal.engine.JournalReplay;
import org.tutti.signing.internal.engine.KeySigner;
import org.tutti.signing.internal.engine.SessionEngine;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalEntry;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// A signer on the network: takes part in the group's sessions and starts its own.
///
/// Threads: one event loop owns engine and journal ([EventLoop]); each member has a writer
/// ([PeerLink]); inbound streams are read, and their envelopes verified, on the threads that the
/// host provides; approvals and events have their own. A peer that floods, or does not read, delays
/// neither other peers nor the loop: its readers share a budget of its own, and the bounded queue
/// of its writer resets the stream when it overflows.
///
/// Does not dial: the owner of the host keeps the members connected. This service opens a stream to
/// each connected member.
public final class SigningService implements AutoCloseable {
    /// The protocol of the streams.
    public static final String PROTOCOL = "/tutti/sign/2.0.0";

    /// Most streams of one member that are read. A member needs one, and another while its old
    /// connection has not ended yet. Each may hold an unfinished frame.
    static final int INBOUND_STREAMS_PER_MEMBER = 4;

    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Host host;
    private final SignerGroup group;
    private final Member self;
    private final InstantSource clock;
    private final Journal journal;
    private final SessionEngine engine;
    private final GroupCommit commit;
    private final JournalCompactor compactor;
    private final EventLoop loop;
    private final Approvals approvals;
    private final EventDispatcher events;
    private final EvidenceFolder evidence;
    private final HoldListener holdListener;
    private final Consumer<? super Throwable> onFailure;
    private final PeerLinks links;
    private final InboundStreams inbound;
    private final OwnRequests ownRequests;
    private final CountDownLatch agreed = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread loopThread;
    private volatile @Nullable AutoCloseable subscription; // written once by start, read by close

    SigningService(SigningServiceBuilder b) throws IOException {
        this.host = b.host();
        this.group = b.group();
        SigningLimits limits = b.limits;
        this.clock = b.clock;
        this.self =
                group.member(host.peerId())
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "this node is not a member of the group"));
        this.evidence = new EvidenceFolder(b.evidenceFolder());
        Bytes boot = random(b.random, Contribution.BOOT_BYTES);
        EngineConfig config =
                new EngineConfig(
                        group,
                        new EnvelopeSigner(self, b.identity(), group, boot),
                        new KeySigner(
                                b.signingKey(), RequestGroup.of(group), self.peerId(), b.random),
                        b.timeouts,
                        limits,
                        b.terms,
                        b.evidenceFolder(),
                        evidence.names());
        JournalRetention retention = JournalRetention.of(limits);
        JournalState state = new JournalState(retention, clock.instant());
        this.journal =
                Journal.open(
                        b.openJournal(),
                        () -> random(b.random, JournalHead.JOURNAL_ID_BYTES),
                        state);
        start(journal, group, boot, state);
        JournalReplay replay = new JournalReplay(group, limits, state);
        this.engine = new SessionEngine(config, journal.head(group.id()), replay);
        this.commit = new GroupCommit(engine, group.id(), journal, this::perform);
        this.compactor =
                new JournalCompactor(
                        journal,
                        retention,
                        earlierOf(clock, b.bootClock),
                        task -> Thread.ofPlatform().name("tutti-compact").daemon(true).start(task),
                        this::wakeLoop);
        this.holdListener = b.holdListener;
        this.onFailure = b.onFailure;
        this.loop =
                new EventLoop(engine, commit, compactor, clock, b.bootClock, b.onFailure::accept);
        this.approvals =
                new Approvals(
                        b.approval(),
                        2 * limits.live().sessions(),
                        (id, decision) -> loop.post(new EngineInput.Decided(id, decision)),
                        b.onFailure::accept);
        this.events = new EventDispatcher(limits.queues().events(), b.listener);
        this.links =
                new PeerLinks(host, group, self, limits.queues().outboundBytesPerMember(), loop);
        this.inbound = new InboundStreams(group, self, limits, loop);
        this.ownRequests = new OwnRequests(group, self, limits, b.random);
        this.loopThread =
                Thread.ofPlatform()
                        .name("tutti-sign-loop")
                        .daemon(true)
                        .unstarted(() -> loop.run(time -> engine.restore(replay, time)));
    }

    /// Each start is an entry of its own, so that two copies of a journal differ from then on.
    private static void start(Journal journal, SignerGroup group, Bytes boot, JournalState state)
            throws IOException {
        JournalRecord.Started started = new JournalRecord.Started(boot);
        journal.append(group.id(), List.of(started));
        journal.force();
        state.accept(new JournalEntry(group.id(), started), journal.head(group.id()));
    }

    private static Bytes random(SecureRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /// The wall clock, unless a clock that nobody sets is behind it since the start: then a step of
    /// the wall clock ahead forgets nothing.
    private static InstantSource earlierOf(InstantSource wall, LongSupplier boot) {
        Instant wallAtStart = wall.instant();
        long bootAtStart = boot.getAsLong();
        return () -> {
            Instant running = wallAtStart.plusNanos(boot.getAsLong() - bootAtStart);
            Instant now = wall.instant();
            return now.isBefore(running) ? now : running;
        };
    }

    private void wakeLoop() {
        loop.query(() -> {});
    }

    /// A builder without any of the required values.
    public static SigningServiceBuilder builder() {
        return new SigningServiceBuilder();
    }

    /// Resumes the sessions of the previous run, and starts to take part in new ones. Call once.
    public void start() {
        events.start();
        loopThread.start();
        host.handle(new InboundProtocol(PROTOCOL, INBOUND_STREAMS_PER_MEMBER, inbound::read));
        subscription = host.subscribe(links::onSwarmEvent);
        links.start();
    }

    /// Starts a session.
    ///
    /// @throws IllegalArgumentException if the draft breaks a limit
    /// @throws IllegalStateException if the service is closed, or too many of its own requests are
    ///   pending
    public SessionHandle sign(SigningRequestDraft draft) {
        ownRequests.requireWithinLimits(draft);
        if (closed.get()) {
            throw new IllegalStateException("the service is closed");
        }
        SessionHandle handle = ownRequests.add(draft, clock.instant());
        loop.post(new EngineInput.LocalRequest(handle.request()));
        return handle;
    }

    /// What this node's sessions hold.
    public Holds holds() {
        return new Holds() {
            @Override
            public boolean isHeld(Bytes resource) {
                return engine.isHeld(resource);
            }

            @Override
            public void settle(SessionId session) {
                loop.post(new EngineInput.Settle(session));
            }

            @Override
            public void allowConflict(SessionId session) {
                loop.post(new EngineInput.AllowConflict(session));
            }
        };
    }

    /// The operator has looked at the wall clock after
    /// [org.tutti.signing.session.SessionEvent.ClockStepped]: it is right.
    public void acceptClock() {
        loop.post(new EngineInput.AcceptClock());
    }

    /// The current status; waits for the event loop.
    ///
    /// @throws IllegalStateException if the service is closed
    public ServiceStatus status() throws InterruptedException {
        CompletableFuture<ServiceStatus> answer = new CompletableFuture<>();
        loop.query(() -> answer.complete(currentStatus()));
        try {
            return answer.get(STATUS_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the service does not answer", e);
        }
    }

    /// Waits until all members have agreed to the group's terms, at any time.
    ///
    /// @return false if that is not so when the time is over; [ServiceStatus#members] says who is
    ///   missing
    public boolean awaitAgreed(Duration timeout) throws InterruptedException {
        return agreed.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private ServiceStatus currentStatus() {
        return new ServiceStatus(
                links.linked(),
                engine.memberStates(),
                engine.liveSessions(),
                journal.head(group.id()),
                journal.forces(),
                events.lost(),
                !commit.failed());
    }

    // --- performing the engine's outputs; on the loop's thread

    private void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int member, Bytes envelope) -> links.send(member, envelope);
            case EngineOutput.Broadcast(Bytes envelope) -> links.broadcast(envelope);
            case EngineOutput.SendToAllConnections(int member, Bytes envelope) ->
                    links.sendToAllConnections(member, envelope);
            case EngineOutput.AskApproval ask -> approvals.ask(ask.request(), ask.requester());
            case EngineOutput.Emit(var event) -> {
                if (event instanceof SessionEvent.TermsAgreed) {
                    agreed.countDown();
                }
                events.offer(event);
            }
            case EngineOutput.SaveEvidence(String name, Bytes content) ->
                    evidence.save(name, content);
            case EngineOutput.HoldChanged changed -> tell(changed);
            case EngineOutput.CannotSign(String code, String reason) ->
                    onFailure.accept(new SigningStoppedException(code, reason));
            case EngineOutput.Finish(SessionOutcome outcome) -> {
                approvals.cancel(outcome.sessionId());
                ownRequests.finish(outcome);
            }
            case EngineOutput.Append _ ->
                    throw new IllegalArgumentException("the loop writes the journal");
        }
    }

    private void tell(EngineOutput.HoldChanged changed) {
        SigningRequest request = changed.request();
        Hold hold = changed.hold();
        switch (changed.change()) {
            case RESERVED -> holdListener.reserved(request, hold);
            case COMMITTED -> holdListener.committed(request, hold);
            case RELEASED -> holdListener.released(request, hold);
            case UNKNOWN -> holdListener.unknown(request, hold);
            case SIGNED -> holdListener.signed(request, hold, changed.signatures(), changed.at());
            case SETTLED -> holdListener.settled(request.sessionId());
        }
    }

    /// Wipes every secret nonce, ends the threads and closes the journal. Sessions are resumed at
    /// the next start. Idempotent.
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        host.unhandle(PROTOCOL);
        AutoCloseable swarmEvents = subscription;
        if (swarmEvents != null) {
            closeQuietly(swarmEvents);
        }
        links.close();
        inbound.close();
        approvals.close();
        loop.stop();
        try {
            loopThread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        closeCompactor();
        events.close();
        journal.close();
    }

    private void closeCompactor() {
        try {
            compactor.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception _) {
            // A subscription that cannot be closed; nothing more can be done.
            return;
        }
    }

    @Override
    public String toString() {
        return "signing service of " + self + " in " + group;
    }
}
