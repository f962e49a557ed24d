package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.PlainText;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.PublishResult;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.Subscription;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/// Messages of publish/subscribe as commands print them.
final class PubsubMessages {
    private PubsubMessages() {}

    /// Prints what comes until the subscription ends.
    static void print(Subscription subscription, ListenOutput output) {
        try {
            long dropped = 0;
            for (ReceivedMessage next = subscription.take();
                    next != null;
                    next = subscription.take()) {
                output.print(fields(next), sentence(next));
                long now = subscription.dropped();
                if (now > dropped) {
                    Map<String, @Nullable Object> fields = PeerOptions.fields();
                    fields.put("event", "messages-dropped");
                    fields.put("topic", subscription.topic());
                    fields.put("count", now - dropped);
                    output.print(fields, (now - dropped) + " messages were dropped");
                    dropped = now;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static Map<String, @Nullable Object> fields(ReceivedMessage message) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "message");
        fields.put("topic", message.message().topic());
        fields.put("from", message.message().from().map(PeerId::toString).orElse(null));
        fields.put("id", message.id().toHex());
        fields.put("data", base64(message.message().data().toArray()));
        fields.put("via", message.via());
        return fields;
    }

    /// Others wrote it: control characters act on no terminal.
    private static String sentence(ReceivedMessage message) {
        String author = message.message().from().map(PeerId::toString).orElse("somebody");
        String text = new String(message.message().data().toArray(), StandardCharsets.UTF_8);
        return PlainText.escape(message.message().topic() + " " + author + ": " + text);
    }

    static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    static Map<String, @Nullable Object> published(String topic, PublishResult result) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("event", "published");
        fields.put("topic", topic);
        fields.put("id", result.id().toHex());
        fields.put("sent", result.sent());
        fields.put("dropped", result.dropped());
        return fields;
    }
}
