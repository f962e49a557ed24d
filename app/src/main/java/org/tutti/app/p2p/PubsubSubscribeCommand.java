package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.PubsubEvent;
import org.tutti.libp2p.pubsub.Subscription;
import org.tutti.node.events.LinePrinter;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// `./tutti p2p pubsub subscribe --topic T --peer <multiaddr>…`
@Command(
        name = "subscribe",
        mixinStandardHelpOptions = true,
        description = "Print the messages of a topic until Ctrl-C.")
final class PubsubSubscribeCommand extends PubsubSession {
    @Option(names = "--exit-on-eof", description = "End when standard input ends.")
    private boolean exitOnEof;

    @Override
    void hook(Host host, LinePrinter printer) {
        ListenCommand.endWithZero(host, printer);
    }

    @Override
    void prepare(Pubsub service, ListenOutput output) {
        Subscription subscription = service.subscribe(topic);
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "subscribed");
        fields.put("topic", topic);
        output.print(fields, "subscribed to " + topic);
        Thread.ofVirtual()
                .name("p2p-messages")
                .start(() -> PubsubMessages.print(subscription, output));
    }

    @Override
    void run(Host host, Pubsub service, ListenOutput output) throws InterruptedException {
        var _ =
                host.subscribe(
                        PubsubEvent.class,
                        event -> {
                            Map<String, @Nullable Object> fields = PeerOptions.fields();
                            switch (event) {
                                case PubsubEvent.PeerSubscribed(var who, var name) -> {
                                    fields.put("event", "peer-subscribed");
                                    fields.put("peerId", who);
                                    fields.put("topic", name);
                                    output.print(fields, who + " subscribed to " + name);
                                }
                                case PubsubEvent.PeerUnsubscribed(var who, var name) -> {
                                    fields.put("event", "peer-unsubscribed");
                                    fields.put("peerId", who);
                                    fields.put("topic", name);
                                    output.print(fields, who + " unsubscribed from " + name);
                                }
                            }
                        });
        if (exitOnEof) {
            try {
                while (System.in.read() >= 0) {
                    // Until its end.
                }
            } catch (java.io.IOException e) {
                // As good as its end.
            }
        } else {
            new CountDownLatch(1).await();
        }
    }
}
