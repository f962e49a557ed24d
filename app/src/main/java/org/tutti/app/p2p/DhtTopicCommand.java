package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.kad.LookupStats;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.libp2p.kad.record.Topic;

import picocli.CommandLine.Parameters;

import java.util.Map;

/// A command about the entries of a topic.
abstract class DhtTopicCommand extends DhtClientCommand {
    @Parameters(
            index = "0",
            paramLabel = "TOPIC",
            description = "A text of up to 1024 bytes, in the first --namespace of --network.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String topic;

    final Topic topic() {
        try {
            return new Topic(
                    dht.networkBytes(), dht.namespaces.getFirst(), DhtOptions.bytes(topic));
        } catch (IllegalArgumentException e) {
            require(false, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    static Map<String, @Nullable Object> fields(TopicResult result) {
        LookupStats stats = result.stats();
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        fields.put("millis", stats.duration().toNanos() / 1_000 / 1e3);
        fields.put("hops", stats.hops());
        fields.put("messages", stats.messages());
        return fields;
    }
}
