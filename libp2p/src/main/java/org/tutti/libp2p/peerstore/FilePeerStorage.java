package org.tutti.libp2p.peerstore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.files.ChecksummedFile;
import org.tutti.libp2p.internal.files.DamagedException;
import org.tutti.libp2p.internal.pb.StoredAddressPb;
import org.tutti.libp2p.internal.pb.StoredPeerPb;
import org.tutti.libp2p.internal.pb.StoredPeersPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Peers in one file, which only its owner may read (0600): 8 bytes `TUTTIPS1`, the SHA-256 of what
/// follows, and the protobuf message `StoredPeers`. It is written to a temporary file, forced and
/// renamed.
///
/// A file that is damaged, too long or something else is moved aside, to the same name with
/// `.damaged` behind it, said in the log, and started afresh: all that is in it can be learnt
/// again.
public final class FilePeerStorage implements PeerStorage {
    /// The longest file; beyond it peers used least recently are left out.
    public static final int MAX_LENGTH = 16 << 20;

    private final ChecksummedFile file;
    private final int maxLength;

    /// @param file need not be there yet; its folder must be
    public FilePeerStorage(Path file) {
        this(file, MAX_LENGTH);
    }

    FilePeerStorage(Path file, int maxLength) {
        this.file = new ChecksummedFile(file, "TUTTIPS1", maxLength, "known peers");
        this.maxLength = maxLength;
    }

    @Override
    public List<StoredPeer> load() throws IOException {
        return file.load(FilePeerStorage::decode).orElse(List.of());
    }

    static List<StoredPeer> decode(byte[] message) throws DamagedException {
        try {
            List<StoredPeer> peers = new ArrayList<>();
            for (StoredPeerPb peer : StoredPeersPb.parseFrom(message).getPeersList()) {
                peers.add(decode(peer));
            }
            return peers;
        } catch (InvalidProtocolBufferException | MultiformatException | EnvelopeException e) {
            throw new DamagedException("has something wrong in it: " + e.getMessage());
        }
    }

    private static StoredPeer decode(StoredPeerPb peer) throws EnvelopeException {
        List<StoredPeer.Address> addresses = new ArrayList<>();
        for (StoredAddressPb address : peer.getAddressesList()) {
            // Another version may have known more protocols.
            Multiaddr.tryFromBytes(address.getMultiaddr().toByteArray())
                    .ifPresent(a ->
                            addresses.add(
                                    new StoredPeer.Address(
                                            a, Instant.ofEpochMilli(address.getUntil()))));
        }
        Optional<StoredPeer.Signed> record = Optional.empty();
        if (!peer.getRecord().isEmpty()) {
            record =
                    Optional.of(
                            new StoredPeer.Signed(
                                    SignedEnvelope.decode(
                                            ProtobufBytes.fromProtobuf(peer.getRecord())),
                                    Instant.ofEpochMilli(peer.getRecordUntil())));
        }
        return new StoredPeer(PeerId.fromBytes(peer.getPeerId().toByteArray()), addresses, record);
    }

    @Override
    public void save(List<StoredPeer> peers) throws IOException {
        file.save(encode(peers, maxLength));
    }

    static byte[] encode(List<StoredPeer> peers, int maxLength) {
        // From the one used most recently on, as many as fit.
        Deque<StoredPeerPb> kept = new ArrayDeque<>();
        int length = ChecksummedFile.HEADER;
        for (StoredPeer peer : peers.reversed()) {
            StoredPeerPb encoded = encode(peer);
            // With its tag and length.
            length += encoded.getSerializedSize() + 6;
            if (length > maxLength) {
                break;
            }
            kept.addFirst(encoded);
        }
        return StoredPeersPb.newBuilder().addAllPeers(kept).build().toByteArray();
    }

    private static StoredPeerPb encode(StoredPeer peer) {
        StoredPeerPb.Builder encoded =
                StoredPeerPb.newBuilder().setPeerId(ByteString.copyFrom(peer.peer().toBytes()));
        for (StoredPeer.Address address : peer.addresses()) {
            encoded.addAddresses(
                    StoredAddressPb.newBuilder()
                            .setMultiaddr(ByteString.copyFrom(address.address().toBytes()))
                            .setUntil(address.until().toEpochMilli()));
        }
        peer.record()
                .ifPresent(r ->
                        encoded.setRecord(ProtobufBytes.toProtobuf(r.envelope().encode()))
                                .setRecordUntil(r.until().toEpochMilli()));
        return encoded.build();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
