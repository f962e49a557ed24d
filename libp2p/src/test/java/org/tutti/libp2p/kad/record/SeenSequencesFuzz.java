package org.tutti.libp2p.kad.record;

import org.tutti.libp2p.internal.files.DamagedException;

import java.util.List;

/// The content of a file of seen sequences, behind a checksum that is right: sequences, or damage
/// that is named. What is read is written and read again as the same.
public final class SeenSequencesFuzz {
    private SeenSequencesFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        List<SeenSequence> seen;
        try {
            seen = FileSeenSequenceStorage.decode(input);
        } catch (DamagedException e) {
            return;
        }
        try {
            if (!FileSeenSequenceStorage.decode(FileSeenSequenceStorage.encode(seen))
                    .equals(seen)) {
                throw new IllegalStateException("read again as something else");
            }
        } catch (DamagedException e) {
            throw new IllegalStateException("written damaged", e);
        }
    }
}
