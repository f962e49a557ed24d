package org.tutti.benchmarks.discover;

import org.tutti.base.Bytes;
import org.tutti.benchmarks.Machine;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.InvitationDraft;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `bench discover`: how long it takes until an advert is verified two hops away by gossip, until
/// both signers of a request have it there, and until a fresh host finds a signer by the DHT.
/// Everything is real: hosts over loopback sockets, and what is kept is forced to disk.
public final class DiscoverBench {
    private static final long TIMEOUT_SECONDS = 60;
    private static final Set<TransactionType> SWAP = Set.of(TransactionType.SWAP);

    /// What waits for adverts: when each came, by its sequence.
    private record Seen(long sequence, long nanos) {}

    /// When a signer had a request.
    private record Got(RequestId id, long nanos) {}

    private final Path folder;
    private final List<Host> servers = new ArrayList<>();

    private DiscoverBench(Path folder) {
        this.folder = folder;
    }

    /// Runs it all.
    ///
    /// @param adverts measured by gossip, and as many requests
    /// @param warmup adverts before these
    /// @param serverCount servers of the DHT
    /// @param seekers fresh hosts that look for the signer
    /// @param parent where the files are; removed afterwards
    /// @throws IllegalStateException if an advert is not found in time
    public static DiscoverResult run(
            int adverts, int warmup, int serverCount, int seekers, Path parent)
            throws IOException, InterruptedException {
        DiscoverBench bench = new DiscoverBench(Files.createTempDirectory(parent, "tutti-bench-"));
        try {
            double[] gossip = bench.gossip(adverts, warmup);
            double[] requests = bench.requests(adverts, warmup);
            bench.serve(serverCount);
            double[] dht = bench.dht(seekers);
            return new DiscoverResult(
                    adverts,
                    percentile(gossip, 0.50),
                    percentile(gossip, 0.99),
                    percentile(requests, 0.50),
                    percentile(requests, 0.99),
                    serverCount,
                    seekers,
                    percentile(dht, 0.50),
                    dht[dht.length - 1],
                    Machine.at(parent));
        } catch (CoordinatorException e) {
            throw new IllegalStateException(e);
        } finally {
            bench.close();
        }
    }

    private static AdvertDraft draft() {
        return AdvertDraft.of(AdvertTerms.of(SWAP).named("alice", "co-signs swaps"));
    }

    private double[] gossip(int adverts, int warmup)
            throws IOException, InterruptedException, CoordinatorException {
        BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
        try (Advertiser alice = new Advertiser(folder.resolve("alice"), List.of());
                Advertiser middle = new Advertiser(folder.resolve("middle"), List.of());
                Advertiser far =
                        new Advertiser(
                                folder.resolve("far"),
                                List.of(),
                                event -> see(event, seen),
                                _ -> {})) {
            for (Advertiser node : List.of(alice, middle, far)) {
                node.coordinator().subscribe(SWAP);
            }
            for (Advertiser end : List.of(alice, far)) {
                var _ = end.host().connect(middle.host().peerId(), middle.host().addresses());
            }
            String topic = "/tutti/adverts/1/" + Advertiser.NETWORK.toHex() + "/swap";
            awaitPeer(alice, topic, middle.host().peerId());
            awaitPeer(middle, topic, far.host().peerId());
            double[] millis = new double[adverts];
            for (int i = -warmup; i < adverts; i++) {
                long start = System.nanoTime();
                Advert advert = alice.coordinator().advertise(draft());
                double took = (await(seen, advert) - start) / 1e6;
                if (i >= 0) {
                    millis[i] = took;
                }
                Thread.sleep(10);
            }
            Arrays.sort(millis);
            return millis;
        }
    }

    /// A requester and two other signers. Each is connected only to a relaying node in the middle,
    /// which does not sign.
    private double[] requests(int requests, int warmup)
            throws IOException, InterruptedException, CoordinatorException {
        BlockingQueue<Got> got = new LinkedBlockingQueue<>();
        try (Advertiser alice = new Advertiser(folder.resolve("requester"), List.of());
                Advertiser middle = new Advertiser(folder.resolve("between"), List.of());
                Advertiser bob = signer("bob", got);
                Advertiser carol = signer("carol", got)) {
            for (Advertiser end : List.of(alice, bob, carol)) {
                var _ = end.host().connect(middle.host().peerId(), middle.host().addresses());
            }
            String topic = "/tutti/requests/1/" + Advertiser.NETWORK.toHex();
            awaitPeer(alice, topic, middle.host().peerId());
            for (Advertiser end : List.of(bob, carol)) {
                awaitPeer(middle, topic, end.host().peerId());
            }
            List<PublicKey> keys = List.of(alice.key(), bob.key(), carol.key());
            double[] millis = new double[requests];
            for (int i = -warmup; i < requests; i++) {
                long start = System.nanoTime();
                RequestId id = alice.coordinator().announce(request(keys, i)).id();
                // Both have it.
                double took = (Math.max(await(got, id), await(got, id)) - start) / 1e6;
                if (i >= 0) {
                    millis[i] = took;
                }
                Thread.sleep(10);
            }
            Arrays.sort(millis);
            return millis;
        }
    }

    private Advertiser signer(String name, BlockingQueue<Got> got) throws IOException {
        return new Advertiser(
                folder.resolve(name),
                List.of(),
                _ -> {},
                event -> {
                    if (event instanceof CoordinatorEvent.RequestReceived received) {
                        got.add(new Got(received.invitation().id(), System.nanoTime()));
                    }
                });
    }

    private static InvitationDraft request(List<PublicKey> keys, int number) {
        byte[] hash = ByteBuffer.allocate(32).putInt(number).array();
        return new InvitationDraft(
                keys,
                KeyOrder.SORTED,
                List.of(RequestedMessage.untweaked(Bytes.wrap(hash))),
                Bytes.EMPTY,
                new InvitationDraft.Description(0, "custom", "", ""),
                ElectionMethod.HASH,
                0,
                Duration.ofHours(1));
    }

    private static long await(BlockingQueue<Got> got, RequestId id) throws InterruptedException {
        Got next = got.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (next == null || !next.id().equals(id)) {
            throw new IllegalStateException("a request did not come by gossip: " + next);
        }
        return next.nanos();
    }

    private static void see(AdvertEvent event, BlockingQueue<Seen> seen) {
        long now = System.nanoTime();
        switch (event) {
            case AdvertEvent.SignerDiscovered e ->
                    seen.add(new Seen(e.advert().header().sequence(), now));
            case AdvertEvent.SignerUpdated e ->
                    seen.add(new Seen(e.advert().header().sequence(), now));
            case AdvertEvent.SignerAdvertised _,
                    AdvertEvent.SignerWithdrawn _,
                    AdvertEvent.SignerUnavailable _ -> {
                // Not what is measured.
            }
        }
    }

    private static long await(BlockingQueue<Seen> seen, Advert advert) throws InterruptedException {
        while (true) {
            Seen next = seen.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new IllegalStateException("an advert was not found by gossip");
            }
            if (next.sequence() == advert.header().sequence()) {
                return next.nanos();
            }
        }
    }

    private static void awaitPeer(Advertiser node, String topic, PeerId peer)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!node.gossip().mesh(topic).contains(peer)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("gossip has no way");
            }
            Thread.sleep(20);
        }
    }

    private void serve(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Kademlia dht = Advertiser.dht(Kademlia.Mode.SERVER);
            Host host =
                    Host.builder()
                            .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                            .listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))
                            .behaviour(dht)
                            .build();
            host.start();
            if (!servers.isEmpty()) {
                dht.bootstrap(servers.getFirst().addresses());
            }
            servers.add(host);
        }
    }

    private double[] dht(int seekers)
            throws IOException, InterruptedException, CoordinatorException {
        List<Multiaddr> bootstrap = servers.getFirst().addresses();
        try (Advertiser alice = new Advertiser(folder.resolve("signer"), bootstrap)) {
            alice.awaitBootstrap();
            var _ = alice.coordinator().advertise(draft());
            try (Advertiser first = new Advertiser(folder.resolve("first"), bootstrap)) {
                first.awaitBootstrap();
                find(first); // Until the servers have it.
            }
            double[] millis = new double[seekers];
            for (int i = 0; i < seekers; i++) {
                try (Advertiser seeker = new Advertiser(folder.resolve("seeker" + i), bootstrap)) {
                    long identified = seeker.awaitIdentified();
                    millis[i] = (find(seeker) - identified) / 1e6;
                }
            }
            Arrays.sort(millis);
            return millis;
        }
    }

    /// @return when the first was found
    private static long find(Advertiser seeker) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        long[] at = new long[1];
        SignerFilter filter = new SignerFilter(SWAP, "", AmountRange.ANY, 0, false, 1);
        while (at[0] == 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the signer was not found in the DHT");
            }
            var _ =
                    seeker.coordinator()
                            .findSigners(
                                    filter,
                                    Duration.ofSeconds(10),
                                    (FoundSigner _) -> at[0] = System.nanoTime());
        }
        return at[0];
    }

    private static double percentile(double[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * part))];
    }

    private void close() throws IOException {
        servers.forEach(Host::close);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
