package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.transport.Frames;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineConfig;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.engine.EngineOutput;
import org.tutti.signing.internal.engine.GroupCommit;
import org.tutti.signing.internal.engine.JournalReplay;
import org.tutti.signing.internal.engine.KeySigner;
import org.tutti.signing.internal.engine.SessionEngine;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionOutcome;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

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
    public static final String PROTOCOL = "/tutti/sign/1.0.0";

    /// Most streams of one member that are read. A member needs one, and another while its old
    /// connection has not ended yet. Each may hold an unfinished frame.
    static final int INBOUND_STREAMS_PER_MEMBER = 4;

    private static final int MIN_COST = 1 << 10;
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Host host;
    private final SignerGroup group;
    private final Member self;
    private final SigningLimits limits;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Journal journal;
    private final SessionEngine engine;
    private final EnvelopeVerifier envelopeVerifier;
    private final GroupCommit commit;
    private final EventLoop loop;
    private final Approvals approvals;
    private final EventDispatcher events;
    private final EvidenceFolder evidence;
    private final Map<Integer, PeerLink> links = new HashMap<>();
    private final Map<Integer, Semaphore> permits = new HashMap<>();
    private final Map<SessionId, CompletableFuture<SessionOutcome>> pending =
            new ConcurrentHashMap<>();
    private final Semaphore ownRequests;
    private final Set<Stream> inbound = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread loopThread;
    private volatile @Nullable AutoCloseable subscription; // written once by start, read by close

    SigningService(SigningServiceBuilder b) throws IOException {
        this.host = b.host();
        this.group = b.group();
        this.limits = b.limits;
        this.clock = b.clock;
        this.random = b.random;
        this.self =
                group.member(host.peerId())
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "this node is not a member of the group"));
        EngineConfig config =
                new EngineConfig(
                        group,
                        new EnvelopeSigner(self, b.identity()),
                        new KeySigner(b.signingKey(), self.peerId(), random),
                        b.timeouts,
                        limits,
                        b.evidenceFolder());
        this.envelopeVerifier = new EnvelopeVerifier(group, limits);
        JournalReplay replay = new JournalReplay(group, limits, clock.instant());
        this.journal = Journal.open(b.openJournal(), replay);
        this.engine = new SessionEngine(config, journal.head());
        this.commit = new GroupCommit(engine, journal, this::perform);
        this.loop = new EventLoop(engine, commit, clock);
        this.approvals =
                new Approvals(
                        b.approval(),
                        2 * limits.live().sessions(),
                        (id, decision) -> loop.post(new EngineInput.Decided(id, decision)));
        this.events = new EventDispatcher(limits.queues().events(), b.listener);
        this.evidence = new EvidenceFolder(b.evidenceFolder(), limits.evidenceFiles());
        this.ownRequests = new Semaphore(2 * limits.live().sessions());
        this.loopThread =
                Thread.ofPlatform()
                        .name("tutti-sign-loop")
                        .daemon(true)
                        .unstarted(() -> loop.run(engine.restore(replay, clock.instant())));
        for (Member member : group.members()) {
            if (!member.equals(self)) {
                links.put(member.index(), link(member));
                permits.put(member.index(), new Semaphore(limits.queues().inboundBytesPerMember()));
            }
        }
    }

    /// A builder without any of the required values.
    public static SigningServiceBuilder builder() {
        return new SigningServiceBuilder();
    }

    private PeerLink link(Member member) {
        return new PeerLink(
                member,
                () -> openStream(member.peerId()),
                () -> loop.post(new EngineInput.PeerConnected(member.index())),
                limits.queues().outboundBytesPerMember());
    }

    private Stream openStream(PeerId peer) throws IOException {
        List<Connection> connections = host.connections(peer);
        if (connections.isEmpty()) {
            throw new IOException(peer + " is not connected");
        }
        return connections.getFirst().openStream(PROTOCOL);
    }

    /// Resumes the sessions of the previous run, and starts to take part in new ones. Call once.
    public void start() {
        events.start();
        loopThread.start();
        host.handle(new InboundProtocol(PROTOCOL, INBOUND_STREAMS_PER_MEMBER, this::read));
        subscription = host.subscribe(this::onSwarm);
        for (PeerLink link : links.values()) {
            link.start();
        }
        for (PeerId peer : host.connectedPeers()) {
            connected(peer, true);
        }
    }

    private void onSwarm(SwarmEvent event) {
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> connected(opened.peer(), true);
            case SwarmEvent.ConnectionClosed gone -> connected(gone.peer(), gone.connections() > 0);
            case SwarmEvent.EventsDropped _ ->
                    group.members()
                            .forEach(member ->
                                    connected(member.peerId(), host.isConnected(member.peerId())));
            case SwarmEvent.Listening _,
                    SwarmEvent.Identified _,
                    SwarmEvent.DialFailed _,
                    SwarmEvent.InboundRefused _ -> {}
        }
    }

    private void connected(PeerId peer, boolean value) {
        group.member(peer)
                .map(member -> links.get(member.index()))
                .ifPresent(link -> link.connected(value));
    }

    // --- own requests

    /// Starts a session.
    ///
    /// @throws IllegalArgumentException if the draft breaks a limit
    /// @throws IllegalStateException if the service is closed, or far too many of its own requests
    ///   are pending
    public SessionHandle sign(SigningRequestDraft draft) {
        check(draft);
        if (closed.get() || !ownRequests.tryAcquire()) {
            throw new IllegalStateException("closed, or too many requests are pending");
        }
        byte[] salt = new byte[32];
        random.nextBytes(salt);
        Instant now = clock.instant();
        SigningRequest request =
                RequestCodec.create(
                        group.epoch(),
                        group.signingKeys().stream().map(key -> key.bytes()).toList(),
                        self.peerId(),
                        Bytes.wrap(salt),
                        now,
                        now.plus(draft.lifetime()),
                        draft.messages(),
                        draft.purpose(),
                        draft.context());
        CompletableFuture<SessionOutcome> outcome = new CompletableFuture<>();
        pending.put(request.sessionId(), outcome);
        loop.post(new EngineInput.LocalRequest(request));
        return new SessionHandle(request, outcome);
    }

    private void check(SigningRequestDraft draft) {
        boolean fits =
                !draft.messages().isEmpty()
                        && draft.messages().size() <= limits.requests().messages()
                        && draft.context().length() <= limits.requests().contextBytes()
                        && draft.purpose().length() <= limits.requests().purposeChars()
                        && draft.lifetime().compareTo(limits.requests().lifetime()) <= 0
                        && draft.lifetime().isPositive();
        if (!fits) {
            throw new IllegalArgumentException("the draft breaks a limit of " + limits);
        }
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

    private ServiceStatus currentStatus() {
        List<Member> linked =
                group.members().stream()
                        .filter(member ->
                                Optional.ofNullable(links.get(member.index()))
                                        .map(PeerLink::isOpen)
                                        .orElse(false))
                        .toList();
        return new ServiceStatus(
                linked,
                engine.liveSessions(),
                journal.head(),
                journal.forces(),
                events.lost(),
                evidence.failures(),
                !commit.failed());
    }

    // --- performing the engine's outputs; on the loop's thread

    private void perform(EngineOutput output) {
        switch (output) {
            case EngineOutput.Send(int member, Bytes envelope) -> {
                PeerLink link = links.get(member);
                if (link != null) {
                    link.offer(Frames.encode(envelope.toArray()));
                }
            }
            case EngineOutput.Broadcast(Bytes envelope) -> {
                byte[] frame = Frames.encode(envelope.toArray());
                links.values().forEach(link -> link.offer(frame));
            }
            case EngineOutput.AskApproval ask -> approvals.ask(ask.request(), ask.requester());
            case EngineOutput.Emit(var event) -> events.offer(event);
            case EngineOutput.SaveEvidence(String name, Bytes content) ->
                    evidence.save(name, content);
            case EngineOutput.Finish(SessionOutcome outcome) -> finish(outcome);
            case EngineOutput.Append _ ->
                    throw new IllegalArgumentException("the loop writes the journal");
        }
    }

    private void finish(SessionOutcome outcome) {
        approvals.cancel(outcome.sessionId());
        CompletableFuture<SessionOutcome> handle = pending.remove(outcome.sessionId());
        if (handle != null) {
            ownRequests.release();
            handle.complete(outcome);
        }
    }

    // --- reading; on the streams' own threads

    private void read(Stream stream) throws IOException {
        Optional<Member> sender = group.member(stream.remotePeer());
        Semaphore own = sender.map(member -> permits.get(member.index())).orElse(null);
        if (sender.isEmpty() || own == null) {
            stream.reset();
            return;
        }
        FrameReader reader = new FrameReader(stream, limits.frameBytes());
        inbound.add(stream);
        try {
            Optional<Bytes> frame = reader.next();
            while (frame.isPresent() && !closed.get()) {
                receive(frame.get(), own);
                frame = reader.next();
            }
        } catch (WireException e) {
            // SAFETY 22: the stream is reset and the message counted.
            loop.post(new EngineInput.Rejected(sender.get().index(), e.reason()));
            stream.reset();
        } catch (InterruptedException _) {
            stream.reset();
        } finally {
            inbound.remove(stream);
        }
    }

    private void receive(Bytes frame, Semaphore own) throws WireException, InterruptedException {
        int cost = Math.max(frame.length(), MIN_COST);
        own.acquire(cost);
        try {
            Inbound message = envelopeVerifier.verify(frame);
            loop.post(new EngineInput.Received(message), () -> own.release(cost));
        } catch (WireException e) {
            own.release(cost);
            if (e.reason() != DropReason.WRONG_VERSION && e.reason() != DropReason.UNKNOWN_SIGNER) {
                throw e;
            }
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
        links.values().forEach(PeerLink::close);
        inbound.forEach(Stream::reset);
        approvals.close();
        loop.stop();
        try {
            loopThread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        events.close();
        journal.close();
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
