package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.hash.TaggedHash;

import java.nio.charset.StandardCharsets;

/// What many authors have one entry each under: adverts of one kind, messages for one recipient
/// (`docs/protocol.md`, "Many entries under one key"). An entry is a [SignedRecord] whose name is
/// the topic's id.
///
/// @param network 1 to 64 bytes: of the records
/// @param namespace of the records: 1 to 32 of `a`–`z`, `0`–`9`, `-`
/// @param name 1 to 1,024 bytes, such as a text, or the peer id of a recipient
public record Topic(Bytes network, String namespace, Bytes name) {
    public static final int MAX_NAME = 1_024;

    private static final int VERSION = 1;

    public Topic {
        RecordValidators.requireNamespace(namespace);
        if (network.isEmpty() || network.length() > SignedRecord.MAX_NETWORK) {
            throw new IllegalArgumentException("network of " + network.length() + " bytes");
        }
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException("topic of " + name.length() + " bytes");
        }
    }

    /// 32 bytes.
    public Bytes id() {
        return new TaggedHash("tutti/dht/topic")
                .with(VERSION)
                .withLength(network)
                .withLength(Bytes.wrap(namespace.getBytes(StandardCharsets.US_ASCII)))
                .withLength(name)
                .hash();
    }

    /// The key of an author's entry.
    public Bytes keyOf(PeerId author) {
        return SignedRecord.keyOf(network, namespace, author, id());
    }
}
