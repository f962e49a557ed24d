package org.tutti.libp2p.internal.identify;

import com.google.protobuf.ByteString;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.pb.IdentifyPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerRecord;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.time.InstantSource;
import java.util.List;

/// What we say about ourselves. Everything but the observed address is encoded, and the record
/// signed, once per change. Safe for all threads; the lock guards `cached` and `lastSeq`.
final class IdentifyMessage {
    /// rust refuses longer messages.
    static final int MAX_LENGTH = 4_096;

    /// Space left for the observed address, which differs between connections.
    private static final int OBSERVED_ROOM = 256;

    private final PrivateKey key;
    private final String protocolVersion;
    private final String agentVersion;
    private final InstantSource clock;
    private @Nullable Cached cached;
    private long lastSeq;

    private record Cached(List<String> protocols, List<Multiaddr> addresses, IdentifyPb message) {}

    IdentifyMessage(
            PrivateKey key, String protocolVersion, String agentVersion, InstantSource clock) {
        this.key = key;
        this.protocolVersion = protocolVersion;
        this.agentVersion = agentVersion;
        this.clock = clock;
    }

    /// @param observed how we see the peer that asks
    /// @return the encoded message, at most `MAX_LENGTH` bytes
    byte[] encode(List<String> protocols, List<Multiaddr> addresses, Multiaddr observed) {
        IdentifyPb message = message(protocols, addresses);
        byte[] observedBytes = observed.toBytes();
        if (observedBytes.length > OBSERVED_ROOM - 8) {
            return message.toByteArray();
        }
        return message.toBuilder()
                .setObservedAddr(ByteString.copyFrom(observedBytes))
                .build()
                .toByteArray();
    }

    private synchronized IdentifyPb message(List<String> protocols, List<Multiaddr> addresses) {
        if (cached == null
                || !cached.protocols.equals(protocols)
                || !cached.addresses.equals(addresses)) {
            cached = new Cached(protocols, addresses, fit(protocols, addresses));
        }
        return cached.message;
    }

    /// Leaves out the last addresses, then the last protocols, until the message is short enough.
    private IdentifyPb fit(List<String> protocols, List<Multiaddr> addresses) {
        List<String> named = protocols;
        List<Multiaddr> listed =
                addresses.subList(0, Math.min(addresses.size(), PeerRecord.MAX_ADDRESSES));
        while (true) {
            IdentifyPb message = build(named, listed);
            if (message.getSerializedSize() <= MAX_LENGTH - OBSERVED_ROOM) {
                return message;
            }
            if (!listed.isEmpty()) {
                listed = listed.subList(0, listed.size() - 1);
            } else {
                named = named.subList(0, named.size() - 1);
            }
        }
    }

    private IdentifyPb build(List<String> protocols, List<Multiaddr> addresses) {
        // RFC/0003-routing-records.md: seq "MUST increase monotonically". The time in milliseconds
        // does, from one run to the next; within a run two changes may share one, or the clock go
        // back.
        lastSeq = Math.max(lastSeq + 1, clock.instant().toEpochMilli());
        PeerRecord record = new PeerRecord(key.publicKey().peerId(), lastSeq, addresses);
        IdentifyPb.Builder message =
                IdentifyPb.newBuilder()
                        .setPublicKey(ProtobufBytes.toProtobuf(key.publicKey().toProtobuf()))
                        .addAllProtocols(protocols)
                        .setProtocolVersion(protocolVersion)
                        .setAgentVersion(agentVersion)
                        .setSignedPeerRecord(ProtobufBytes.toProtobuf(record.seal(key).encode()));
        addresses.forEach(a -> message.addListenAddrs(ByteString.copyFrom(a.toBytes())));
        return message.build();
    }
}
