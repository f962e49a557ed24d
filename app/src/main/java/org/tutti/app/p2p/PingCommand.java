package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingStream;
import org.tutti.libp2p.swarm.Connection;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `./tutti p2p ping <multiaddr>`
@Command(
        name = "ping",
        mixinStandardHelpOptions = true,
        description = "Connect to a libp2p peer, ask who it is, and ping it.")
final class PingCommand extends ClientCommand {
    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many pings (default: ${DEFAULT-VALUE}).")
    private int count;

    @Override
    void check() {
        require(count >= 1, "--count must be at least 1");
    }

    @Override
    Result run(Host host, Connection connection) throws IOException {
        List<Long> micros = new ArrayList<>();
        try (PingStream pings = host.openPing(connection)) {
            for (int i = 0; i < count; i++) {
                micros.add(TimeUnit.NANOSECONDS.toMicros(pings.ping().toNanos()));
            }
        }
        PeerInfo info = host.awaitIdentified(connection, timeout());
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        Identities.describe(fields, info);
        fields.put("rttMicros", micros);
        StringBuilder text = new StringBuilder(info.peer() + " " + info.agentVersion());
        micros.forEach(
                m -> text.append(System.lineSeparator()).append("  ").append(m).append(" µs"));
        return new Result(fields, text.toString());
    }
}
