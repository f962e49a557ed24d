package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.crypto.KeyType;
import org.tutti.libp2p.crypto.Keys;
import org.tutti.libp2p.crypto.PrivateKey;
import org.tutti.libp2p.multiformats.Multiaddr;
import org.tutti.libp2p.muxer.MuxedConnection;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.noise.NoiseSecurity;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The whole channel over a real socket: TCP, Noise and Yamux.
@Timeout(30)
class LoopbackTest {
    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bob = Keys.generate(KeyType.SECP256K1, new SecureRandom());

    @Test
    void bytesComeBackFromTheOtherSide() throws Exception {
        TcpTransport tcp = new TcpTransport();
        List<String> muxers = List.of(YamuxMuxer.PROTOCOL_ID);
        try (var listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
            CompletableFuture<MuxedConnection> bobs = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            SecureConnection c =
                                    new NoiseSecurity(bob, muxers).secureInbound(listener.accept());
                            MuxedConnection muxed = new YamuxMuxer().open(c, false);
                            bobs.complete(muxed);
                            MuxedStream stream = muxed.acceptStream();
                            byte[] buffer = new byte[100_000];
                            for (int n; (n = stream.read(buffer, 0, buffer.length)) >= 0; ) {
                                stream.write(buffer, 0, n);
                            }
                            stream.close();
                        } catch (Exception e) {
                            bobs.completeExceptionally(e);
                        }
                    });
            SecureConnection c =
                    new NoiseSecurity(alice, muxers)
                            .secureOutbound(
                                    tcp.dial(
                                            listener.addresses().getFirst(), Duration.ofSeconds(5)),
                                    bob.publicKey().peerId());
            assertThat(c.earlyMuxer()).contains(YamuxMuxer.PROTOCOL_ID);
            try (MuxedConnection muxed = new YamuxMuxer().open(c, true)) {
                MuxedStream stream = muxed.openStream();
                byte[] sent = new byte[3_000_000];
                new java.util.Random(7).nextBytes(sent);
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                stream.write(sent, 0, sent.length);
                                stream.closeWrite();
                            } catch (java.io.IOException e) {
                                bobs.completeExceptionally(e);
                            }
                        });
                byte[] received = new byte[sent.length];
                int at = 0;
                while (at < received.length) {
                    int n = stream.read(received, at, received.length - at);
                    assertThat(n).isPositive();
                    at += n;
                }
                assertThat(received).isEqualTo(sent);
                assertThat(stream.read(received, 0, 1)).isEqualTo(-1);
                assertThat(bobs).isCompleted();
                bobs.get().close();
            }
        }
    }
}
