package org.tutti.benchmarks.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Servers of one DHT in this process, over TCP on loopback.
final class KadNodes implements AutoCloseable {
    private static final int VALUE_BYTES = 100;

    private final List<Host> hosts = new ArrayList<>();
    private final List<Kademlia> nodes = new ArrayList<>();
    private int round;

    /// @param putMillis of one value by one node
    /// @param getMillis of that value by another, whose own copy does not count: all others are
    ///   asked
    record Round(double putMillis, double getMillis) {}

    static Kademlia node(Kademlia.Mode mode) {
        return Kademlia.builder().mode(mode).validator(new LargestValue()).build();
    }

    static Host host(Kademlia node) {
        return Host.builder()
                .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                .behaviour(node)
                .listen("/ip4/127.0.0.1/tcp/0")
                .build();
    }

    /// Starts so many that know one another.
    static KadNodes start(int count) throws IOException {
        KadNodes all = new KadNodes();
        try {
            for (int i = 0; i < count; i++) {
                Kademlia node = node(Kademlia.Mode.SERVER);
                Host host = host(node);
                all.hosts.add(host);
                all.nodes.add(node);
                host.start();
                if (i > 0) {
                    node.bootstrap(List.of(all.address()));
                }
            }
            return all;
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    Multiaddr address() {
        return hosts.getFirst().addresses().getFirst();
    }

    static Bytes key(int number) {
        return Bytes.of("/test/%016x".formatted(number).getBytes(StandardCharsets.US_ASCII));
    }

    /// The last key that was put.
    Bytes lastKey() {
        return key(round - 1);
    }

    Round next() throws IOException {
        int count = nodes.size();
        int writer = round % count;
        int reader = (round * 7 + 3) % count;
        if (reader == writer) {
            reader = (round + 1) % count;
        }
        byte[] value = new byte[VALUE_BYTES];
        value[0] = (byte) round;
        Bytes key = key(round);
        round++;
        try {
            long start = System.nanoTime();
            KadResult.Stored stored = nodes.get(writer).put(key, Bytes.wrap(value));
            long put = System.nanoTime() - start;
            if (stored.peers() != count - 1) {
                throw new IOException(stored.peers() + " of " + (count - 1) + " took a value");
            }
            start = System.nanoTime();
            KadResult.Value got = nodes.get(reader).get(key);
            long get = System.nanoTime() - start;
            if (got.value().isEmpty() || got.stats().messages() != count - 1) {
                throw new IOException("a value was not got from all others: " + got.stats());
            }
            return new Round(put / 1e6, get / 1e6);
        } catch (InvalidRecordException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        hosts.forEach(Host::close);
    }
}
