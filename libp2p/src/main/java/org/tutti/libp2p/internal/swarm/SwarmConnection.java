package org.tutti.libp2p.internal.swarm;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.time.Turn;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.PeerClass;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.transport.CapableConnection;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A connection of the swarm: opens streams, and takes the remote's streams in `run`, on one
/// virtual thread, handing each to a virtual thread of its own.
final class SwarmConnection implements Connection {
    private final String id;
    private final Swarm swarm;
    private final CapableConnection carrier;
    private final MuxedConnection muxed;
    private final boolean outbound;
    private final long openedAt;
    private final StreamMeters meters;
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger opened = new AtomicInteger();
    // Volatile: set by whoever closes it, read by its own thread.
    private volatile @Nullable String closeReason;
    // Volatile: set when identify has an answer, read by whoever opens a stream.
    private volatile Set<String> remoteProtocols = Set.of();
    // Volatile: set before the connection is registered, read by everybody after that.
    private volatile PeerClass peerClass = PeerClass.everybody();

    /// @param openedAt nanoseconds
    SwarmConnection(
            String id, Swarm swarm, CapableConnection carrier, boolean outbound, long openedAt) {
        this.openedAt = openedAt;
        this.id = id;
        this.swarm = swarm;
        this.carrier = carrier;
        this.muxed = carrier.muxed();
        this.outbound = outbound;
        this.meters = new StreamMeters(swarm.config().metrics());
    }

    /// In nanoseconds.
    long openedAt() {
        return openedAt;
    }

    StreamMeters meters() {
        return meters;
    }

    /// Says which class the peer is in.
    void classify(PeerClass newClass) {
        peerClass = newClass;
    }

    /// Whose it is.
    ConnectionTable.Owner owner() {
        return new ConnectionTable.Owner(
                remotePeer(), RemoteHost.of(remoteAddress()), peerClass, outbound);
    }

    /// Says from now on which streams the muxer itself resets.
    void tellRefusedStreams() {
        muxed.onStreamRefused(limit -> swarm.streamRefused(this, "", limit));
    }

    /// Takes inbound streams until the connection ends.
    ///
    /// @return why it ended
    String run() {
        Turn turn = new Turn();
        while (true) {
            try {
                take(muxed.acceptStream());
                turn.frame();
            } catch (IOException e) {
                String reason = closeReason;
                return reason == null ? String.valueOf(e.getMessage()) : reason;
            }
        }
    }

    /// Counted from here, not by the muxer, which counts streams that wait to be accepted as well:
    /// above the bound the newest is refused, not the oldest.
    private void take(MuxedStream stream) {
        opened.incrementAndGet();
        if (served.incrementAndGet() > swarm.limits().maxStreamsPerConnection()) {
            served.decrementAndGet();
            refuse(stream, "maxStreamsPerConnection");
            return;
        }
        ConnectionTable.Owner owner = owner();
        Optional<String> limit = swarm.inboundStreams().open(owner);
        if (limit.isPresent()) {
            served.decrementAndGet();
            refuse(stream, limit.get());
            return;
        }
        swarm.tasks()
                .start(
                        "libp2p-stream",
                        () -> {
                            try {
                                swarm.streams().serve(this, stream);
                            } finally {
                                swarm.inboundStreams().closed(owner);
                                served.decrementAndGet();
                            }
                        });
    }

    private void refuse(MuxedStream stream, String limit) {
        stream.reset();
        swarm.streamRefused(this, "", limit);
    }

    @Override
    public Stream openStream(String... protocols) throws IOException {
        if (protocols.length == 0) {
            throw new IllegalArgumentException("no protocol given");
        }
        if (protocols.length == 1 && remoteProtocols.contains(protocols[0])) {
            return openStreamLazily(protocols[0]);
        }
        return swarm.streams().negotiate(this, openMuxed(), protocols);
    }

    @Override
    public Stream openStreamLazily(String protocol) throws IOException {
        return swarm.streams().propose(this, openMuxed(), protocol);
    }

    private MuxedStream openMuxed() throws IOException {
        int max = swarm.limits().maxStreamsPerConnection();
        if (muxed.streamCount() >= max) {
            throw new LimitExceededException("maxStreamsPerConnection", max);
        }
        opened.incrementAndGet();
        return muxed.openStream();
    }

    /// Notes what the remote said that it answers.
    void remoteSupports(Set<String> protocols) {
        remoteProtocols = Set.copyOf(protocols);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int streamCount() {
        return muxed.streamCount();
    }

    @Override
    public long bytesIn() {
        return carrier.bytesRead();
    }

    @Override
    public long bytesOut() {
        return carrier.bytesWritten();
    }

    @Override
    public PeerId remotePeer() {
        return carrier.remotePeer();
    }

    @Override
    public PublicKey remoteKey() {
        return carrier.remoteKey();
    }

    @Override
    public Multiaddr localAddress() {
        return carrier.localAddress();
    }

    @Override
    public Multiaddr remoteAddress() {
        return carrier.remoteAddress();
    }

    @Override
    public boolean isOutbound() {
        return outbound;
    }

    @Override
    public boolean isLimited() {
        return carrier.isLimited();
    }

    /// Whether it is not to be closed to make room.
    boolean isProtected() {
        return swarm.isProtected(remotePeer());
    }

    /// How many streams were opened on it since the beginning.
    int openedStreams() {
        return opened.get();
    }

    /// Changes with every sign of life of the remote.
    long bytesReceived() {
        return muxed.bytesReceived();
    }

    /// Asks the remote for a sign of life.
    void ping() {
        muxed.ping();
    }

    Optional<Duration> roundTripTime() {
        return muxed.roundTripTime();
    }

    /// Ends it because the remote gives no sign of life.
    void lost(String reason) {
        closeReason = reason;
        if (closed.compareAndSet(false, true)) {
            muxed.abandon(reason);
        }
    }

    /// Closes it for a reason of ours.
    void close(String reason) {
        closeReason = reason;
        close();
    }

    /// Whether it carries no stream.
    boolean isIdle() {
        return muxed.streamCount() == 0;
    }

    @Override
    public boolean isOpen() {
        return !closed.get() && muxed.isOpen();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            muxed.close();
        }
    }

    @Override
    public String toString() {
        return id + (outbound ? " to " : " from ") + remotePeer() + " at " + remoteAddress();
    }
}
