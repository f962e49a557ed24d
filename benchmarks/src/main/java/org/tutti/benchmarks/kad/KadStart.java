package org.tutti.benchmarks.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;

import java.io.IOException;
import java.time.Duration;

/// A fresh client that knows one peer and gets one value: prints the nanoseconds from the end of
/// identify on.
final class KadStart {
    private static final Duration IDENTIFY = Duration.ofSeconds(10);

    private KadStart() {}

    public static void main(String[] args) throws IOException, InvalidRecordException {
        Multiaddr address = Multiaddr.parse(args[0]);
        Kademlia node = KadNodes.node(Kademlia.Mode.CLIENT);
        try (Host host = KadNodes.host(node)) {
            host.start();
            Connection connection = host.connect(address);
            var _ = host.awaitIdentified(connection, IDENTIFY);
            long start = System.nanoTime();
            boolean there = node.get(Bytes.fromHex(args[1])).value().isPresent();
            long nanos = System.nanoTime() - start;
            if (!there) {
                throw new IOException("the value was not found");
            }
            System.out.println(nanos);
        }
    }
}
