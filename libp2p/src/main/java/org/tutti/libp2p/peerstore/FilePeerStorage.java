package org.tutti.libp2p.peerstore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.DurableFile;
import org.tutti.libp2p.identity.EnvelopeException;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.libp2p.internal.pb.StoredAddressPb;
import org.tutti.libp2p.internal.pb.StoredPeerPb;
import org.tutti.libp2p.internal.pb.StoredPeersPb;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.protobuf.ProtobufBytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    private static final System.Logger LOG = System.getLogger(FilePeerStorage.class.getName());

    private static final byte[] MAGIC = "TUTTIPS1".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH = 32;
    static final int HEADER = MAGIC.length + HASH;

    private final Path file;
    private final int maxLength;

    /// @param file need not be there yet; its folder must be
    public FilePeerStorage(Path file) {
        this(file, MAX_LENGTH);
    }

    FilePeerStorage(Path file, int maxLength) {
        this.file = file;
        this.maxLength = maxLength;
    }

    /// What is in the file is not what we write.
    static final class DamagedException extends Exception {
        DamagedException(String message) {
            super(message);
        }
    }

    @Override
    public List<StoredPeer> load() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(file + " is not a regular file");
            }
            return decode(read());
        } catch (DamagedException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the file of known peers is started afresh: {0} {1}; it is kept as {2}",
                    file,
                    e.getMessage(),
                    aside);
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return List.of();
        }
    }

    private byte[] read() throws IOException, DamagedException {
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(maxLength + 1);
            if (content.length > maxLength) {
                throw new DamagedException("is longer than " + maxLength + " bytes");
            }
            return content;
        }
    }

    static List<StoredPeer> decode(byte[] content) throws DamagedException {
        if (content.length < HEADER) {
            throw new DamagedException("is cut short");
        }
        ByteBuffer in = ByteBuffer.wrap(content);
        byte[] magic = new byte[MAGIC.length];
        byte[] hash = new byte[HASH];
        in.get(magic).get(hash);
        if (!java.util.Arrays.equals(magic, MAGIC)) {
            throw new DamagedException("is something else");
        }
        byte[] message = new byte[in.remaining()];
        in.get(message);
        if (!MessageDigest.isEqual(hash, sha256(message))) {
            throw new DamagedException("has a wrong checksum");
        }
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
        DurableFile.replace(file, encode(peers, maxLength));
    }

    static byte[] encode(List<StoredPeer> peers, int maxLength) {
        // From the one used most recently on, as many as fit.
        Deque<StoredPeerPb> kept = new ArrayDeque<>();
        int length = HEADER;
        for (StoredPeer peer : peers.reversed()) {
            StoredPeerPb encoded = encode(peer);
            // With its tag and length.
            length += encoded.getSerializedSize() + 6;
            if (length > maxLength) {
                break;
            }
            kept.addFirst(encoded);
        }
        return framed(StoredPeersPb.newBuilder().addAllPeers(kept).build().toByteArray());
    }

    /// The message behind what shows that it is whole.
    static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(HEADER + message.length)
                .put(MAGIC)
                .put(sha256(message))
                .put(message)
                .array();
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

    private static byte[] sha256(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
