package org.tutti.libp2p.internal.upgrade;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.multistream.Negotiated;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.StreamMuxer;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.SecurityProtocol;
import org.tutti.libp2p.time.Deadlines;
import org.tutti.libp2p.transport.CapableConnection;
import org.tutti.libp2p.transport.PeerCheck;
import org.tutti.libp2p.transport.TransportException;
import org.tutti.libp2p.transport.Upgrader;

import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/// Makes a raw connection one that carries streams: a security protocol is negotiated and run, the
/// peer is checked, then the muxer is taken from the handshake or negotiated (libp2p/specs
/// connections/README.md, "Upgrading connections").
///
/// Blocks. An inbound upgrade is limited by its caller, which closes the raw connection; an
/// outbound one by a deadline. Safe for all threads.
public final class ConnectionUpgrader implements Upgrader {
    private final List<SecurityProtocol> securities;
    private final List<StreamMuxer> muxers;
    private final PeerCheck check;
    private final BiFunction<PeerId, Multiaddr, MemoryScope> memory;
    private final Deadlines deadlines;
    private final LongSupplier nanoClock;

    /// @param securities in our order of preference
    /// @param muxers in our order of preference
    /// @param memory the part of a connection with this peer at this address
    /// @param deadlines for outbound upgrades
    /// @param nanoClock monotonic, in nanoseconds
    public ConnectionUpgrader(
            List<SecurityProtocol> securities,
            List<StreamMuxer> muxers,
            PeerCheck check,
            BiFunction<PeerId, Multiaddr, MemoryScope> memory,
            Deadlines deadlines,
            LongSupplier nanoClock) {
        this.deadlines = deadlines;
        this.nanoClock = nanoClock;
        this.securities = List.copyOf(securities);
        this.muxers = List.copyOf(muxers);
        this.check = check;
        this.memory = memory;
    }

    /// A connection with its two layers, and what counts the bytes below them.
    public record Upgraded(
            SecureConnection secure, CountedConnection counted, MuxedConnection muxed)
            implements CapableConnection {
        @Override
        public PeerId remotePeer() {
            return secure.remotePeer();
        }

        @Override
        public PublicKey remoteKey() {
            return secure.remoteKey();
        }

        @Override
        public Multiaddr localAddress() {
            return secure.raw().localAddress();
        }

        @Override
        public Multiaddr remoteAddress() {
            return secure.raw().remoteAddress();
        }

        @Override
        public boolean isLimited() {
            return secure.raw().isLimited();
        }

        @Override
        public long bytesRead() {
            return counted.bytesRead();
        }

        @Override
        public long bytesWritten() {
            return counted.bytesWritten();
        }

        @Override
        public String toString() {
            return remotePeer() + " at " + remoteAddress();
        }
    }

    /// @throws NegotiationException if the remote supports none of our protocols
    /// @throws IOException also what the `PeerCheck` throws
    @Override
    public Upgraded outbound(RawConnection raw, PeerId expected) throws IOException {
        Deadlines.Deadline deadline = deadlines.start(raw::close);
        boolean done = false;
        try {
            Upgraded upgraded = upgradeOutbound(new CountedConnection(raw), expected);
            if (!deadline.cancel()) {
                upgraded.muxed().close();
                throw new IOException("closed at the deadline");
            }
            done = true;
            return upgraded;
        } catch (IOException e) {
            if (deadline.cancel()) {
                throw e;
            }
            TransportException late =
                    new TransportException(
                            TransportException.Code.TIMEOUT,
                            raw.remoteAddress(),
                            "connected, but the handshake did not end in time");
            late.initCause(e);
            throw late;
        } finally {
            if (!done) {
                deadline.cancel();
                raw.close();
            }
        }
    }

    private Upgraded upgradeOutbound(CountedConnection raw, PeerId expected) throws IOException {
        SecureConnection secure = secureOutbound(raw, expected);
        // Checked here too, in case a security protocol from elsewhere does not check it.
        if (!secure.remotePeer().equals(expected)) {
            secure.close();
            throw new HandshakeException(
                    HandshakeException.Code.WRONG_PEER, "it is " + secure.remotePeer());
        }
        return finish(secure, raw, true);
    }

    private SecureConnection secureOutbound(RawConnection raw, PeerId expected) throws IOException {
        if (securities.size() == 1) {
            SecurityProtocol only = securities.getFirst();
            return only.secureOutboundLazily(
                    new LazyRawConnection(
                            raw, LazyNegotiation.proposing(only.protocolId(), nanoClock)),
                    expected);
        }
        Negotiated selected =
                ProtocolNegotiator.dial(
                        raw, securities.stream().map(SecurityProtocol::protocolId).toList());
        return security(selected.protocol())
                .secureOutboundLazily(
                        new LazyRawConnection(
                                raw,
                                LazyNegotiation.agreed(selected.protocol(), selected.readAhead())),
                        expected);
    }

    /// @throws IOException also what the `PeerCheck` throws
    @Override
    public Upgraded inbound(RawConnection uncounted) throws IOException {
        CountedConnection raw = new CountedConnection(uncounted);
        ProtocolNegotiator.Accepted selected =
                ProtocolNegotiator.accept(
                        raw, id -> securities.stream().anyMatch(s -> s.protocolId().equals(id)));
        SecureConnection secure =
                security(selected.protocol())
                        .secureInbound(
                                new LazyRawConnection(raw, LazyNegotiation.consenting(selected)));
        return finish(secure, raw, false);
    }

    private Upgraded finish(SecureConnection secure, CountedConnection counted, boolean outbound)
            throws IOException {
        checkPeer(secure, outbound);
        StreamMuxer muxer;
        SecureConnection carrier = secure;
        if (secure.inlinedMuxer().isPresent()) {
            muxer = muxer(secure.inlinedMuxer().get());
        } else if (outbound) {
            Negotiated selected =
                    ProtocolNegotiator.dial(
                            secure, muxers.stream().map(StreamMuxer::protocolId).toList());
            muxer = muxer(selected.protocol());
            carrier = new ReadAheadConnection(secure, selected.readAhead().toArray());
        } else {
            ProtocolNegotiator.Accepted selected =
                    ProtocolNegotiator.accept(
                            secure, id -> muxers.stream().anyMatch(m -> m.protocolId().equals(id)));
            secure.write(selected.consent().toArray(), 0, selected.consent().length());
            muxer = muxer(selected.protocol());
            carrier = new ReadAheadConnection(secure, selected.readAhead().toArray());
        }
        MemoryScope scope = memory.apply(secure.remotePeer(), secure.raw().remoteAddress());
        secure.setMemory(scope);
        return new Upgraded(secure, counted, muxer.open(carrier, outbound, scope));
    }

    private void checkPeer(SecureConnection secure, boolean outbound) throws IOException {
        boolean allowed = false;
        try {
            check.check(secure.remotePeer(), secure.raw().remoteAddress(), outbound);
            allowed = true;
        } finally {
            if (!allowed) {
                secure.close();
            }
        }
    }

    private SecurityProtocol security(String id) {
        return securities.stream().filter(s -> s.protocolId().equals(id)).findFirst().orElseThrow();
    }

    private StreamMuxer muxer(String id) throws HandshakeException {
        return muxers.stream()
                .filter(m -> m.protocolId().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new HandshakeException(
                                HandshakeException.Code.NO_COMMON_MUXER,
                                "the handshake chose an unknown muxer"));
    }
}
