package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.swarm.Connection;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `./tutti p2p echo <multiaddr>`
@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        description = {
            "Connect to a libp2p peer, send it bytes, and compare what comes back.",
            "They are one line of text, and our direction ends after it."
        })
final class EchoCommand extends ClientCommand {
    private static final long MAX_BYTES = 1L << 40;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "How many bytes (default: ${DEFAULT-VALUE}).")
    private long bytes;

    @Option(
            names = "--protocol",
            paramLabel = "ID",
            defaultValue = Echo.PROTOCOL,
            description = "The protocol to speak (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String protocol;

    @Override
    void check() {
        require(bytes >= 1 && bytes <= MAX_BYTES, "--bytes must be at least 1");
        require(protocol.startsWith("/"), "--protocol must begin with /");
    }

    @Override
    Result run(Host host, Connection connection) throws IOException {
        long start = System.nanoTime();
        Echo.ask(connection.openStream(protocol), bytes);
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("peerId", connection.remotePeer());
        fields.put("protocol", protocol);
        fields.put("bytes", bytes);
        fields.put("micros", micros);
        return new Result(
                fields, connection.remotePeer() + " " + bytes + " bytes in " + micros + " µs");
    }
}
