package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.dns.Resolver;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.time.ManualClock;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class AddressResolverTest {
    private static final PeerId BOB = peer();
    private static final PeerId MALLORY = peer();

    private final ManualClock clock = new ManualClock();
    private final Map<String, List<String>> records = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private Duration lookup = Duration.ZERO;

    private final AddressResolver resolver =
            new AddressResolver(
                    new Resolver() {
                        @Override
                        public List<Inet4Address> ip4(String name) throws IOException {
                            return find("A " + name).stream()
                                    .map(a -> (Inet4Address) InetAddress.ofLiteral(a))
                                    .toList();
                        }

                        @Override
                        public List<Inet6Address> ip6(String name) throws IOException {
                            return find("AAAA " + name).stream()
                                    .map(a -> (Inet6Address) InetAddress.ofLiteral(a))
                                    .toList();
                        }

                        @Override
                        public List<String> txt(String name) throws IOException {
                            return find("TXT " + name);
                        }
                    },
                    clock);

    private List<String> find(String question) throws IOException {
        asked.add(question);
        clock.advance(lookup);
        List<String> found = records.getOrDefault(question, List.of());
        if (found.contains("broken")) {
            throw new IOException("nobody answered");
        }
        return found;
    }

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private AddressResolver.Resolved resolve(String... addresses) {
        return resolver.resolve(BOB, Arrays.stream(addresses).map(Multiaddr::parse).toList());
    }

    private List<String> resolved(String... addresses) {
        return resolve(addresses).addresses().stream().map(Multiaddr::toString).toList();
    }

    private void dnsaddr(String name, String... addresses) {
        records.put(
                "TXT _dnsaddr." + name, Arrays.stream(addresses).map(a -> "dnsaddr=" + a).toList());
    }

    @Test
    void addressesWithoutNamesStayAsTheyAreAndNobodyIsAsked() {
        assertThat(resolved("/ip4/192.0.2.1/tcp/1", "/memory/7", "/ip4/192.0.2.1/tcp/1"))
                .containsExactly("/ip4/192.0.2.1/tcp/1", "/memory/7", "/ip4/192.0.2.1/tcp/1");
        assertThat(asked).isEmpty();
    }

    @Test
    void namesOfHostsStandForTheirAddresses() {
        records.put("A alice.example", List.of("192.0.2.1", "192.0.2.2"));
        records.put("AAAA alice.example", List.of("2001:db8::1"));
        assertThat(resolved("/dns4/alice.example/tcp/1"))
                .containsExactly("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.2/tcp/1");
        assertThat(resolved("/dns6/alice.example/tcp/1/ws"))
                .containsExactly("/ip6/2001:db8::1/tcp/1/ws");
        assertThat(resolved("/ip4/192.0.2.9/tcp/1", "/dns/alice.example/udp/1/quic-v1"))
                .containsExactly(
                        "/ip4/192.0.2.9/tcp/1",
                        "/ip6/2001:db8::1/udp/1/quic-v1",
                        "/ip4/192.0.2.1/udp/1/quic-v1",
                        "/ip4/192.0.2.2/udp/1/quic-v1");
    }

    @Test
    void oneOfTheTwoKindsIsEnough() {
        records.put("A alice.example", List.of("192.0.2.1"));
        records.put("AAAA alice.example", List.of("broken"));
        AddressResolver.Resolved resolved = resolve("/dns/alice.example/tcp/1");
        assertThat(resolved.addresses()).containsExactly(Multiaddr.parse("/ip4/192.0.2.1/tcp/1"));
        assertThat(resolved.failures()).isEmpty();
    }

    @Test
    void whatANameStandsForNowhereIsSaid() {
        records.put("A broken.example", List.of("broken"));
        AddressResolver.Resolved resolved =
                resolve("/dns4/nobody.example/tcp/1", "/dns4/broken.example/tcp/2");
        assertThat(resolved.addresses()).isEmpty();
        assertThat(resolved.failures())
                .extracting(
                        f -> f.address().withoutPeerId().toString(), f -> f.cause().getMessage())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "/dns4/nobody.example/tcp/1",
                                "the name stands for no address of this peer"),
                        org.assertj.core.groups.Tuple.tuple(
                                "/dns4/broken.example/tcp/2", "nobody answered"));
    }

    @Test
    void listedAddressesAreFollowedToTheEndAsInTheSpecification() {
        dnsaddr(
                "bootstrap.example",
                "/dnsaddr/sjc.bootstrap.example/tcp/4001/p2p/" + BOB,
                "/dnsaddr/ams.bootstrap.example/tcp/4001/p2p/" + MALLORY);
        dnsaddr(
                "sjc.bootstrap.example",
                "/ip6/2001:db8::1/tcp/4001/p2p/" + BOB,
                "/dns4/sjc.example/tcp/4001/ipfs/" + BOB,
                "/ip4/192.0.2.1/udp/4001/quic-v1/p2p/" + BOB);
        records.put("A sjc.example", List.of("192.0.2.1"));
        // The last one does not end as /tcp/4001 does.
        assertThat(resolved("/dnsaddr/bootstrap.example"))
                .containsExactly("/ip6/2001:db8::1/tcp/4001", "/ip4/192.0.2.1/tcp/4001");
        assertThat(asked).doesNotContain("TXT _dnsaddr.ams.bootstrap.example");
    }

    @Test
    void addressesOfOtherPeersAreLeftOut() {
        dnsaddr(
                "bob.example",
                "/ip4/192.0.2.1/tcp/1/p2p/" + MALLORY,
                "/ip4/192.0.2.2/tcp/1",
                "/ip4/192.0.2.3/tcp/1/p2p/" + BOB);
        assertThat(resolved("/dnsaddr/bob.example")).containsExactly("/ip4/192.0.2.3/tcp/1");
    }

    @Test
    void textsThatAreNoAddressesAreLeftOut() {
        records.put(
                "TXT _dnsaddr.bob.example",
                List.of(
                        "v=spf1 -all",
                        "dnsaddr=",
                        "dnsaddr=nonsense",
                        "dnsaddr=/ip9/1/p2p/" + BOB,
                        "DNSADDR=/ip4/192.0.2.1/tcp/1/p2p/" + BOB,
                        "dnsaddr=/ip4/192.0.2.3/tcp/1/p2p/" + BOB));
        assertThat(resolved("/dnsaddr/bob.example")).containsExactly("/ip4/192.0.2.3/tcp/1");
    }

    @Test
    void loopsEnd() {
        dnsaddr("a.example", "/dnsaddr/b.example/p2p/" + BOB);
        dnsaddr(
                "b.example",
                "/dnsaddr/a.example/p2p/" + BOB,
                "/dnsaddr/b.example/p2p/" + BOB,
                "/ip4/192.0.2.3/tcp/1/p2p/" + BOB);
        assertThat(resolved("/dnsaddr/a.example")).containsExactly("/ip4/192.0.2.3/tcp/1");
        assertThat(asked).hasSize(2);
    }

    @Test
    void aChainWithoutEndIsCutOff() {
        for (int i = 0; i < 100; i++) {
            dnsaddr(
                    i + ".example",
                    "/dnsaddr/" + (i + 1) + ".example/p2p/" + BOB,
                    "/ip4/192.0.2." + i + "/tcp/1/p2p/" + BOB);
        }
        AddressResolver.Resolved resolved = resolve("/dnsaddr/0.example");
        assertThat(resolved.addresses()).hasSize(AddressResolver.MAX_DEPTH + 1);
        assertThat(asked).hasSize(AddressResolver.MAX_DEPTH + 1);
        assertThat(resolved.failures()).hasSize(1);
    }

    @Test
    void aTreeOfNamesCostsABoundedNumberOfQuestions() {
        for (int i = -1; i < 100; i++) {
            String name = i < 0 ? "root" : "root-" + i;
            String[] children = new String[100];
            Arrays.setAll(children, j -> "/dnsaddr/" + name + "-" + j + ".example/p2p/" + BOB);
            dnsaddr(name + ".example", children);
        }
        AddressResolver.Resolved resolved = resolve("/dnsaddr/root.example");
        assertThat(asked).hasSize(AddressResolver.MAX_LOOKUPS);
        assertThat(resolved.addresses()).isEmpty();
        assertThat(resolved.failures()).hasSize(AddressResolver.MAX_ADDRESSES);
    }

    @Test
    void aNameStandsForABoundedNumberOfAddresses() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            many.add("192.0.2." + i);
        }
        records.put("A many.example", many);
        assertThat(resolved("/dns4/many.example/tcp/1")).hasSize(AddressResolver.MAX_ADDRESSES);
        String[] listed = new String[1000];
        Arrays.setAll(listed, i -> "/ip4/192.0.2.1/tcp/" + (i + 1) + "/p2p/" + BOB);
        dnsaddr("many.example", listed);
        assertThat(resolved("/dnsaddr/many.example")).hasSize(AddressResolver.MAX_ADDRESSES);
    }

    @Test
    void slowServersAreNotAskedForEver() {
        lookup = Duration.ofSeconds(4);
        String[] addresses = new String[20];
        Arrays.setAll(addresses, i -> "/dns4/" + i + ".example/tcp/1");
        AddressResolver.Resolved resolved = resolve(addresses);
        assertThat(asked).hasSize(3);
        assertThat(resolved.failures()).hasSize(20);
    }
}
