package org.tutti.benchmarks.p2p;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.yamux.YamuxConfig;
import org.tutti.libp2p.muxer.yamux.YamuxMuxer;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.Stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// The other process of [EchoesBench]: echoes, and takes streams that it never reads.
public final class EchoesPeer {
    /// Sends back what it gets.
    static final String ECHO = "/tutti/bench/echo/1.0.0";

    /// Nobody reads.
    static final String SILENT = "/tutti/bench/silent/1.0.0";

    private static final int CHUNK = 64 * 1024;

    private EchoesPeer() {}

    /// @param arguments how many streams one peer may have open at once
    public static void main(String[] arguments) throws IOException {
        int streams = Integer.parseInt(arguments[0]);
        try (Host host =
                builder(streams)
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .handler(ECHO, EchoesPeer::echo)
                        .handler(SILENT, EchoesPeer::ignore)
                        .build()) {
            host.start();
            System.out.println(host.addresses().getFirst());
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (input.readLine() != null) {
                System.out.println(Usage.now());
            }
        }
    }

    /// A host whose bounds let so many streams be open on one connection.
    static HostBuilder builder(int streams) {
        return Host.builder()
                .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                .muxer(new YamuxMuxer(YamuxConfig.builder().maxStreams(streams).build()))
                .limits(
                        ResourceLimits.builder()
                                .maxStreamsPerConnection(streams)
                                .maxInboundStreamsPerProtocol(streams)
                                .maxInboundStreamsPerPeer(streams)
                                .build());
    }

    private static void echo(Stream stream) throws IOException {
        stream.setReadTimeout(Duration.ofMinutes(5));
        byte[] chunk = new byte[CHUNK];
        for (int count = stream.read(chunk, 0, CHUNK);
                count >= 0;
                count = stream.read(chunk, 0, CHUNK)) {
            stream.write(chunk, 0, count);
        }
        stream.closeWrite();
    }

    private static void ignore(Stream stream) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            stream.reset();
        }
    }
}
