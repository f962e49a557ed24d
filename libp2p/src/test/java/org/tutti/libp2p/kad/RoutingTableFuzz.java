package org.tutti.libp2p.kad;

import org.tutti.libp2p.internal.files.DamagedException;
import org.tutti.libp2p.internal.kad.Contact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// The content of a file of peers of the DHT, behind a checksum that is right: peers, or damage
/// that is named. What is read is written, as far as it is kept, and read again as the same.
public final class RoutingTableFuzz {
    private RoutingTableFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        List<KadPeer> peers;
        try {
            peers = FileRoutingTableStorage.decode(input);
        } catch (DamagedException e) {
            return;
        }
        try {
            List<KadPeer> kept =
                    peers.stream()
                            .map(p ->
                                    new KadPeer(
                                            p.peer(),
                                            p.addresses().stream()
                                                    .limit(Contact.MAX_ADDRESSES)
                                                    .toList()))
                            .toList();
            if (!FileRoutingTableStorage.decode(FileRoutingTableStorage.encode(peers))
                    .equals(kept)) {
                throw new IllegalStateException("read again as something else");
            }
        } catch (DamagedException e) {
            throw new IllegalStateException("written damaged", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
