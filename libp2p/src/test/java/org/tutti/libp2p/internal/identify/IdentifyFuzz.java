package org.tutti.libp2p.internal.identify;

import com.google.protobuf.ByteString;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.GivenStream;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identify.IdentifyException;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pb.IdentifyPb;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.peerstore.PeerRecord;

import tools.jackson.databind.JsonNode;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What a stranger says about itself, in an answer and in a push: refused with a typed error, or
/// read into no more than we keep of anybody, with nothing in it that acts on a terminal.
public final class IdentifyFuzz {
    private static final JsonNode GO = Vectors.json("libp2p/signed_peer_record_go.json");
    private static final PeerId PEER = PeerId.parse(GO.get("peer_id").asString());

    private IdentifyFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        IdentifyReader reader = new IdentifyReader(IdentifyFuzz::certified);
        try {
            IdentifyPb message = IdentifyReader.read(new GivenStream(input, input.length));
            PeerInfo answer = reader.interpret(PEER, message, Optional.empty());
            check(answer);
            PeerInfo pushed = reader.interpret(PEER, message, Optional.of(answer));
            require(pushed.equals(answer), "a push of the same changed something");
        } catch (IdentifyException | EOFException e) {
            // Typed: that is the point.
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
    }

    private static void check(PeerInfo info) {
        require(info.protocols().size() <= IdentifyReader.MAX_PROTOCOLS, "protocols");
        require(info.listenAddresses().size() <= PeerRecord.MAX_ADDRESSES, "addresses");
        require(PlainText.isPlain(info.agentVersion()), "an agent that acts on a terminal");
        require(PlainText.isPlain(info.protocolVersion()), "a version that acts on a terminal");
        require(info.protocols().stream().allMatch(PlainText::isPlain), "a protocol that acts");
        for (Multiaddr address : info.listenAddresses()) {
            require(address.peerId().isEmpty(), "an address with an id");
        }
    }

    private static Optional<List<Multiaddr>> certified(PeerId peer, Bytes envelope) {
        try {
            PeerRecord record = PeerRecord.open(SignedEnvelope.decode(envelope));
            return record.peerId().equals(peer)
                    ? Optional.of(PeerStore.tidy(peer, record.addresses()))
                    : Optional.empty();
        } catch (EnvelopeException e) {
            return Optional.empty();
        }
    }

    static List<byte[]> seeds() {
        IdentifyPb named =
                IdentifyPb.newBuilder()
                        .setAgentVersion("go-libp2p")
                        .setProtocolVersion("ipfs/0.1.0")
                        .addProtocols("/ipfs/id/1.0.0")
                        .addProtocols("/ipfs/ping/1.0.0")
                        .addListenAddrs(address("/ip4/192.0.2.1/tcp/4001"))
                        .setObservedAddr(address("/ip6/2001:db8::1/udp/4001/quic-v1"))
                        .build();
        IdentifyPb signed =
                named.toBuilder()
                        .setSignedPeerRecord(
                                ByteString.copyFrom(
                                        Bytes.fromHex(GO.get("envelope_hex").asString()).toArray()))
                        .build();
        byte[] split =
                Bytes.concat(
                                Bytes.wrap(Frames.encode(named.toByteArray())),
                                Bytes.wrap(Frames.encode(signed.toByteArray())))
                        .toArray();
        return List.of(
                Frames.encode(new byte[0]),
                Frames.encode(named.toByteArray()),
                Frames.encode(signed.toByteArray()),
                split);
    }

    private static ByteString address(String text) {
        return ByteString.copyFrom(Multiaddr.parse(text).toBytes());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
