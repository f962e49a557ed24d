package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxerContract;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;

/// The whole channel over a real socket.
class YamuxOverTcpAndNoiseTest extends MuxerContract {
    @Override
    protected List<MuxedConnection> connect() throws Exception {
        PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
        PrivateKey bob = Keys.generate(KeyType.SECP256K1, new SecureRandom());
        List<String> muxers = List.of(YamuxMuxer.PROTOCOL_ID);
        TcpTransport tcp = new TcpTransport();
        YamuxMuxer muxer = new YamuxMuxer();
        try (RawListener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
            FutureTask<MuxedConnection> accepting =
                    async(() ->
                            muxer.open(
                                    new NoiseSecurity(bob, muxers).secureInbound(listener.accept()),
                                    false));
            SecureConnection secured =
                    new NoiseSecurity(alice, muxers)
                            .secureOutboundLazily(
                                    tcp.dial(
                                            listener.addresses().getFirst(),
                                            Duration.ofSeconds(10)),
                                    bob.publicKey().peerId());
            MuxedConnection dialled = muxer.open(secured, true);
            // Alice says nothing yet: without this Bob would wait for the end of the handshake.
            dialled.flush();
            return List.of(dialled, accepting.get());
        }
    }
}
