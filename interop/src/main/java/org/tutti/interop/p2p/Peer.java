package org.tutti.interop.p2p;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A peer of ours that does what those in `interop/PEERS.md` do.
public final class Peer {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int PINGS = 5;

    private Peer() {}

    public static void main(String[] args) {
        try {
            switch (args.length > 0 ? args[0] : "") {
                case "listen" -> listen(args[1]);
                case "dial" -> dial(args[1], Multiaddr.parse(args[2]));
                default ->
                        throw new IllegalArgumentException("listen KEYTYPE | dial KEYTYPE ADDRESS");
            }
        } catch (IOException | RuntimeException e) {
            say("\"event\":\"failed\",\"message\":" + quoted(String.valueOf(e.getMessage())));
            System.exit(1);
        }
        System.exit(0);
    }

    private static HostBuilder builder(String keyType) {
        return Host.builder()
                .identity(
                        Keys.generate(
                                KeyType.valueOf(keyType.toUpperCase(Locale.ROOT)),
                                new SecureRandom()));
    }

    private static void listen(String keyType) throws IOException {
        HostBuilder builder = builder(keyType).listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
        try (Host host = builder.build()) {
            Served.by(host);
            var _ = host.subscribe(HostEvent.class, event -> report(host, event));
            host.start();
            say(
                    "\"event\":\"listening\",\"peerId\":"
                            + quoted(host.peerId())
                            + ",\"addresses\":"
                            + list(host.addresses()));
            while (System.in.read() >= 0) {
                // Until standard input ends.
            }
        }
    }

    private static void report(Host host, HostEvent event) {
        switch (event) {
            case Identified(PeerId _, PeerInfo info) -> {
                say("\"event\":\"identified\"," + describe(info));
                if (info.protocols().contains(Served.NEW)) {
                    answerPush(host, info.peer());
                } else {
                    pingBack(host, info.peer());
                }
            }
            case SwarmEvent.InboundRefused refused -> System.err.println(refused);
            case SwarmEvent.ConnectionClosed closed -> System.err.println(closed);
            // Other protocols may tell other things.
            default -> {}
        }
    }

    /// On the connection that was opened to us.
    private static void pingBack(Host host, PeerId peer) {
        try {
            host.ping(peer);
            say("\"event\":\"pinged\",\"peerId\":" + quoted(peer));
        } catch (IOException e) {
            System.err.println("ping to " + peer + ": " + e.getMessage());
        }
    }

    /// Whoever pushed waits for this.
    private static void answerPush(Host host, PeerId peer) {
        try (Stream stream = host.newStream(peer, Served.NEW)) {
            stream.write(new byte[] {1}, 0, 1);
        } catch (IOException e) {
            System.err.println("new stream to " + peer + ": " + e.getMessage());
        }
    }

    private static void dial(String keyType, Multiaddr address) throws IOException {
        try (Host host = builder(keyType).build()) {
            host.start();
            Connection connection = host.connect(address);
            PeerInfo info = host.awaitIdentified(connection, DEADLINE);
            try (PingStream pings = host.openPing(connection)) {
                for (int i = 0; i < PINGS; i++) {
                    pings.ping();
                }
            }
            List<String> checked =
                    info.protocols().contains(Served.ECHO)
                            ? new Checks(host, connection).all()
                            : List.of();
            say(
                    "\"event\":\"dialled\",\"self\":"
                            + quoted(host.peerId())
                            + ","
                            + describe(info)
                            + ",\"pings\":"
                            + PINGS
                            + ",\"checks\":"
                            + list(checked));
        }
    }

    private static String describe(PeerInfo info) {
        return "\"peerId\":"
                + quoted(info.peer())
                + ",\"agentVersion\":"
                + quoted(info.agentVersion())
                + ",\"protocolVersion\":"
                + quoted(info.protocolVersion())
                + ",\"protocols\":"
                + list(info.protocols())
                + ",\"listenAddresses\":"
                + list(info.listenAddresses())
                + ",\"signedRecord\":"
                + info.certifiedAddresses();
    }

    static synchronized void say(String fields) {
        System.out.println("{" + fields + "}");
    }

    private static String quoted(Object text) {
        return '"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String list(Collection<?> items) {
        return items.stream().map(Peer::quoted).collect(Collectors.joining(",", "[", "]"));
    }
}
