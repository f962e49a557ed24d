package org.tutti.libp2p.host;

import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;

/// A process with one host, for `OneCarrierTest`: prints its address and ends with its input.
public final class OneCarrierPeer {
    private OneCarrierPeer() {}

    /// Takes no arguments.
    public static void main(String[] arguments) throws IOException {
        try (Host host =
                Host.builder()
                        .identity(MemoryHosts.key())
                        .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                        .build()) {
            host.start();
            System.out.println(host.addresses().getFirst());
            while (System.in.read() >= 0) {
                // Until standard input ends.
            }
        }
    }
}
