package org.tutti.signing.service;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineConfig;
import org.tutti.signing.internal.engine.KeySigner;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.journal.Journal;
import org.tutti.signing.journal.JournalCompactor;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.JournalRetention;
import org.tutti.signing.journal.JournalState;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// A signer on the network: takes part in the sessions of its groups and starts its own. Groups are
/// added and dropped at any time; each has an engine, and all share one event loop, one journal and
/// one link to each peer.
///
/// Threads: one event loop owns engines and journal ([EventLoop]); each peer has a writer
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

    /// Most groups at a time: what is remembered and held is bounded for each of them.
    public static final int MAX_GROUPS = 64;

    /// Most streams of one peer that are read. A peer needs one, and another while its old
    /// connection has not ended yet. Each may hold an unfinished frame.
    static final int INBOUND_STREAMS_PER_MEMBER = 4;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Host host;
    private final PrivateKey identity;
    private final SecureRandom random;
    private final Path evidenceFolder;
    private final SigningGroup.Shared shared;
    private final GroupJournal groupJournal;
    private final JournalCompactor compactor;
    private final Thread loopThread;
    private final InboundStreams inbound;
    private final LinkChanges linkChanges;

    /// Guards what follows, and is held while groups are added and dropped. Never taken by the
    /// loop.
    private final ReentrantLock lock = new ReentrantLock();

    private final Groups groups = new Groups();

    private boolean started;
    private boolean closed;
    private @Nullable AutoCloseable subscription;

    SigningService(SigningServiceBuilder b) throws IOException {
        this.host = b.host();
        this.identity = b.identity();
        this.random = b.random;
        this.evidenceFolder = b.evidenceFolder();
        if (!identity.publicKey().peerId().equals(host.peerId())) {
            throw new IllegalArgumentException("the identity key is not that of the host");
        }
        SigningLimits limits = b.limits;
        JournalRetention retention = JournalRetention.of(limits);
        InstantSource surelyPassed = earlierOf(b.clock, b.bootClock);
        JournalState state = new JournalState(retention, b.clock.instant());
        Journal journal =
                Journal.open(b.openJournal(), () -> random(JournalHead.JOURNAL_ID_BYTES), state);
        this.compactor =
                new JournalCompactor(
                        journal,
                        retention,
                        surelyPassed,
                        task -> Thread.ofPlatform().name("tutti-compact").daemon(true).start(task),
                        this::wakeLoop,
                        b.onNotCompacted);
        EventLoop loop =
                new EventLoop(journal, compactor, b.clock, b.bootClock, b.onFailure::accept);
        this.groupJournal = new GroupJournal(journal, loop, retention, surelyPassed, state);
        this.shared =
                new SigningGroup.Shared(
                        b.clock,
                        random,
                        limits,
                        journal,
                        loop,
                        new PeerLinks(
                                host,
                                this::outboundBytes,
                                this::linkOpened,
                                this::linkClosed,
                                b.sending,
                                random),
                        groupJournal,
                        new EvidenceFolder(evidenceFolder),
                        b.onFailure);
        this.linkChanges = new LinkChanges(shared.links()::isOpen);
        this.inbound =
                new InboundStreams(groups, host.peerId(), limits, loop, shared.links()::send);
        this.loopThread =
                Thread.ofPlatform().name("tutti-sign-loop").daemon(true).unstarted(loop::run);
    }

    private Bytes random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    /// The wall clock, unless a clock that nobody sets is behind it since the start: then a step of
    /// the wall clock ahead forgets nothing.
    static InstantSource earlierOf(InstantSource wall, LongSupplier boot) {
        Instant wallAtStart = wall.instant();
        long bootAtStart = boot.getAsLong();
        return () -> {
            Instant running = wallAtStart.plusNanos(boot.getAsLong() - bootAtStart);
            Instant now = wall.instant();
            return now.isBefore(running) ? now : running;
        };
    }

    private void wakeLoop() {
        shared.loop().query(() -> {});
    }

    /// A stream that is opened again is sent what each group has: there is room for all of it.
    private long outboundBytes(PeerId peer) {
        long perGroup = shared.limits().queues().outboundBytesPerMember();
        return perGroup * groups.with(peer).size();
    }

    /// Each group that the peer shares says hello on the new stream.
    private void linkOpened(PeerId peer) {
        groups.with(peer).forEach(group -> linkChanges.opened(peer, told(group)));
    }

    private void linkClosed(PeerId peer) {
        groups.with(peer).forEach(group -> linkChanges.closed(peer, told(group)));
    }

    private static LinkChanges.Told told(SigningGroup group) {
        return new LinkChanges.Told() {
            @Override
            public void linkOpened(PeerId peer) {
                group.linkOpened(peer);
            }

            @Override
            public void linkClosed(PeerId peer) {
                group.linkClosed(peer);
            }
        };
    }

    /// A builder without any of the required values.
    public static SigningServiceBuilder builder() {
        return new SigningServiceBuilder();
    }

    /// Starts to take part in the groups that were added, and in those that will be. Call once.
    public void start() {
        lock.lock();
        try {
            started = true;
            groupJournal.started();
            loopThread.start();
            host.handle(new InboundProtocol(PROTOCOL, INBOUND_STREAMS_PER_MEMBER, inbound::read));
            subscription = host.subscribe(shared.links()::onSwarmEvent);
            shared.links().start();
        } finally {
            lock.unlock();
        }
    }

    /// Takes part in a group from now on, or from [#start] on: resumes the sessions of the time
    /// before, says hello to the members that are connected, and takes part in new sessions. After
    /// the start it reads the journal, and waits for that.
    ///
    /// @throws IOException if journal or evidence folder cannot be read
    /// @throws IllegalArgumentException if this node is not a member, or the signing key not its
    /// @throws IllegalStateException if the group is there already, there are [#MAX_GROUPS], or the
    ///   service is closed or can no longer sign
    public SigningGroup add(GroupParticipation participation) throws IOException {
        lock.lock();
        try {
            SignerGroup group = participation.group();
            requireRoomFor(group);
            Member self =
                    group.member(host.peerId())
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "this node is not a member of the group"));
            // Of this time in the group: what an earlier engine has sent, this one may contradict.
            Bytes boot = random(Contribution.BOOT_BYTES);
            EngineConfig config =
                    new EngineConfig(
                                    group,
                                    new EnvelopeSigner(self, identity, group, boot),
                                    new KeySigner(
                                            participation.signingKey(),
                                            RequestGroup.of(group),
                                            self.peerId(),
                                            random),
                                    participation.timeouts(),
                                    shared.limits(),
                                    participation.terms(),
                                    evidenceFolder,
                                    shared.evidence().names())
                            .withRelay(!participation.relays().isEmpty());
            GroupJournal.Start start = groupJournal.start(group, boot, shared.limits());
            SigningGroup added =
                    new SigningGroup(shared, participation, config, start.head(), start.replay());
            added.join(start.started(), start.replay());
            groups.add(added);
            link(added);
            return added;
        } finally {
            lock.unlock();
        }
    }

    /// To those to whom the group needs a stream; some may be open.
    private void link(SigningGroup group) {
        shared.links().add(group.group(), group.way()::needsLink).stream()
                .filter(member -> !group.way().isOpen(member.index()))
                .forEach(member -> linkChanges.opened(member.peerId(), told(group)));
    }

    /// Messages of the group go through other relays from now on, as when the one before failed.
    /// What a former relay passes on is refused from here on. Does nothing if the group is not
    /// there.
    ///
    /// @param relays members, at least one; see [GroupParticipation#relays]
    /// @throws IllegalArgumentException if there is none, one is not a member, or the group has
    ///   none so far: how a group's hellos count is decided when it is added
    public void relayBy(Bytes id, List<PeerId> relays) {
        lock.lock();
        try {
            SigningGroup group = groups.get(id).orElse(null);
            if (group == null || closed) {
                return;
            }
            group.reached(group.way().relayBy(relays));
            link(group);
            shared.links().retain(this::needsLink);
        } finally {
            lock.unlock();
        }
    }

    private boolean needsLink(PeerId peer) {
        return groups.with(peer).stream().anyMatch(group -> group.way().needsLink(peer));
    }

    private void requireRoomFor(SignerGroup group) {
        if (closed) {
            throw new IllegalStateException("the service is closed");
        }
        if (groups.get(group.id()).isPresent()) {
            throw new IllegalStateException("the group was added before");
        }
        if (groups.all().size() >= MAX_GROUPS) {
            throw new IllegalStateException("a node is in at most " + MAX_GROUPS + " groups");
        }
    }

    /// The groups in which this node takes part, in the order in which they were added.
    public List<SigningGroup> groups() {
        return List.copyOf(groups.all());
    }

    /// The group with this id, if this node takes part in it.
    public Optional<SigningGroup> group(Bytes id) {
        return groups.get(id);
    }

    /// Takes no part in the group any more. Its live sessions are suspended and their nonces wiped:
    /// their callers get the code `GROUP_DROPPED`, nothing is sent, and they are resumed when the
    /// group is added again. What its sessions hold stays in the journal. Waits for the event loop;
    /// does nothing if the group is not there.
    ///
    /// @throws IllegalStateException if the event loop does not answer
    public void drop(Bytes id) throws InterruptedException {
        lock.lock();
        try {
            SigningGroup dropped = groups.get(id).orElse(null);
            if (dropped == null || closed) {
                return;
            }
            groups.remove(dropped);
            try {
                leave(dropped);
            } finally {
                dropped.end("GROUP_DROPPED");
                shared.links().retain(this::needsLink);
                inbound.resetStrangers();
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(SigningGroup dropped) throws InterruptedException {
        if (started) {
            shared.loop().leave(dropped.engine());
            groupJournal.awaitLoop();
        } else {
            shared.loop().forget(dropped.engine());
        }
    }

    /// How many peers have a link.
    int links() {
        return shared.links().count();
    }

    /// Wipes every secret nonce, ends the threads and closes the journal. Sessions are resumed at
    /// the next start. Idempotent.
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            host.unhandle(PROTOCOL);
            closeQuietly(subscription);
            shared.links().close();
            inbound.close();
            shared.loop().stop();
            endLoop();
            groups.all().forEach(group -> group.end("SHUTTING_DOWN"));
            shared.journal().close();
        } finally {
            lock.unlock();
        }
    }

    private void endLoop() {
        try {
            loopThread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try {
            compactor.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable closeable) {
        try (closeable) {
            return;
        } catch (Exception _) {
            // A subscription that cannot be closed; nothing more can be done.
            return;
        }
    }

    @Override
    public String toString() {
        return "signing service of " + host.peerId() + " in " + groups.all();
    }
}
