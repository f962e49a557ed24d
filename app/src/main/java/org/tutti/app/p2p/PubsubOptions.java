package org.tutti.app.p2p;

import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.pubsub.MessageIdFunction;
import org.tutti.libp2p.pubsub.Pubsub;
import org.tutti.libp2p.pubsub.floodsub.FloodSub;
import org.tutti.libp2p.pubsub.gossipsub.GossipSub;

import picocli.CommandLine.Option;

import java.util.List;

/// Which protocol of publish/subscribe, and with whom.
final class PubsubOptions {
    /// What carries the messages.
    enum Carrier {
        GOSSIPSUB,
        FLOODSUB
    }

    /// Whether they are signed.
    enum Signature {
        STRICT,
        NONE
    }

    /// What makes two messages the same.
    enum MessageId {
        SENDER,
        SHA256
    }

    @Option(
            names = "--protocol",
            paramLabel = "PROTOCOL",
            defaultValue = "gossipsub",
            description = "gossipsub or floodsub (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Carrier carrier;

    @Option(
            names = "--signature",
            paramLabel = "POLICY",
            defaultValue = "strict",
            description = {
                "strict: messages are signed by their authors; none: they have no author"
                        + " (default: ${DEFAULT-VALUE}).",
                "With floodsub, none is what rust speaks: an author and no signature."
            })
    @SuppressWarnings("NullAway.Init") // by picocli
    private Signature signature;

    @Option(
            names = "--message-id",
            paramLabel = "FUNCTION",
            description =
                    "What makes two messages the same: sender (author and number) or sha256 (of the"
                            + " data). The same for all peers; sender unless messages have no author.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private MessageId id;

    /// Peers to connect to.
    @Option(
            names = "--peer",
            paramLabel = "MULTIADDR",
            converter = PeerOptions.MultiaddrConverter.class,
            description = "A peer to connect to; may be given again.")
    List<Multiaddr> peers = List.of();

    /// Adds what was asked for to a host of this identity.
    Pubsub addTo(HostBuilder builder, PrivateKey key) {
        return switch (carrier) {
            case GOSSIPSUB -> {
                GossipSub.Builder gossip =
                        switch (signature) {
                            case STRICT -> GossipSub.builder(key);
                            case NONE -> GossipSub.anonymous();
                        };
                gossip.messageId(ids());
                yield added(builder, gossip.build());
            }
            case FLOODSUB ->
                    added(
                            builder,
                            switch (signature) {
                                case STRICT -> FloodSub.signed(key);
                                case NONE -> FloodSub.unsigned();
                            });
        };
    }

    @SuppressWarnings("NullAway") // null where it is not given
    private MessageIdFunction ids() {
        MessageId wanted = id;
        if (wanted == null) {
            wanted =
                    switch (signature) {
                        case STRICT -> MessageId.SENDER;
                        case NONE -> MessageId.SHA256;
                    };
        }
        return switch (wanted) {
            case SENDER -> MessageIdFunction.authorAndSequenceNumber();
            case SHA256 -> MessageIdFunction.hashOfData();
        };
    }

    private static <T extends NetworkBehaviour & Pubsub> Pubsub added(
            HostBuilder builder, T behaviour) {
        builder.behaviour(behaviour);
        return behaviour;
    }
}
