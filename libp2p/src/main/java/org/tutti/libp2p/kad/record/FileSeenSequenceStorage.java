package org.tutti.libp2p.kad.record;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.files.ChecksummedFile;
import org.tutti.libp2p.internal.files.DamagedException;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Sequences in one file, which only its owner may read (0600): 8 bytes `TUTTIKS1`, the SHA-256 of
/// what follows, and for each key a byte with its length, the key, the sequence and its end in 8
/// bytes each, big-endian. It is written to a temporary file, forced and renamed. One that is
/// damaged is moved aside, to the same name with `.damaged` behind it.
public final class FileSeenSequenceStorage implements SeenSequenceStorage {
    private static final int LONGEST_ENTRY = 1 + RecordValidators.MAX_KEY + 2 * Long.BYTES;

    private final ChecksummedFile file;

    /// @param file need not be there yet; its folder must be
    public FileSeenSequenceStorage(Path file) {
        this.file =
                new ChecksummedFile(
                        file,
                        "TUTTIKS1",
                        ChecksummedFile.HEADER + MAX_KEYS * LONGEST_ENTRY,
                        "sequences seen in the DHT");
    }

    @Override
    public List<SeenSequence> load() throws IOException {
        return file.load(FileSeenSequenceStorage::decode).orElse(List.of());
    }

    static List<SeenSequence> decode(byte[] content) throws DamagedException {
        ByteBuffer in = ByteBuffer.wrap(content);
        List<SeenSequence> seen = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                int length = in.get() & 0xff;
                if (length > RecordValidators.MAX_KEY || seen.size() == MAX_KEYS) {
                    throw new DamagedException("has more in it than is ever kept");
                }
                byte[] key = new byte[length];
                in.get(key);
                seen.add(new SeenSequence(Bytes.wrap(key), in.getLong(), in.getLong()));
            }
            return seen;
        } catch (BufferUnderflowException e) {
            throw new DamagedException("has an entry that is cut short");
        }
    }

    @Override
    public void save(List<SeenSequence> seen) throws IOException {
        file.save(encode(seen));
    }

    static byte[] encode(List<SeenSequence> seen) {
        List<SeenSequence> kept = seen.subList(0, Math.min(MAX_KEYS, seen.size()));
        int length = kept.stream().mapToInt(FileSeenSequenceStorage::length).sum();
        ByteBuffer out = ByteBuffer.allocate(length);
        for (SeenSequence one : kept) {
            out.put((byte) one.key().length()).put(one.key().toArray());
            out.putLong(one.sequence()).putLong(one.until());
        }
        return out.array();
    }

    private static int length(SeenSequence one) {
        return 1 + one.key().length() + 2 * Long.BYTES;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
