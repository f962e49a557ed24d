package org.tutti.libp2p.internal.identify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.identify.IdentifyException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.pb.IdentifyPb;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.libp2p.swarm.Stream;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Reads what a peer says about itself, within bounds.
final class IdentifyReader {
    /// The longest message, as in go and js.
    static final int MAX_MESSAGE = 8 * 1024;

    /// go splits what is over 2 KiB into several messages and reads up to this many.
    static final int MAX_MESSAGES = 10;

    /// The most protocols that are remembered of one peer; the rest is ignored.
    static final int MAX_PROTOCOLS = 256;

    /// The most characters that are kept of a version; the rest is dropped.
    static final int MAX_VERSION = 256;

    /// The most characters of a protocol's name; longer ones, which multistream-select could not
    /// carry, are ignored.
    static final int MAX_PROTOCOL = 1023;

    /// Verifies and remembers peer records.
    @FunctionalInterface
    interface Certifier {
        /// The addresses in a peer's record, or in a newer one that it sent before.
        ///
        /// @param envelope as it came
        /// @return empty if it is no peer record that the peer signed
        Optional<List<Multiaddr>> addresses(PeerId peer, Bytes envelope);
    }

    private final Certifier certifier;

    IdentifyReader(Certifier certifier) {
        this.certifier = certifier;
    }

    /// Reads messages until the remote ends its direction, and merges them as protobuf does:
    /// repeated fields add up, of others the last counts.
    static IdentifyPb read(Stream stream) throws IOException {
        IdentifyPb.Builder merged = IdentifyPb.newBuilder();
        try {
            for (int count = 0; ; count++) {
                Optional<byte[]> message = Frames.readOrEnd(stream, MAX_MESSAGE);
                if (message.isEmpty()) {
                    if (count == 0) {
                        throw new IdentifyException(stream.remotePeer(), "is missing");
                    }
                    return merged.build();
                }
                if (count == MAX_MESSAGES) {
                    throw new IdentifyException(
                            stream.remotePeer(), "has more than " + MAX_MESSAGES + " parts");
                }
                merged.mergeFrom(message.get());
            }
        } catch (FrameException e) {
            throw new IdentifyException(stream.remotePeer(), "is refused: " + e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            throw new IdentifyException(stream.remotePeer(), "is not the protobuf it should be");
        }
    }

    /// Makes sense of a message.
    ///
    /// @param before what the peer said before, for the fields that a push leaves out
    /// @throws IdentifyException if the message names another key than the connection proved
    PeerInfo interpret(PeerId peer, IdentifyPb message, Optional<PeerInfo> before)
            throws IdentifyException {
        if (message.hasPublicKey()
                && !PeerId.ofEncodedKey(ProtobufBytes.fromProtobuf(message.getPublicKey()))
                        .equals(peer)) {
            throw new IdentifyException(peer, "names another key");
        }
        PeerInfo old =
                before.orElseGet(() ->
                        new PeerInfo(peer, "", "", List.of(), List.of(), Optional.empty(), false));
        // identify/README.md: "If the signedPeerRecord is present … MUST use the data contained
        // within
        // it and ignore duplicated fields". One that does not verify is as good as absent, as in
        // go.
        Optional<List<Multiaddr>> signed =
                message.hasSignedPeerRecord()
                        ? certifier.addresses(
                                peer, ProtobufBytes.fromProtobuf(message.getSignedPeerRecord()))
                        : Optional.empty();
        List<Multiaddr> addresses =
                signed.orElseGet(() -> unsignedAddresses(peer, message.getListenAddrsList(), old));
        return new PeerInfo(
                peer,
                message.hasProtocolVersion()
                        ? version(message.getProtocolVersion())
                        : old.protocolVersion(),
                message.hasAgentVersion() ? version(message.getAgentVersion()) : old.agentVersion(),
                message.getProtocolsCount() > 0
                        ? protocols(message.getProtocolsList())
                        : old.protocols(),
                addresses,
                message.hasObservedAddr()
                        ? Multiaddr.tryFromBytes(message.getObservedAddr().toByteArray())
                        : old.observedAddress(),
                signed.isPresent()
                        || (message.getListenAddrsCount() == 0 && old.certifiedAddresses()));
    }

    /// The text comes from strangers and is printed on terminals, where control characters act.
    private static String version(String text) {
        return PlainText.escape(text.substring(0, Math.min(text.length(), MAX_VERSION)));
    }

    private static List<String> protocols(List<String> names) {
        return names.stream()
                .filter(n -> n.length() <= MAX_PROTOCOL)
                .filter(PlainText::isPlain)
                .limit(MAX_PROTOCOLS)
                .toList();
    }

    private static List<Multiaddr> unsignedAddresses(
            PeerId peer, List<ByteString> addresses, PeerInfo old) {
        if (addresses.isEmpty()) {
            return old.listenAddresses();
        }
        return PeerStore.tidy(
                peer,
                addresses.stream()
                        .flatMap(a -> Multiaddr.tryFromBytes(a.toByteArray()).stream())
                        .toList());
    }
}
