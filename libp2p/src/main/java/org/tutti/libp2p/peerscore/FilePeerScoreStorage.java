package org.tutti.libp2p.peerscore;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.files.ChecksummedFile;
import org.tutti.libp2p.internal.files.DamagedException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Peer scores in one file, which only its owner may read (0600): 8 bytes `TUTTISC1`, the SHA-256
/// of what follows, and for each peer a byte with the length of its id, the id, the points (an IEEE
/// 754 double), the time (milliseconds since 1970, 8 bytes), a byte with the length of the code,
/// the code. Numbers are big-endian. It is written to a temporary file, forced and renamed.
///
/// A file that is damaged, too long or something else is moved aside, to the same name with
/// `.damaged` behind it, said in the log, and started afresh.
public final class FilePeerScoreStorage implements PeerScoreStorage {
    /// Length of an id, points, time and length of a code, beside id and code.
    private static final int FIXED = 1 + 8 + 8 + 1;

    private static final int MAX_ENTRY =
            FIXED + PeerId.MAX_INLINE_KEY + 2 + PeerScores.MAX_CODE_LENGTH;

    /// The longest file: the longest entry for as many peers as there may be.
    public static final int MAX_LENGTH = ChecksummedFile.HEADER + PeerScores.MAX_PEERS * MAX_ENTRY;

    private final ChecksummedFile file;

    /// @param file need not be there yet; its folder must be
    public FilePeerScoreStorage(Path file) {
        this.file = new ChecksummedFile(file, "TUTTISC1", MAX_LENGTH, "peer scores");
    }

    @Override
    public List<StoredPeerScore> load() throws IOException {
        return file.load(FilePeerScoreStorage::decode).orElse(List.of());
    }

    static List<StoredPeerScore> decode(byte[] content) throws DamagedException {
        ByteBuffer in = ByteBuffer.wrap(content);
        List<StoredPeerScore> scores = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                PeerId peer = PeerId.fromBytes(run(in));
                double points = in.getDouble();
                Instant at = Instant.ofEpochMilli(in.getLong());
                String code = new String(run(in), StandardCharsets.ISO_8859_1);
                scores.add(new StoredPeerScore(peer, points, at, code));
            }
            return scores;
        } catch (BufferUnderflowException e) {
            throw new DamagedException("has an entry that is cut short");
        } catch (IllegalArgumentException e) {
            throw new DamagedException("has something wrong in it: " + e.getMessage());
        }
    }

    private static byte[] run(ByteBuffer in) {
        byte[] run = new byte[in.get() & 0xff];
        in.get(run);
        return run;
    }

    @Override
    public void save(List<StoredPeerScore> scores) throws IOException {
        file.save(encode(scores));
    }

    static byte[] encode(List<StoredPeerScore> scores) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (StoredPeerScore score : scores) {
            out.writeByte(score.peer().multihash().length());
            out.write(score.peer().toBytes());
            out.writeDouble(score.points());
            out.writeLong(score.at().toEpochMilli());
            out.writeByte(score.code().length());
            out.writeBytes(score.code());
        }
        return bytes.toByteArray();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
