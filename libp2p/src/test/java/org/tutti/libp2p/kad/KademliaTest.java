package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.multiformats.HashFunction;
import org.tutti.libp2p.multiformats.Multihash;

import java.util.Optional;

/// Nodes in memory, through real hosts.
@Timeout(60)
class KademliaTest {
    private KadNetwork network = new KadNetwork();

    @AfterEach
    void close() {
        network.close();
    }

    @Test
    void twentyNodesFindPutAndGet() throws Exception {
        network = KadNetwork.of(20);
        Kademlia first = network.nodes.getFirst();
        Kademlia last = network.nodes.getLast();

        KadResult.Peer found = last.findPeer(network.all.get(7).peerId());
        assertThat(found.peer().orElseThrow().peer()).isEqualTo(network.all.get(7).peerId());

        Bytes key = TextValidator.key("a");
        KadResult.Stored stored = first.put(key, TextValidator.bytes("1 hello"));
        assertThat(stored.peers()).isEqualTo(19);

        KadResult.Value value = last.get(key);
        assertThat(value.value()).isEqualTo(Optional.of(TextValidator.bytes("1 hello")));
        assertThat(value.stats().hops()).isEqualTo(1);

        Bytes cid = Multihash.of(HashFunction.SHA2_256, new byte[] {1}).toBytes();
        assertThat(first.provide(cid).peers()).isEqualTo(19);
        assertThat(last.findProviders(cid, 10).providers())
                .extracting(KadPeer::peer)
                .containsExactly(network.all.getFirst().peerId());
    }
}
