package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.OtherGroupException;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
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
    private final Map<PeerId, Semaphore> permits = new ConcurrentHashMap<>();
    private final Set<Stream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed; // read by the streams' threads, written by close

    InboundStreams(Groups groups, PeerId self, SigningLimits limits, EventLoop loop) {
        this.groups = groups;
        this.self = self;
        this.limits = limits;
        this.envelopeVerifier = new EnvelopeVerifier(groups, limits);
        this.loop = loop;
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
            Semaphore own =
                    permits.computeIfAbsent(
                            sender, _ -> new Semaphore(limits.queues().inboundBytesPerMember()));
            FrameReader reader = new FrameReader(stream, limits.frameBytes(), System::nanoTime);
            Optional<Bytes> frame = reader.next();
            while (frame.isPresent() && !closed) {
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

    private void receive(PeerId sender, Bytes frame, Semaphore own)
            throws WireException, InterruptedException {
        int cost = Math.max(frame.length(), MIN_COST);
        own.acquire(cost);
        Runnable done = () -> own.release(cost);
        boolean waits = false;
        try {
            Inbound message = envelopeVerifier.verify(frame, sender);
            Optional<SigningGroup> group = groups.get(message.group().id());
            if (group.isPresent()) {
                EngineInput input = input(group.get(), message);
                waits = true;
                loop.post(group.get().engine(), input, done);
            }
        } catch (OtherGroupException e) {
            waits = true;
            post(sender, member -> new EngineInput.OtherGroup(member, e.group()), done);
        } catch (WireException e) {
            switch (e.reason()) {
                // Of a newer node, or of one that is in other groups too: no fault. It waits for
                // the loop like any other message.
                case WRONG_VERSION, UNKNOWN_SIGNER, WRONG_GROUP -> {
                    waits = true;
                    post(sender, member -> new EngineInput.Rejected(member, e.reason()), done);
                }
                default -> throw e;
            }
        } finally {
            if (!waits) {
                done.run();
            }
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
        permits.keySet().removeIf(this::isStranger);
    }

    /// Resets all streams.
    @Override
    public void close() {
        closed = true;
        open.forEach(Stream::reset);
    }
}
