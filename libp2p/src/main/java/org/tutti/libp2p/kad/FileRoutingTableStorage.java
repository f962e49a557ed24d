package org.tutti.libp2p.kad;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.files.ChecksummedFile;
import org.tutti.libp2p.internal.files.DamagedException;
import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Peers in one file, which only its owner may read (0600): 8 bytes `TUTTIKT1`, the SHA-256 of what
/// follows, and for each peer a byte with the length of its id, the id, a byte with the number of
/// its addresses, and each address behind its length in two bytes, big-endian. It is written to a
/// temporary file, forced and renamed. One that is damaged is moved aside, to the same name with
/// `.damaged` behind it.
public final class FileRoutingTableStorage implements RoutingTableStorage {
    /// The longest file. Peers that do not fit are left out.
    public static final int MAX_LENGTH = 4 << 20;

    private final ChecksummedFile file;

    /// @param file need not be there yet; its folder must be
    public FileRoutingTableStorage(Path file) {
        this.file = new ChecksummedFile(file, "TUTTIKT1", MAX_LENGTH, "peers of the DHT");
    }

    @Override
    public List<KadPeer> load() throws IOException {
        return file.load(FileRoutingTableStorage::decode).orElse(List.of());
    }

    static List<KadPeer> decode(byte[] content) throws DamagedException {
        ByteBuffer in = ByteBuffer.wrap(content);
        List<KadPeer> peers = new ArrayList<>();
        try {
            while (in.hasRemaining() && peers.size() < MAX_PEERS) {
                PeerId peer = PeerId.fromBytes(run(in, in.get() & 0xff));
                int count = in.get() & 0xff;
                List<Multiaddr> addresses = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    // Another version may have known more protocols.
                    Multiaddr.tryFromBytes(run(in, in.getShort() & 0xffff))
                            .ifPresent(addresses::add);
                }
                peers.add(new KadPeer(peer, addresses));
            }
            return peers;
        } catch (BufferUnderflowException e) {
            throw new DamagedException("has an entry that is cut short");
        } catch (MultiformatException e) {
            throw new DamagedException("has something wrong in it: " + e.getMessage());
        }
    }

    private static byte[] run(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] run = new byte[length];
        in.get(run);
        return run;
    }

    @Override
    public void save(List<KadPeer> peers) throws IOException {
        file.save(encode(peers));
    }

    static byte[] encode(List<KadPeer> peers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (KadPeer peer : peers.subList(0, Math.min(MAX_PEERS, peers.size()))) {
            out.writeByte(peer.peer().multihash().length());
            out.write(peer.peer().toBytes());
            List<Multiaddr> addresses =
                    peer.addresses()
                            .subList(0, Math.min(Contact.MAX_ADDRESSES, peer.addresses().size()));
            out.writeByte(addresses.size());
            for (Multiaddr address : addresses) {
                byte[] encoded = address.toBytes();
                out.writeShort(encoded.length);
                out.write(encoded);
            }
            if (bytes.size() > MAX_LENGTH / 2) {
                break;
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
