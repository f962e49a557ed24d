package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.perf.Perf;
import org.tutti.libp2p.perf.PerfResult;
import org.tutti.libp2p.swarm.Connection;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/// `./tutti p2p perf <multiaddr>`
@Command(
        name = "perf",
        mixinStandardHelpOptions = true,
        description = {
            "Connect to a libp2p peer and measure how many bytes a second go there and come back"
                    + " (/perf/1.0.0).",
            "The peer has to answer that protocol: p2p listen does."
        })
final class PerfCommand extends ClientCommand {
    private final Perf perf = Perf.client();

    @Option(
            names = "--upload",
            paramLabel = "BYTES",
            defaultValue = "67108864",
            description = "Bytes to send (default: ${DEFAULT-VALUE}).")
    private long upload;

    @Option(
            names = "--download",
            paramLabel = "BYTES",
            defaultValue = "67108864",
            description = "Bytes to be sent back (default: ${DEFAULT-VALUE}).")
    private long download;

    @Override
    void check() {
        require(upload >= 0 && download >= 0, "--upload and --download cannot be negative");
    }

    @Override
    void prepare(HostBuilder builder) {
        builder.behaviour(perf);
    }

    @Override
    Result run(Host host, Connection connection) throws IOException {
        PerfResult result = perf.run(connection.remotePeer(), upload, download, timeout());
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("peerId", connection.remotePeer());
        fields.put("uploadBytes", upload);
        fields.put("downloadBytes", download);
        fields.put("uploadMicros", result.uploadTime().toNanos() / 1_000);
        fields.put("downloadMicros", result.downloadTime().toNanos() / 1_000);
        fields.put("uploadBytesPerSecond", Math.round(result.uploadBytesPerSecond()));
        fields.put("downloadBytesPerSecond", Math.round(result.downloadBytesPerSecond()));
        fields.put("bytesPerSecond", Math.round(result.bytesPerSecond()));
        return new Result(
                fields,
                "%s up %s, down %s"
                        .formatted(
                                connection.remotePeer(),
                                text(result.uploadBytesPerSecond()),
                                text(result.downloadBytesPerSecond())));
    }

    private static String text(double bytesPerSecond) {
        return String.format(Locale.ROOT, "%.1f MB/s", bytesPerSecond / 1e6);
    }
}
