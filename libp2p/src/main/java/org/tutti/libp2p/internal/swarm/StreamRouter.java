package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.internal.multistream.Negotiated;
import org.tutti.libp2p.internal.upgrade.LazyNegotiation;
import org.tutti.libp2p.internal.upgrade.ProtocolNegotiator;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.swarm.HandlerFailed;
import org.tutti.libp2p.swarm.HandlerStillRunning;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.ProtocolNotSupportedException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.time.Deadlines;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Agrees on the protocol of new streams, and runs the handlers of those that the remote opens.
final class StreamRouter {
    private static final System.Logger LOG = System.getLogger(StreamRouter.class.getName());

    private final Swarm swarm;
    private final ProtocolTable protocols;
    private final Deadlines negotiations;
    private final LongSupplier nanoClock;
    private final StreamQuota quota = new StreamQuota();
    private final RunningHandlers handlers = new RunningHandlers();

    /// @param nanoClock monotonic, in nanoseconds
    StreamRouter(
            Swarm swarm, ProtocolTable protocols, Deadlines negotiations, LongSupplier nanoClock) {
        this.swarm = swarm;
        this.nanoClock = nanoClock;
        this.protocols = protocols;
        this.negotiations = negotiations;
    }

    /// An outbound stream whose proposal travels with its first bytes.
    Stream propose(SwarmConnection connection, MuxedStream muxed, String protocol) {
        return new NegotiatedStream(
                connection, muxed, LazyNegotiation.proposing(protocol, nanoClock));
    }

    /// An outbound stream for the first of these protocols that the remote agrees to.
    Stream negotiate(SwarmConnection connection, MuxedStream muxed, String... wanted)
            throws IOException {
        Deadlines.Deadline deadline = negotiations.start(muxed::reset);
        try {
            Negotiated selected = ProtocolNegotiator.dial(muxed, Arrays.asList(wanted));
            if (!deadline.cancel()) {
                throw new SocketTimeoutException(late(wanted));
            }
            return new NegotiatedStream(
                    connection,
                    muxed,
                    LazyNegotiation.agreed(selected.protocol(), selected.readAhead()));
        } catch (IOException e) {
            boolean inTime = deadline.cancel();
            muxed.reset();
            if (inTime) {
                throw e instanceof NegotiationException n ? meaning(n, Arrays.asList(wanted)) : e;
            }
            SocketTimeoutException late = new SocketTimeoutException(late(wanted));
            late.initCause(e);
            throw late;
        }
    }

    /// What a failed negotiation means to the user of a stream: `ProtocolNotSupportedException` if
    /// the remote refused all proposals, the failure itself if the remote does not speak
    /// multistream-select.
    static IOException meaning(NegotiationException e, List<String> proposed) {
        return switch (e.code()) {
            case NOT_SUPPORTED -> new ProtocolNotSupportedException(proposed);
            case MALFORMED -> e;
        };
    }

    private static String late(String... wanted) {
        return "the remote did not agree in time to any of " + List.of(wanted);
    }

    /// Runs one inbound stream from negotiation to the end of its handler.
    void serve(SwarmConnection connection, MuxedStream muxed) {
        Deadlines.Deadline deadline = negotiations.start(muxed::reset);
        ProtocolNegotiator.Accepted selected;
        try {
            selected = ProtocolNegotiator.accept(muxed, id -> protocols.find(id).isPresent());
            deadline.cancel();
        } catch (IOException e) {
            if (deadline.cancel()) {
                muxed.reset();
            } else {
                refuse(connection, muxed, "", "negotiationTimeout");
            }
            return;
        }
        Optional<ProtocolTable.Entry> entry = protocols.find(selected.protocol());
        if (entry.isEmpty()) {
            // Removed in the meantime.
            muxed.reset();
            return;
        }
        if (!isAllowed(connection, selected.protocol())) {
            refuse(connection, muxed, selected.protocol(), "GATED");
            return;
        }
        String protocol = selected.protocol();
        if (!quota.acquire(connection.remotePeer(), protocol, entry.get().maxStreamsPerPeer())) {
            refuse(connection, muxed, protocol, "maxStreamsPerPeer");
            return;
        }
        try {
            handle(
                    connection,
                    entry.get().handler(),
                    new NegotiatedStream(connection, muxed, LazyNegotiation.consenting(selected)));
        } finally {
            quota.release(connection.remotePeer(), protocol);
        }
    }

    /// A gater that fails allows nothing.
    private boolean isAllowed(SwarmConnection connection, String protocol) {
        try {
            return swarm.config().gater().allowStream(connection.remotePeer(), protocol);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the gater failed on " + connection, e);
            return false;
        }
    }

    private void refuse(
            SwarmConnection connection, MuxedStream muxed, String protocol, String reason) {
        muxed.reset();
        swarm.streamRefused(connection, protocol, reason);
    }

    private void handle(SwarmConnection connection, StreamHandler handler, Stream stream) {
        boolean done = false;
        handlers.started(stream);
        try {
            handler.handle(stream);
            done = true;
        } catch (LimitExceededException e) {
            swarm.streamRefused(connection, stream.protocol(), e.limit());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> stream + " ended: " + e.getMessage());
            tell(stream, e);
        } catch (RuntimeException e) {
            // A fault of ours, but of one stream only.
            LOG.log(System.Logger.Level.WARNING, "the handler failed on " + stream, e);
            tell(stream, e);
        } catch (Error e) {
            tell(stream, e);
            throw e;
        } finally {
            handlers.ended(stream);
            if (done) {
                stream.close();
            } else {
                stream.reset();
            }
        }
    }

    /// Not what fails because the host is being closed.
    private void tell(Stream stream, Throwable cause) {
        if (swarm.isRunning()) {
            swarm.publish(new HandlerFailed(stream.remotePeer(), stream.protocol(), cause));
        }
    }

    /// Ends what its streams' end has not ended.
    void interruptHandlers() {
        handlers.interrupt();
    }

    /// Says which handlers run although their streams have ended.
    void nameHandlers() {
        for (Stream stream : handlers.running()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the host is closed, and the handler of {0} has not ended",
                    stream);
            swarm.publish(new HandlerStillRunning(stream.remotePeer(), stream.protocol()));
        }
    }
}
