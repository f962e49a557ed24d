package org.tutti.libp2p.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.internal.dns.DnsMessage;
import org.tutti.libp2p.internal.dns.DnsQuestion;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

@Timeout(60)
class DnsResolverTest {
    @SuppressWarnings("NullAway.Init")
    private LoopbackDns dns;

    @BeforeEach
    void start() throws IOException {
        dns = new LoopbackDns();
    }

    @AfterEach
    void stop() throws IOException {
        dns.close();
    }

    private List<String> ip4(String name) throws IOException {
        return dns.resolver().ip4(name).stream().map(a -> a.getHostAddress()).toList();
    }

    @Test
    void bothKindsOfAddressAndTextsAreFound() throws Exception {
        dns.ip4("alice.example", "192.0.2.1")
                .ip4("alice.example", "192.0.2.2")
                .ip6("alice.example", "2001:db8::1")
                .txt("alice.example", "one")
                .txt("alice.example", "two, in ", "two strings");
        assertThat(ip4("alice.example")).containsExactly("192.0.2.1", "192.0.2.2");
        assertThat(ip4("ALICE.example.")).containsExactly("192.0.2.1", "192.0.2.2");
        assertThat(dns.resolver().ip6("alice.example"))
                .singleElement()
                .extracting(a -> a.getHostAddress())
                .isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(dns.resolver().txt("alice.example"))
                .containsExactly("one", "two, in two strings");
    }

    @Test
    void aNameThatDoesNotExistHasNothing() throws Exception {
        dns.ip4("alice.example", "192.0.2.1");
        assertThat(ip4("bob.example")).isEmpty();
        assertThat(dns.resolver().ip6("alice.example")).isEmpty();
        assertThat(dns.resolver().txt("alice.example")).isEmpty();
    }

    @Test
    void aliasesAreFollowedAndLoopsOfThemEnd() throws Exception {
        dns.alias("www.example", "host.example").ip4("host.example", "192.0.2.7");
        dns.alias("one.example", "two.example").alias("two.example", "one.example");
        assertThat(ip4("www.example")).containsExactly("192.0.2.7");
        assertThat(ip4("one.example")).isEmpty();
    }

    @Test
    void anAliasAloneIsAskedFurther() throws Exception {
        dns.alias("www.example", "host.example").ip4("host.example", "192.0.2.7");
        dns.answerUdp((query, message) -> {
            DnsMessage all = dns.answer(message);
            return List.of(LoopbackDns.with(message, 0, all.answers().subList(0, 1)).encode());
        });
        assertThat(ip4("www.example")).containsExactly("192.0.2.7");
        assertThat(dns.asked())
                .extracting(q -> q.name().toString())
                .containsExactly("www.example", "host.example");
    }

    @Test
    void anAnswerThatIsTooLongForUdpComesOverTcp() throws Exception {
        for (int i = 0; i < 100; i++) {
            dns.txt("_dnsaddr.many.example", "dnsaddr=/ip4/192.0.2." + i + "/tcp/4001");
        }
        dns.answerUdp((query, message) -> List.of(LoopbackDns.truncated(message).encode()));
        assertThat(dns.resolver().txt("_dnsaddr.many.example")).hasSize(100);
    }

    @Test
    @Timeout(60)
    void aServerThatSendsByteByByteGetsNoMoreTime() {
        dns.answerUdp((query, message) -> List.of(LoopbackDns.truncated(message).encode()));
        dns.dripOverTcp();
        DnsResolver hasty = DnsResolver.of(List.of(dns.address()), Duration.ofMillis(200));
        assertThatThrownBy(() -> hasty.txt("_dnsaddr.slow.example"))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void answersThatWereNotAskedForAreNotTaken() throws Exception {
        dns.ip4("alice.example", "192.0.2.1");
        dns.answerUdp((query, message) -> {
            DnsMessage right = dns.answer(message);
            DnsQuestion other = new DnsQuestion(message.questions().getFirst().name(), 28, false);
            return List.of(
                    new byte[] {1, 2, 3},
                    query,
                    new DnsMessage(
                                    right.id() ^ 1,
                                    right.flags(),
                                    right.questions(),
                                    List.of(),
                                    List.of())
                            .encode(),
                    new DnsMessage(right.id(), right.flags(), List.of(other), List.of(), List.of())
                            .encode(),
                    right.encode());
        });
        assertThat(ip4("alice.example")).containsExactly("192.0.2.1");
    }

    @Test
    void theNextServerIsAskedWhenOneFails() throws Exception {
        dns.ip4("alice.example", "192.0.2.1");
        try (LoopbackDns broken = new LoopbackDns()) {
            broken.answerUdp((query, message) -> List.of(LoopbackDns.failure(message).encode()));
            DnsResolver resolver =
                    DnsResolver.of(
                            List.of(broken.address(), dns.address()), Duration.ofSeconds(20));
            assertThat(resolver.ip4("alice.example")).hasSize(1);
            assertThat(broken.asked()).hasSize(1);
        }
    }

    @Test
    void silenceIsAnErrorAndNotAnEmptyAnswer() throws Exception {
        dns.answerUdp((query, message) -> List.of());
        DnsResolver resolver = DnsResolver.of(List.of(dns.address()), Duration.ofMillis(50));
        assertThatThrownBy(() -> resolver.txt("alice.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("alice.example");
        assertThat(dns.asked()).hasSize(2);
        DnsResolver without = DnsResolver.of(List.<InetSocketAddress>of(), Duration.ofSeconds(1));
        assertThatThrownBy(() -> without.ip4("alice.example"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void addressesAndLocalNamesNeedNoServer() throws Exception {
        assertThat(ip4("127.0.0.1")).containsExactly("127.0.0.1");
        assertThat(dns.resolver().ip6("::1")).hasSize(1);
        assertThat(dns.resolver().ip6("127.0.0.1")).isEmpty();
        assertThat(ip4("localhost")).containsExactly("127.0.0.1");
        assertThat(dns.asked()).isEmpty();
    }

    @Test
    void whatIsNoNameIsRefusedBeforeAnybodyIsAsked() {
        for (String name : new String[] {"", "a..b", "x".repeat(64), "a.".repeat(130)}) {
            assertThatThrownBy(() -> dns.resolver().ip4(name))
                    .as(name)
                    .isInstanceOf(UnknownHostException.class);
        }
        assertThat(dns.asked()).isEmpty();
    }

    @Test
    void namesOfOtherScriptsAreAskedForAsDnsHasThem() throws Exception {
        dns.ip4("xn--bcher-kva.example", "192.0.2.9");
        assertThat(ip4("bücher.example")).containsExactly("192.0.2.9");
    }
}
