package org.tutti.signing.service;

import org.tutti.base.Bytes;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.engine.EngineInput;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.OtherGroupException;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Reads the members' streams and verifies their envelopes, on the threads that the host provides,
/// and posts the messages to the event loop.
///
/// Each member has permits for the bytes of its messages that wait for the loop: without permits
/// its streams are not read, and no other member waits for it.
final class InboundStreams implements AutoCloseable {
    /// What a message costs at least, in permits.
    private static final int MIN_COST = 1 << 10;

    private final SignerGroup group;
    private final int maxFrame;
    private final EnvelopeVerifier envelopeVerifier;
    private final EventLoop loop;
    private final Map<Integer, Semaphore> permits = new HashMap<>();
    private final Set<Stream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed; // read by the streams' threads, written by close

    InboundStreams(SignerGroup group, Member self, SigningLimits limits, EventLoop loop) {
        this.group = group;
        this.maxFrame = limits.frameBytes();
        this.envelopeVerifier = new EnvelopeVerifier(GroupTable.of(group), limits);
        this.loop = loop;
        for (Member member : group.members()) {
            if (!member.equals(self)) {
                permits.put(member.index(), new Semaphore(limits.queues().inboundBytesPerMember()));
            }
        }
    }

    /// Reads a stream to its end.
    void read(Stream stream) throws IOException {
        Optional<Member> sender = group.member(stream.remotePeer());
        Semaphore own = sender.map(member -> permits.get(member.index())).orElse(null);
        if (sender.isEmpty() || own == null) {
            stream.reset();
            return;
        }
        FrameReader reader = new FrameReader(stream, maxFrame, System::nanoTime);
        open.add(stream);
        try {
            Optional<Bytes> frame = reader.next();
            while (frame.isPresent() && !closed) {
                receive(sender.get(), frame.get(), own);
                frame = reader.next();
            }
        } catch (WireException e) {
            // SAFETY 22: the stream is reset and the message counted.
            loop.post(new EngineInput.Rejected(sender.get().index(), e.reason()));
            stream.reset();
        } catch (InterruptedException _) {
            stream.reset();
        } finally {
            open.remove(stream);
        }
    }

    private void receive(Member sender, Bytes frame, Semaphore own)
            throws WireException, InterruptedException {
        int cost = Math.max(frame.length(), MIN_COST);
        own.acquire(cost);
        try {
            Inbound message = envelopeVerifier.verify(frame, sender);
            loop.post(new EngineInput.Received(message), () -> own.release(cost));
        } catch (OtherGroupException e) {
            loop.post(
                    new EngineInput.OtherGroup(sender.index(), e.group()), () -> own.release(cost));
        } catch (WireException e) {
            switch (e.reason()) {
                // Of a newer node, or of one that is in other groups too: no fault. It waits for
                // the loop like any other message.
                case WRONG_VERSION, UNKNOWN_SIGNER, WRONG_GROUP ->
                        loop.post(
                                new EngineInput.Rejected(sender.index(), e.reason()),
                                () -> own.release(cost));
                default -> {
                    own.release(cost);
                    throw e;
                }
            }
        }
    }

    /// Resets all streams.
    @Override
    public void close() {
        closed = true;
        open.forEach(Stream::reset);
    }
}
