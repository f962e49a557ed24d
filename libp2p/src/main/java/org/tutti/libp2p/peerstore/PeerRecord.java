package org.tutti.libp2p.peerstore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.EnvelopeException.Code;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pb.AddressInfoPb;
import org.tutti.libp2p.internal.pb.PeerRecordPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.util.ArrayList;
import java.util.List;

/// Where a peer says that it listens (libp2p/specs RFC/0003-routing-records.md).
///
/// @param seq newer records have higher numbers; unsigned, and no valid time even if it looks like
///   one
public record PeerRecord(PeerId peerId, long seq, List<Multiaddr> addresses) {
    /// What go, rust and js sign under. RFC 0003 says `libp2p-routing-state`, which nobody sends
    /// any more except older rust.
    public static final String DOMAIN = "libp2p-peer-record";

    /// The domain of RFC 0003's text, accepted but not sent.
    public static final String LEGACY_DOMAIN = "libp2p-routing-state";

    /// `libp2p-peer-record` in the multicodec table.
    public static final Bytes PAYLOAD_TYPE = Bytes.fromHex("0301");

    /// RFC 0003's text form of the type, which comes with [#LEGACY_DOMAIN].
    public static final Bytes LEGACY_PAYLOAD_TYPE =
            Bytes.wrap(
                    "/libp2p/routing-state-record"
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8));

    /// The most addresses in one record.
    public static final int MAX_ADDRESSES = 100;

    public PeerRecord {
        addresses = List.copyOf(addresses);
        if (addresses.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException(
                    addresses.size() + " addresses, at most " + MAX_ADDRESSES);
        }
    }

    /// Signs the record.
    ///
    /// @throws IllegalArgumentException if `key` is not the key of [#peerId]
    public SignedEnvelope seal(PrivateKey key) {
        if (!peerId.matches(key.publicKey())) {
            throw new IllegalArgumentException("record of " + peerId + " sealed by someone else");
        }
        return SignedEnvelope.seal(key, DOMAIN, PAYLOAD_TYPE, encode());
    }

    /// Checks an envelope and takes the record out.
    ///
    /// @throws EnvelopeException if it is not signed, holds something else, or a record of another
    ///   peer
    public static PeerRecord open(SignedEnvelope envelope) throws EnvelopeException {
        // RFC 0003: "a peer MUST validate the signature before deserializing".
        verify(envelope);
        PeerRecord record = decode(envelope.payload());
        // RFC 0003: "MUST verify that the peer_id … matches the public_key from the envelope".
        if (!record.peerId.equals(envelope.signer())) {
            throw new EnvelopeException(
                    Code.PAYLOAD, "record of " + record.peerId + " signed by " + envelope.signer());
        }
        return record;
    }

    /// Either type under either domain: older rust signs the multicodec type under the older
    /// domain.
    private static void verify(SignedEnvelope envelope) throws EnvelopeException {
        Bytes type = envelope.payloadType();
        if (!type.equals(PAYLOAD_TYPE) && !type.equals(LEGACY_PAYLOAD_TYPE)) {
            throw new EnvelopeException(
                    Code.PAYLOAD_TYPE,
                    "envelope of " + envelope.signer() + " does not hold a peer record");
        }
        try {
            envelope.verify(DOMAIN);
        } catch (EnvelopeException e) {
            envelope.verify(LEGACY_DOMAIN);
        }
    }

    /// The protobuf message that [#seal] signs.
    public Bytes encode() {
        PeerRecordPb.Builder message =
                PeerRecordPb.newBuilder()
                        .setPeerId(ByteString.copyFrom(peerId.toBytes()))
                        .setSeq(seq);
        for (Multiaddr address : addresses) {
            message.addAddresses(
                    AddressInfoPb.newBuilder()
                            .setMultiaddr(ByteString.copyFrom(address.toBytes())));
        }
        return Bytes.wrap(message.build().toByteArray());
    }

    private static PeerRecord decode(Bytes payload) throws EnvelopeException {
        try {
            PeerRecordPb message = PeerRecordPb.parseFrom(payload.toArray());
            if (message.getAddressesCount() > MAX_ADDRESSES) {
                throw new EnvelopeException(
                        Code.PAYLOAD,
                        "peer record of " + message.getAddressesCount() + " addresses");
            }
            return new PeerRecord(
                    PeerId.fromBytes(message.getPeerId().toByteArray()),
                    message.getSeq(),
                    known(message.getAddressesList()));
        } catch (InvalidProtocolBufferException | MultiformatException e) {
            throw new EnvelopeException(Code.PAYLOAD, "not a peer record");
        }
    }

    /// Addresses with protocols that we do not know are left out, not held against the peer.
    private static List<Multiaddr> known(List<AddressInfoPb> infos) {
        List<Multiaddr> addresses = new ArrayList<>();
        for (AddressInfoPb info : infos) {
            Multiaddr.tryFromBytes(info.getMultiaddr().toByteArray()).ifPresent(addresses::add);
        }
        return addresses;
    }
}
