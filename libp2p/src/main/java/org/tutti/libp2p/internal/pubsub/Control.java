package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;

import java.util.List;

/// `ControlMessage` (libp2p/specs pubsub/gossipsub, "Protobuf" of v1.0, v1.1 and v1.2). Repeated
/// messages that differ in nothing but their ids are one list here.
///
/// @param iwants the ids of all `ControlIWant`
/// @param grafts the topics of all `ControlGraft`
/// @param idontwants the ids of all `ControlIDontWant`
public record Control(
        List<Ihave> ihaves,
        List<Bytes> iwants,
        List<String> grafts,
        List<Prune> prunes,
        List<Bytes> idontwants) {
    public static final Control NONE =
            new Control(List.of(), List.of(), List.of(), List.of(), List.of());

    /// `ControlIHave`.
    public record Ihave(String topic, List<Bytes> ids) {}

    /// `ControlPrune`.
    ///
    /// @param backoffSeconds unsigned; 0 where the peer said none
    public record Prune(String topic, List<ExchangedPeer> peers, long backoffSeconds) {}

    /// `PeerInfo` of peer exchange.
    ///
    /// @param signedRecord a signed envelope, as it came
    public record ExchangedPeer(Bytes peerId, @Nullable Bytes signedRecord) {}

    public boolean isEmpty() {
        return ihaves.isEmpty()
                && iwants.isEmpty()
                && grafts.isEmpty()
                && prunes.isEmpty()
                && idontwants.isEmpty();
    }
}
