package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.ListLimits;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.InvalidRecordException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `./tutti p2p dht list TOPIC`
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the entries under a topic, each signed by its author.")
final class DhtListCommand extends DhtTopicCommand {
    /// Printed in one object.
    private static final int MAX_ENTRIES = 10_000;

    @Option(
            names = "--max",
            paramLabel = "N",
            defaultValue = "1000",
            description = "At most so many entries, 1 to 10000 (default: ${DEFAULT-VALUE}).")
    private int max;

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, InvalidRecordException {
        require(max >= 1 && max <= MAX_ENTRIES, "--max: 1 to " + MAX_ENTRIES);
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        try (Topics topics = node.topics(identity, peer.sequences())) {
            TopicResult.Listed listed =
                    topics.list(
                            topic(),
                            ListLimits.entries(max),
                            record -> {
                                Map<String, @Nullable Object> entry = PeerOptions.fields();
                                entry.put("author", record.author());
                                entry.put(
                                        "value",
                                        DhtGetCommand.base64(record.value().orElse(Bytes.EMPTY)));
                                entry.put("sequence", record.sequence());
                                entry.put("expires", record.expires().toString());
                                entries.add(entry);
                            });
            Map<String, @Nullable Object> fields = fields(listed);
            fields.put("end", listed.end().name());
            fields.put("entries", entries);
            return fields;
        }
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return String.valueOf(fields.get("entries"));
    }
}
