package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multistream.Negotiated;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.StreamMuxer;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.SecurityProtocol;
import org.tutti.libp2p.transport.RawConnection;

import java.io.IOException;
import java.util.List;

/// Makes a raw connection one that carries streams: security is negotiated and run, the peer is
/// checked at the gate, then the muxer is taken from the handshake or negotiated (libp2p/specs
/// connections/README.md, "Upgrading connections").
///
/// Blocks; whoever calls closes the raw connection when it takes too long.
final class Upgrader {
    private final List<SecurityProtocol> securities;
    private final List<StreamMuxer> muxers;
    private final ConnectionGater gater;

    Upgrader(List<SecurityProtocol> securities, List<StreamMuxer> muxers, ConnectionGater gater) {
        this.securities = List.copyOf(securities);
        this.muxers = List.copyOf(muxers);
        this.gater = gater;
    }

    /// A connection with its two layers.
    record Upgraded(SecureConnection secure, MuxedConnection muxed) {}

    /// What the handshake says last may be kept back, to travel with the first streams: the caller
    /// must `flush` the muxer.
    ///
    /// @throws WrongPeerException if somebody else answers
    /// @throws GatedException if the gater forbids the peer
    Upgraded outbound(RawConnection raw, PeerId expected) throws IOException {
        SecureConnection secure;
        try {
            secure = secureOutbound(raw, expected);
        } catch (HandshakeException e) {
            if (e.code() == HandshakeException.Code.WRONG_PEER) {
                throw new WrongPeerException(expected, raw.remoteAddress(), e);
            }
            throw e;
        }
        // Whatever a security protocol of somebody else's checks: this is where it matters.
        if (!secure.remotePeer().equals(expected)) {
            secure.close();
            throw new WrongPeerException(
                    expected,
                    raw.remoteAddress(),
                    new HandshakeException(
                            HandshakeException.Code.WRONG_PEER, "it is " + secure.remotePeer()));
        }
        return finish(secure, true);
    }

    private SecureConnection secureOutbound(RawConnection raw, PeerId expected) throws IOException {
        if (securities.size() == 1) {
            SecurityProtocol only = securities.getFirst();
            return only.secureOutboundLazily(
                    new LazyRawConnection(raw, LazyNegotiation.proposing(only.protocolId())),
                    expected);
        }
        Negotiated selected =
                ProtocolNegotiator.dial(
                        raw, securities.stream().map(SecurityProtocol::protocolId).toList());
        return security(selected.protocol())
                .secureOutboundLazily(
                        new LazyRawConnection(
                                raw,
                                LazyNegotiation.agreed(selected.protocol(), selected.overRead())),
                        expected);
    }

    /// @throws GatedException if the gater forbids the peer
    Upgraded inbound(RawConnection raw) throws IOException {
        ProtocolNegotiator.Accepted selected =
                ProtocolNegotiator.accept(
                        raw, id -> securities.stream().anyMatch(s -> s.protocolId().equals(id)));
        SecureConnection secure =
                security(selected.protocol())
                        .secureInbound(
                                new LazyRawConnection(raw, LazyNegotiation.consenting(selected)));
        return finish(secure, false);
    }

    private Upgraded finish(SecureConnection secure, boolean outbound) throws IOException {
        Multiaddr address = secure.raw().remoteAddress();
        if (!gater.allowSecured(secure.remotePeer(), address, outbound)) {
            secure.close();
            throw new GatedException(secure.remotePeer());
        }
        StreamMuxer muxer;
        SecureConnection carrier = secure;
        if (secure.earlyMuxer().isPresent()) {
            muxer = muxer(secure.earlyMuxer().get());
        } else if (outbound) {
            Negotiated selected =
                    ProtocolNegotiator.dial(
                            secure, muxers.stream().map(StreamMuxer::protocolId).toList());
            muxer = muxer(selected.protocol());
            carrier = new OverreadConnection(secure, selected.overRead().toArray());
        } else {
            ProtocolNegotiator.Accepted selected =
                    ProtocolNegotiator.accept(
                            secure, id -> muxers.stream().anyMatch(m -> m.protocolId().equals(id)));
            secure.write(selected.consent().toArray(), 0, selected.consent().length());
            muxer = muxer(selected.protocol());
            carrier = new OverreadConnection(secure, selected.overread().toArray());
        }
        return new Upgraded(secure, muxer.open(carrier, outbound));
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
