package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.OtherGroupException;
import org.tutti.signing.internal.wire.RelayFrame;
import org.tutti.signing.internal.wire.VerifiedEnvelope;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// Reads the streams of peers that share a group with this node and verifies their envelopes, on
/// the threads that the host provides, and posts the messages to the engines of the groups that
/// they name.
///
/// Each peer has permits for the bytes of its messages that wait for the loop, of all groups
/// together: without permits its streams are not read, and no other peer waits for it.
final class InboundStreams implements AutoCloseable {
    /// What a message costs at least, in permits.
    private static final int MIN_COST = 1 << 10;

    private final Groups groups;
    private final PeerId self;
    private final SigningLimits limits;
    private final EnvelopeVerifier envelopeVerifier;
    private final EventLoop loop;
    private final Consumer<GroupWay.Parcel> links;
    private final Map<PeerId, Bounds> bounds = new ConcurrentHashMap<>();
    private final Set<Stream> open = ConcurrentHashMap.newKeySet();

    /// Counted down when this is closed.
    private final CountDownLatch closed = new CountDownLatch(1);

    /// Of what one peer sends.
    ///
    /// @param permits for the bytes of its messages that wait for the loop
    /// @param pace of what it has this node pass on
    private record Bounds(Semaphore permits, RelayPace pace) {}

    /// @param links sends what this node passes on, and returns at once
    InboundStreams(
            Groups groups,
            PeerId self,
            SigningLimits limits,
            EventLoop loop,
            Consumer<GroupWay.Parcel> links) {
        this.groups = groups;
        this.self = self;
        this.limits = limits;
        this.envelopeVerifier = new EnvelopeVerifier(groups, limits);
        this.loop = loop;
        this.links = links;
    }

    private boolean isStranger(PeerId peer) {
        return peer.equals(self) || !groups.hasMember(peer);
    }

    /// Reads a stream to its end.
    void read(Stream stream) throws IOException {
        PeerId sender = stream.remotePeer();
        open.add(stream);
        try {
            if (isStranger(sender)) {
                stream.reset();
                return;
            }
            Bounds own =
                    bounds.computeIfAbsent(
                            sender,
                            _ ->
                                    new Bounds(
                                            new Semaphore(limits.queues().inboundBytesPerMember()),
                                            new RelayPace(System.nanoTime())));
            FrameReader reader =
                    new FrameReader(
                            stream, limits.frameBytes() + RelayFrame.OVERHEAD, System::nanoTime);
            Optional<Bytes> frame = reader.next();
            while (frame.isPresent() && !isClosed()) {
                receive(sender, frame.get(), own);
                frame = reader.next();
            }
        } catch (WireException e) {
            // SAFETY 22: the stream is reset and the message counted.
            post(sender, member -> new EngineInput.Rejected(member, e.reason()), () -> {});
            stream.reset();
        } catch (InterruptedException _) {
            stream.reset();
        } finally {
            open.remove(stream);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void receive(PeerId sender, Bytes frame, Bounds own)
            throws WireException, InterruptedException {
        int cost = Math.max(frame.length(), MIN_COST);
        own.permits.acquire(cost);
        OnceDone done = new OnceDone(() -> own.permits.release(cost));
        try {
            if (RelayFrame.isOne(frame)) {
                receive(sender, RelayFrame.decode(frame), own, done);
            } else {
                post(envelopeVerifier.verify(frame, sender), sender, done);
            }
        } catch (OtherGroupException e) {
            post(sender, member -> new EngineInput.OtherGroup(member, e.group()), done.taken());
        } catch (WireException e) {
            switch (e.reason()) {
                // Of a newer node, of one that is in other groups too, or that knows more or less
                // of a group's relays: no fault. It waits for the loop like any other message.
                case WRONG_VERSION, UNKNOWN_SIGNER, WRONG_GROUP, NOT_THE_RELAY ->
                        post(
                                sender,
                                member -> new EngineInput.Rejected(member, e.reason()),
                                done.taken());
                default -> throw e;
            }
        } finally {
            done.runUnlessTaken();
        }
    }

    /// What is to be done when a message has been handled: by the loop, if it was posted.
    private static final class OnceDone {
        private final Runnable done;
        private boolean taken;

        OnceDone(Runnable done) {
            this.done = done;
        }

        Runnable taken() {
            taken = true;
            return done;
        }

        void runUnlessTaken() {
            if (!taken) {
                done.run();
            }
        }
    }

    private void post(Inbound message, PeerId sender, OnceDone done) {
        groups.get(message.group().id()).ifPresent(group -> post(group, message, sender, done));
    }

    private void post(SigningGroup group, Inbound message, PeerId sender, OnceDone done) {
        EngineInput input = input(group, message);
        if (message instanceof Inbound.Greeting && message.author().peerId().equals(sender)) {
            group.way().heardHello(message.author().index()).ifPresent(links);
        }
        loop.post(group.engine(), input, done.taken());
    }

    // --- relays

    private void receive(PeerId sender, RelayFrame frame, Bounds own, OnceDone done)
            throws WireException, InterruptedException {
        SigningGroup group =
                groups.get(frame.group())
                        .orElseThrow(() ->
                                new WireException(
                                        DropReason.WRONG_GROUP, "for a group that is not here"));
        Member via =
                group.group()
                        .member(sender)
                        .orElseThrow(() ->
                                new WireException(
                                        DropReason.UNKNOWN_SIGNER, sender + " is not a member"));
        switch (frame) {
            case RelayFrame.Forward forward -> passOn(group, via, forward, own, done);
            case RelayFrame.Relayed relayed -> passedOn(group, via, relayed, done);
            case RelayFrame.Reachable reachable ->
                    group.reached(
                            new GroupWay.Reached(
                                    group.way().told(via.index(), reachable, System.nanoTime()),
                                    List.of()));
        }
    }

    /// As a relay: what a member has signed goes on as it is. It is verified as if it were for this
    /// node, so that nobody has a relay send what others have to refuse.
    private void passOn(
            SigningGroup group,
            Member sender,
            RelayFrame.Forward forward,
            Bounds own,
            OnceDone done)
            throws WireException, InterruptedException {
        group.way().requireRelay();
        Inbound message = verified(group, sender, forward.envelope());
        GroupWay.Parcel parcel = group.way().forward(sender.index(), forward);
        links.accept(parcel);
        if (forward.to().isEmpty()) {
            post(group, message, sender.peerId(), done);
        }
        long wait =
                own.pace.count(forward.envelope().length(), parcel.to().size(), System.nanoTime());
        if (wait > 0) {
            var _ = closed.await(wait, TimeUnit.NANOSECONDS);
        }
    }

    /// An envelope of this group that this member has signed.
    private Inbound verified(SigningGroup group, Member author, Bytes envelope)
            throws WireException {
        return requireOf(group, author, envelopeVerifier.verify(envelope, author.peerId()));
    }

    private static Inbound requireOf(SigningGroup group, Member author, Inbound message)
            throws WireException {
        if (!message.author().equals(author) || !message.group().equals(group.group())) {
            throw new WireException(
                    DropReason.WRONG_INDEX, "passes on what " + author + " has not signed");
        }
        return message;
    }

    /// From a relay: what is wrong with an envelope whose signature is right is its author's fault,
    /// everything else the relay's.
    private void passedOn(
            SigningGroup group, Member relay, RelayFrame.Relayed relayed, OnceDone done)
            throws WireException {
        Member author = group.way().from(relay.index(), relayed);
        Inbound message;
        try {
            message = envelopeVerifier.verify(relayed.envelope(), author.peerId());
        } catch (WireException e) {
            if (!isAuthorsFault(author, relayed.envelope())) {
                throw e;
            }
            loop.post(
                    group.engine(),
                    new EngineInput.Rejected(author.index(), e.reason()),
                    done.taken());
            return;
        }
        EngineInput input = input(group, requireOf(group, author, message));
        loop.post(group.engine(), input, done.taken());
    }

    private static boolean isAuthorsFault(Member author, Bytes envelope) {
        try {
            return VerifiedEnvelope.of(envelope).author().equals(author.peerId());
        } catch (WireException e) {
            return false;
        }
    }

    private static EngineInput input(SigningGroup group, Inbound message) {
        return message instanceof Inbound.HandedOver handedOver
                ? new EngineInput.HandedOver(handedOver, group.holdsOf(handedOver))
                : new EngineInput.Received(message);
    }

    /// To every group that the peer shares with this node: what it sent is of none of them.
    ///
    /// @param input made from the peer's index in a group
    /// @param done runs when all of them have handled it
    private void post(PeerId peer, IntFunction<EngineInput> input, Runnable done) {
        loop.postAll(
                () ->
                        groups.with(peer).stream()
                                .map(group ->
                                        new EventLoop.Addressed(
                                                group.engine(),
                                                input.apply(
                                                        group.group()
                                                                .member(peer)
                                                                .orElseThrow()
                                                                .index())))
                                .toList(),
                done);
    }

    /// Resets the streams of peers that are in no group any more.
    void resetStrangers() {
        for (Stream stream : open) {
            if (isStranger(stream.remotePeer())) {
                stream.reset();
            }
        }
        bounds.keySet().removeIf(this::isStranger);
    }

    /// Resets all streams.
    @Override
    public void close() {
        closed.countDown();
        open.forEach(Stream::reset);
    }
}
