package org.tutti.libp2p.peerscore;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.files.DamagedException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// The content of a file of peer scores, behind a checksum that is right: scores, or damage that is
/// named. What is read is written again as it was read.
public final class PeerScoresFuzz {
    private PeerScoresFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        List<StoredPeerScore> scores;
        try {
            scores = FilePeerScoreStorage.decode(input);
        } catch (DamagedException e) {
            return;
        }
        try {
            if (!Bytes.of(FilePeerScoreStorage.encode(scores)).equals(Bytes.of(input))) {
                throw new IllegalStateException("written as something else");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
