package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.Pubsub;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/// `./tutti p2p pubsub publish --topic T --peer <multiaddr>… [--data TEXT|--data-base64 B]`
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = {
            "Publish to a topic: the data given, or each line of standard input.",
            "Waits until a peer of the topic is there."
        })
final class PubsubPublishCommand extends PubsubSession {
    /// Longest line, in bytes, as long as a message may be.
    private static final int MAX_LINE = 1 << 20;

    @Option(names = "--data", paramLabel = "TEXT", description = "The message, as UTF-8.")
    private @Nullable String data;

    @Option(names = "--data-base64", paramLabel = "B", description = "The message, in base64.")
    private @Nullable String base64;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long to wait for a peer that is subscribed (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Override
    void run(Host host, Pubsub service, ListenOutput output)
            throws IOException, InterruptedException {
        require(data == null || base64 == null, "--data or --data-base64, not both");
        awaitPeers(service);
        String text = data;
        String encoded = base64;
        if (text != null) {
            publish(service, text.getBytes(StandardCharsets.UTF_8), output);
        } else if (encoded != null) {
            publish(service, decode(encoded), output);
        } else {
            BoundedLines lines = new BoundedLines(System.in, MAX_LINE);
            for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
                require(!line.tooLong(), "a line of more than " + MAX_LINE + " bytes");
                publish(service, line.text().getBytes(StandardCharsets.UTF_8), output);
            }
        }
    }

    private byte[] decode(String encoded) {
        try {
            return Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            require(false, "--data-base64: " + e.getMessage());
            throw e;
        }
    }

    private void awaitPeers(Pubsub service) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (service.peers(topic).isEmpty()) {
            if (System.nanoTime() - end > 0) {
                throw new SocketTimeoutException(
                        "no peer is subscribed to " + topic + " within " + seconds + " s");
            }
            Thread.sleep(10);
        }
    }

    /// @throws IOException if nobody is sent it
    private void publish(Pubsub service, byte[] message, ListenOutput output)
            throws IOException, InterruptedException {
        PublishResult result = service.publish(topic, Bytes.wrap(message));
        if (result.sent() == 0) {
            throw new IOException("nobody was sent " + result.id() + ": the peers have left");
        }
        output.print(
                PubsubMessages.published(topic, result),
                "published to " + result.sent() + " peers: " + result.id());
    }
}
