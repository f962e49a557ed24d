package org.tutti.libp2p.pubsub;

import java.nio.charset.StandardCharsets;

/// Names of topics. A topic is nothing but its name (libp2p/specs pubsub/README.md, "The Topic
/// Descriptor": "Topic descriptors are not yet used"): any text that is not empty.
public final class Topic {
    /// The longest name, in bytes of UTF-8. The spec sets no bound; what is kept of a peer's
    /// subscriptions needs one.
    public static final int MAX_BYTES = 1024;

    private Topic() {}

    /// @return the name
    /// @throws IllegalArgumentException if it is empty or too long, or not Unicode
    public static String require(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "the name of a topic has 1 to " + MAX_BYTES + " bytes, not " + length);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException("the name of a topic is Unicode");
        }
        return name;
    }
}
