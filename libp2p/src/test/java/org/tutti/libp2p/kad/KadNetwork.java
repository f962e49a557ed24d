package org.tutti.libp2p.kad;

import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Hosts in memory that are nodes of one DHT.
final class KadNetwork implements AutoCloseable {
    final MemoryHosts hosts = new MemoryHosts();
    final List<Host> all = new ArrayList<>();
    final List<Kademlia> nodes = new ArrayList<>();

    /// A node that nobody knows yet.
    Kademlia add(UnaryOperator<Kademlia.Builder> configure) throws IOException {
        Kademlia node =
                configure
                        .apply(
                                Kademlia.builder()
                                        .mode(Kademlia.Mode.SERVER)
                                        .validator(new TextValidator()))
                        .build();
        all.add(hosts.start(hosts.builder().behaviour(node)));
        nodes.add(node);
        return node;
    }

    Kademlia join(UnaryOperator<Kademlia.Builder> configure) throws IOException {
        Kademlia node = add(configure);
        if (all.size() > 1) {
            node.bootstrap(List.of(address(0)));
        }
        return node;
    }

    /// Nodes that know one another.
    static KadNetwork of(int count) throws IOException {
        KadNetwork network = new KadNetwork();
        for (int i = 0; i < count; i++) {
            network.join(b -> b);
        }
        return network;
    }

    Multiaddr address(int node) {
        return MemoryHosts.addressOf(all.get(node));
    }

    @Override
    public void close() {
        hosts.close();
    }
}
