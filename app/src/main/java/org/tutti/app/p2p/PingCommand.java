package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.app.exit.ExitCodes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingException;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.SwarmException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// `./tutti p2p ping <multiaddr>`
@Command(
        name = "ping",
        mixinStandardHelpOptions = true,
        description = "Connect to a libp2p peer, ask who it is, and ping it.")
final class PingCommand implements Callable<Integer> {
    /// For identify, and for each ping.
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Mixin private final PeerOptions peer = new PeerOptions();

    @Parameters(
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "Such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Multiaddr address;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many pings (default: ${DEFAULT-VALUE}).")
    private int count;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (address.peerId().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), address + " does not end in /p2p and a peer id");
        }
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Host host = Host.builder().identity(peer.key()).build()) {
            host.start();
            Connection connection = host.connect(address);
            List<Long> micros = new ArrayList<>();
            try (PingStream pings = host.openPing(connection)) {
                for (int i = 0; i < count; i++) {
                    micros.add(TimeUnit.NANOSECONDS.toMicros(pings.ping().toNanos()));
                }
            }
            report(out, host.awaitIdentified(connection, TIMEOUT), micros);
            return ExitCodes.OK;
        } catch (IOException e) {
            return failed(out, e);
        }
    }

    private void report(PrintWriter out, PeerInfo info, List<Long> micros) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("ok", true);
        ListenCommand.describe(fields, info);
        fields.put("rttMicros", micros);
        StringBuilder text = new StringBuilder(info.peer() + " " + info.agentVersion());
        micros.forEach(
                m -> text.append(System.lineSeparator()).append("  ").append(m).append(" µs"));
        peer.print(out, fields, text.toString());
    }

    private int failed(PrintWriter out, IOException e) {
        String code =
                switch (e) {
                    case SwarmException swarm -> swarm.code();
                    case PingException _ -> "WRONG_ECHO";
                    case SocketTimeoutException _ -> "TIMEOUT";
                    default -> "CONNECTION_LOST";
                };
        String message = String.valueOf(e.getMessage());
        if (peer.json) {
            Map<String, @Nullable Object> fields = PeerOptions.fields();
            fields.put("ok", false);
            fields.put("code", code);
            fields.put("message", message);
            peer.print(out, fields, "");
        } else {
            spec.commandLine().getErr().println("tutti: " + message);
        }
        return ExitCodes.FAILED;
    }
}
