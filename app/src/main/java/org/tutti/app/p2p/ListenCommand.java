package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `./tutti p2p listen`: a peer that answers identify and ping until it is stopped.
@Command(
        name = "listen",
        mixinStandardHelpOptions = true,
        description = "Run a libp2p peer (TCP, Noise, Yamux, identify, ping) until Ctrl-C.")
final class ListenCommand implements Callable<Integer> {
    @Mixin private final PeerOptions peer = new PeerOptions();

    @Option(
            names = "--listen",
            paramLabel = "MULTIADDR",
            defaultValue = "/ip4/127.0.0.1/tcp/0",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "Where to listen; may be given again (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<Multiaddr> listen;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        for (Multiaddr address : listen) {
            if (!new TcpTransport().handles(address)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--listen: " + address + ": only TCP is supported so far");
            }
        }
        HostBuilder builder = Host.builder().identity(peer.key());
        listen.forEach(builder::listen);
        PrintWriter out = spec.commandLine().getOut();
        try (Host host = builder.build()) {
            var _ = host.subscribe(HostEvent.class, event -> report(out, event));
            host.start();
            endWithZero(host);
            List<String> addresses = host.addresses().stream().map(Multiaddr::toString).toList();
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("event", "listening");
            fields.put("peerId", host.peerId());
            fields.put("addresses", addresses);
            peer.print(out, fields, "listening as " + host.peerId() + lines(addresses));
            new CountDownLatch(1).await();
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new CommandFailed(
                    "LISTEN_FAILED", ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
        }
    }

    private static String lines(List<String> addresses) {
        StringBuilder text = new StringBuilder();
        addresses.forEach(a -> text.append(System.lineSeparator()).append("  ").append(a));
        return text.toString();
    }

    /// Ctrl-C and SIGTERM are the normal end of this command, so the exit code is 0 and not the
    /// JVM's 130 or 143.
    private static void endWithZero(Host host) {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    host.close();
                                    Runtime.getRuntime().halt(ExitCodes.OK);
                                },
                                "p2p-listen-end"));
    }

    private void report(PrintWriter out, HostEvent event) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> {
                fields.put("event", "connected");
                fields.put("peerId", opened.peer());
                fields.put("remoteAddress", opened.remoteAddress());
                peer.print(
                        out, fields, "connected " + opened.peer() + " " + opened.remoteAddress());
            }
            case SwarmEvent.ConnectionClosed closed -> {
                fields.put("event", "disconnected");
                fields.put("peerId", closed.peer());
                fields.put("reason", closed.reason());
                peer.print(out, fields, "disconnected " + closed.peer() + ": " + closed.reason());
            }
            case Identified identified -> {
                PeerInfo info = identified.info();
                fields.put("event", "identified");
                describe(fields, info);
                peer.print(out, fields, "identified " + info.peer() + " " + info.agentVersion());
            }
            case SwarmEvent.InboundRefused refused -> {
                fields.put("event", "refused");
                fields.put("remoteAddress", refused.remoteAddress());
                fields.put("code", refused.code());
                fields.put("message", refused.detail());
                peer.print(
                        out,
                        fields,
                        "refused " + refused.remoteAddress() + ": " + refused.detail());
            }
            // Other protocols may tell other things.
            default -> {}
        }
    }

    /// What identify reported, for both commands.
    static void describe(Map<String, @Nullable Object> fields, PeerInfo info) {
        fields.put("peerId", info.peer());
        fields.put("agentVersion", info.agentVersion());
        fields.put("protocolVersion", info.protocolVersion());
        fields.put("protocols", info.protocols());
        fields.put(
                "listenAddresses",
                info.listenAddresses().stream().map(Multiaddr::toString).toList());
    }
}
