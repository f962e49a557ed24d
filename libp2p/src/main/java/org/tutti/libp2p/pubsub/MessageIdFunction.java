package org.tutti.libp2p.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Varint;

import java.nio.charset.StandardCharsets;

/// What makes two messages the same (libp2p/specs pubsub/README.md, "Message Identification"). All
/// peers of a topic need the same function: with ids that differ, gossip about messages leads
/// nowhere and scores sink.
@FunctionalInterface
public interface MessageIdFunction {
    /// The longest id that is sent or kept.
    int MAX_BYTES = 256;

    /// Depends on the message alone, takes no time, and is called on many threads. A message for
    /// which it throws, or whose id is empty or too long, is rejected.
    Bytes id(Message message);

    /// Author and sequence number, one after the other: the default of the spec and of go. A
    /// message without them has no id.
    static MessageIdFunction authorAndSequenceNumber() {
        return message -> {
            Bytes author = message.fromBytes();
            byte[] id = new byte[author.length() + message.sequenceNumber().length()];
            author.copyTo(id, 0);
            message.sequenceNumber().copyTo(id, author.length());
            return Bytes.wrap(id);
        };
    }

    /// The SHA-256 of the data alone, which programs in go and rust often use: of two messages with
    /// the same content on two topics, the second is taken for the first.
    static MessageIdFunction hashOfData() {
        return message -> HashFunction.SHA2_256.digest(message.data().toArray());
    }

    /// The SHA-256 of topic (behind its length) and data: what messages without an author need.
    static MessageIdFunction hashOfContent() {
        return message -> {
            byte[] topic = message.topic().getBytes(StandardCharsets.UTF_8);
            Bytes content =
                    Bytes.concat(
                            Bytes.wrap(Varint.encode(topic.length)),
                            Bytes.wrap(topic),
                            message.data());
            return HashFunction.SHA2_256.digest(content.toArray());
        };
    }
}
