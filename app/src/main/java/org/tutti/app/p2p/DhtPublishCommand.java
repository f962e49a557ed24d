package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.TopicResult;
import org.tutti.libp2p.kad.Topics;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.SignedRecord;
import org.tutti.libp2p.multiaddr.Multiaddr;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// `./tutti p2p dht publish TOPIC VALUE`
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description =
                "Publish the identity's entry under a topic, for 48 hours; it takes the place of the one"
                        + " before.")
final class DhtPublishCommand extends DhtTopicCommand {
    @Parameters(index = "1", paramLabel = "VALUE")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String value;

    /// Authors are named as providers, who need an address.
    @Override
    List<Multiaddr> defaultListen() {
        return List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
    }

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, InvalidRecordException {
        try (Topics topics = node.topics(identity, peer.sequences())) {
            TopicResult.Published published =
                    topics.publishOnce(
                            topic(), DhtOptions.bytes(value), SignedRecord.MAX_LIFETIME);
            Map<String, @Nullable Object> fields = fields(published);
            fields.put("author", identity.publicKey().peerId());
            fields.put("stored", published.replicas());
            fields.put("shards", published.shards());
            return fields;
        }
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return fields.get("stored") + " peers keep the entry of " + fields.get("author");
    }
}
