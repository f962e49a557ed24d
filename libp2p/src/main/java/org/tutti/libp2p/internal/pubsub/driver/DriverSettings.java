package org.tutti.libp2p.internal.pubsub.driver;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.ReceivedMessage;
import org.tutti.libp2p.pubsub.SignaturePolicy;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/// What a driver is told beside its engine.
///
/// @param protocols that it answers and asks for, best first
/// @param author signs what is published; needed for `STRICT_SIGN`
/// @param maxRpc bytes of an RPC that is read, without its length
/// @param maxData bytes of a message's content, sent or received
/// @param maxSubscriptionMessages that wait in one subscription
/// @param maxSubscriptionMemory bytes that wait in one subscription
/// @param maxValidating messages of one topic that its validator is asked about at once
/// @param maxQueuedMemory bytes that wait to be written to all peers together
/// @param clock where sequence numbers begin
/// @param arrivals is told of each message that a peer sends, before it is looked at
public record DriverSettings(
        java.util.List<String> protocols,
        SignaturePolicy policy,
        MessageIdFunction ids,
        Optional<PrivateKey> author,
        int maxRpc,
        int maxData,
        int maxSubscriptionMessages,
        int maxSubscriptionMemory,
        int maxValidating,
        long maxQueuedMemory,
        InstantSource clock,
        Consumer<ReceivedMessage> arrivals) {
    /// What rust takes in one RPC; a message that is longer alone is sent all the same.
    public static final int MAX_FRAME = 64 << 10;

    /// What rust takes of subscriptions and control in one RPC.
    public static final int MAX_CONTROL_FRAME = 16 << 10;

    private static final long MEBIBYTE = 1 << 20;

    public DriverSettings {
        protocols = java.util.List.copyOf(protocols);
        if (policy == SignaturePolicy.STRICT_SIGN && author.isEmpty()) {
            throw new IllegalArgumentException("a key is needed to sign with");
        }
        if (maxData < 1 || maxRpc < maxData + 1024) {
            throw new IllegalArgumentException(
                    "an RPC has room for a message and 1024 bytes around it");
        }
        if (maxSubscriptionMessages < 1
                || maxSubscriptionMemory < 1
                || maxValidating < 1
                || maxQueuedMemory < 1) {
            throw new IllegalArgumentException("a bound is below 1");
        }
    }

    /// An eighth of the process's memory, 16 to 256 MiB: for `maxQueuedMemory`.
    public static long defaultQueuedMemory() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / 8, 16 * MEBIBYTE, 256 * MEBIBYTE);
    }
}
