package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.perf.Perf;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.libp2p.transport.tcp.TcpTransport;
import org.tutti.node.events.LinePrinter;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/// `./tutti p2p listen`: a peer that others may try, until it is stopped.
@Command(
        name = "listen",
        mixinStandardHelpOptions = true,
        description = {
            "Run a libp2p peer (TCP, Noise, Yamux) until Ctrl-C. It answers identify, ping, echo (/echo/1.0.0)"
                    + " and, within bounds, perf (/perf/1.0.0).",
            "With --json it takes commands on standard input, one JSON object a line:",
            "  {\"cmd\":\"allow\",\"peer\":\"12D3Koo…\"}, {\"cmd\":\"deny\",\"peer\":\"12D3Koo…\"},"
                    + " {\"cmd\":\"stats\"}, {\"cmd\":\"dial\",\"addr\":\"/ip4/…\"}"
        })
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

    @Option(
            names = "--allow",
            paramLabel = "PEERID",
            converter = PeerIdConverter.class,
            description =
                    "Who may connect; may be given again. Everybody, unless this is given (then the"
                            + " command allow adds to it).")
    private List<PeerId> allow = List.of();

    @Option(
            names = "--no-perf",
            description =
                    "Do not answer perf: whoever may connect can make this peer send and receive"
                            + " much.")
    private boolean noPerf;

    @Option(
            names = "--dht",
            paramLabel = "MODE",
            description =
                    "Take part in a DHT: as a server, which answers and keeps values, or as a client.")
    private Kademlia.@Nullable Mode dhtMode;

    @Mixin private final DhtOptions dht = new DhtOptions();

    @Option(
            names = "--exit-on-eof",
            description = "End when standard input ends, and take commands from it.")
    private boolean exitOnEof;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /// Reads a peer id, or reports what is wrong with it.
    static final class PeerIdConverter implements ITypeConverter<PeerId> {
        @Override
        public PeerId convert(String text) {
            try {
                return PeerId.parse(text);
            } catch (MultiformatException e) {
                throw new TypeConversionException(text + ": " + e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        for (Multiaddr address : listen) {
            if (!new TcpTransport().handles(address)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--listen: " + address + ": only TCP is supported so far");
            }
        }
        PeerLists lists = allow.isEmpty() ? PeerLists.everybody() : PeerLists.only(allow);
        HostBuilder builder = peer.host().gater(lists).handler(Echo.PROTOCOL, Echo::answer);
        listen.forEach(builder::listen);
        if (!noPerf) {
            // perf.md: "it SHOULD NOT be enabled by default in any implementation". The library
            // does not; this command is there to be tried.
            builder.behaviour(Perf.server(Perf.Limits.defaults()));
        }
        Optional<Kademlia> node = node();
        node.ifPresent(builder::behaviour);
        PrintWriter out = spec.commandLine().getOut();
        try (LinePrinter printer =
                        LinePrinter.start(line -> {
                            out.println(line);
                            out.flush();
                        });
                Host host = builder.build()) {
            run(host, lists, node, new ListenOutput(peer, printer));
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new CommandFailed(
                    "LISTEN_FAILED", ExitCodes.ENVIRONMENT, String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<Kademlia> node() {
        Kademlia.Mode mode = dhtMode;
        if (mode == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(dht.builder().mode(mode).build());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void run(Host host, PeerLists lists, Optional<Kademlia> node, ListenOutput output)
            throws IOException, InterruptedException {
        var _ = host.subscribe(HostEvent.class, new ListenEvents(output)::report);
        host.start();
        Thread hook = endWithZero(host, output.printer());
        List<String> addresses = Identities.texts(host.addresses());
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "listening");
        fields.put("peerId", host.peerId());
        fields.put("addresses", addresses);
        output.print(fields, "listening as " + host.peerId() + lines(addresses));
        node.ifPresent(n -> bootstrap(n, output));
        // A shell stops a process in the background that reads its terminal: only where commands
        // are expected.
        if (peer.json || exitOnEof) {
            new ListenConsole(host, lists, output).run(System.in);
        }
        if (!exitOnEof) {
            new CountDownLatch(1).await();
        }
        unhook(hook);
    }

    /// Beside what else it does: those that are named may come later.
    private void bootstrap(Kademlia node, ListenOutput output) {
        if (dht.bootstrap.isEmpty()) {
            return;
        }
        Thread.ofVirtual()
                .name("p2p-dht-bootstrap")
                .start(() -> {
                    Map<String, @Nullable Object> fields = PeerOptions.fields();
                    fields.put("event", "dht-bootstrap");
                    try {
                        int known = node.bootstrap(dht.bootstrap);
                        fields.put("peers", known);
                        output.print(fields, known + " peers of the DHT are known");
                    } catch (IOException | IllegalArgumentException e) {
                        fields.put("peers", 0);
                        fields.put("message", String.valueOf(e.getMessage()));
                        output.print(fields, "the DHT cannot be joined: " + e.getMessage());
                    }
                });
    }

    private static String lines(List<String> addresses) {
        StringBuilder text = new StringBuilder();
        addresses.forEach(a -> text.append(System.lineSeparator()).append("  ").append(a));
        return text.toString();
    }

    /// Ctrl-C and SIGTERM are the normal end of this command, so the exit code is 0 and not the
    /// JVM's 130 or 143.
    private static Thread endWithZero(Host host, LinePrinter printer) {
        Thread hook =
                new Thread(
                        () -> {
                            host.close();
                            printer.close();
                            Runtime.getRuntime().halt(ExitCodes.OK);
                        },
                        "p2p-listen-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void unhook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook runs.
        }
    }
}
