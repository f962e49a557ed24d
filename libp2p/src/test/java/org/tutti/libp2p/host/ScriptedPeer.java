package org.tutti.libp2p.host;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.multistream.Negotiation;
import org.tutti.libp2p.internal.multistream.Step;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawTransport;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.noise.NoiseSecurity;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// A dialer without a swarm: each layer by hand, so that a test can stop, lie or flood at any of
/// them.
public final class ScriptedPeer implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final SecureConnection secure;
    private final MuxedConnection muxed;

    private ScriptedPeer(SecureConnection secure, MuxedConnection muxed) {
        this.secure = secure;
        this.muxed = muxed;
    }

    /// Connects, and says nothing.
    public static RawConnection raw(RawTransport transport, Multiaddr address) throws IOException {
        RawConnection raw = transport.dial(address, TIMEOUT);
        raw.setReadTimeout(TIMEOUT);
        return raw;
    }

    /// Connects, and runs the Noise handshake as whoever holds the key.
    public static SecureConnection secure(
            RawTransport transport, Multiaddr address, PrivateKey identity) throws IOException {
        PeerId expected = address.peerId().orElseThrow();
        RawConnection raw = raw(transport, address);
        select(raw, "/noise");
        return new NoiseSecurity(identity, List.of(YamuxMuxer.PROTOCOL_ID))
                .secureOutbound(raw, expected);
    }

    /// Connects all the way up to streams.
    public static ScriptedPeer connect(
            RawTransport transport, Multiaddr address, PrivateKey identity) throws IOException {
        SecureConnection secure = secure(transport, address, identity);
        return new ScriptedPeer(secure, new YamuxMuxer().open(secure, true));
    }

    /// A stream on which nothing was said yet, not even a protocol.
    public MuxedStream openStream() throws IOException {
        MuxedStream stream = muxed.openStream();
        stream.setReadTimeout(TIMEOUT);
        return stream;
    }

    /// A stream whose protocol was agreed on.
    public MuxedStream openStream(String protocol) throws IOException {
        MuxedStream stream = openStream();
        select(stream, protocol);
        return stream;
    }

    /// The next stream that the other side opens; nothing was read of it.
    public MuxedStream acceptStream() throws IOException {
        return muxed.acceptStream();
    }

    /// Agrees on a protocol, and reads nothing beyond the agreement.
    private static void select(ByteStream stream, String protocol) throws IOException {
        Negotiation negotiation = Negotiation.dialer(List.of(protocol));
        byte[] proposal = negotiation.start().toArray();
        stream.write(proposal, 0, proposal.length);
        byte[] one = new byte[1];
        while (true) {
            Frames.readFully(stream, one, 0, 1);
            if (negotiation.receive(one, 0, 1) instanceof Step.Agreed) {
                return;
            }
        }
    }

    /// Whom it is connected to.
    public PeerId remotePeer() {
        return secure.remotePeer();
    }

    @Override
    public void close() {
        muxed.close();
    }
}
