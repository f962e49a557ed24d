package org.tutti.libp2p.swarm;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/// The addresses of this machine's network interfaces, which a listener on all of them answers at.
@FunctionalInterface
public interface InterfaceSource {
    /// The addresses at this moment; empty if they cannot be told. Asked every few seconds while
    /// the host listens on all interfaces.
    List<InetAddress> addresses();

    /// The operating system's.
    static InterfaceSource system() {
        return () -> {
            try {
                return NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .toList();
            } catch (SocketException e) {
                return List.of();
            }
        };
    }
}
