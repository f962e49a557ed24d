package org.tutti.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.dns.DnsMessage;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.internal.dns.DnsQuestion;
import org.tutti.libp2p.internal.dns.DnsRecord;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class MdnsEngineTest {
    private static final String NAME = "a".repeat(40);
    private static final PeerId ALICE = peer();
    private static final PeerId BOB = peer();
    private static final MdnsSource BOBS = source("192.0.2.2");
    private static final List<Multiaddr> OWN = List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/4001"));

    private final MdnsEngine engine = new MdnsEngine(ALICE, NAME);
    private long now = 1_000_000;

    private static PeerId peer() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    private static MdnsSource source(String address) {
        return new MdnsSource(InetAddress.ofLiteral(address), false);
    }

    private static List<Bytes> announcement(PeerId peer, Duration ttl, String... addresses) {
        return MdnsMessages.response(
                "b".repeat(40), peer, Arrays.stream(addresses).map(Multiaddr::parse).toList(), ttl);
    }

    private List<MdnsOutput> receive(List<Bytes> packets, MdnsSource source) {
        return packets.stream()
                .flatMap(p -> engine.receive(p.toArray(), source, now).stream())
                .toList();
    }

    private List<MdnsOutput> advance(Duration by) {
        now += by.toNanos();
        return engine.tick(OWN, now);
    }

    private static List<MdnsEvent> events(List<MdnsOutput> outputs) {
        List<MdnsEvent> events = new ArrayList<>();
        outputs.forEach(o -> {
            if (o instanceof MdnsOutput.Tell(MdnsEvent event)) {
                events.add(event);
            }
        });
        return events;
    }

    private static List<DnsMessage> sent(List<MdnsOutput> outputs) throws Exception {
        List<DnsMessage> sent = new ArrayList<>();
        for (MdnsOutput output : outputs) {
            if (output instanceof MdnsOutput.Send(Bytes packet)) {
                sent.add(DnsMessage.decode(packet.toArray()));
            }
        }
        return sent;
    }

    private static MdnsEvent discovered(PeerId peer, String... addresses) {
        return new MdnsEvent.Discovered(
                peer, Arrays.stream(addresses).map(Multiaddr::parse).toList());
    }

    @Test
    void itAsksAtOnceAndThenLessAndLessOften() throws Exception {
        List<Long> asked = new ArrayList<>();
        List<MdnsOutput> outputs = engine.start(OWN, now);
        long begin = now;
        while (now - begin < Duration.ofSeconds(130).toNanos()) {
            for (DnsMessage message : sent(outputs)) {
                assertThat(message.questions())
                        .containsExactly(new DnsQuestion(MdnsMessages.SERVICE, 12, false));
                assertThat(message.id()).isZero();
                asked.add((now - begin) / 1_000_000_000);
            }
            now = engine.nextTick().orElseThrow();
            outputs = engine.tick(OWN, now);
        }
        assertThat(asked).containsExactly(0L, 1L, 3L, 7L, 15L, 31L, 63L, 95L, 127L);
    }

    @Test
    void itAnswersEveryQuestionAlsoItsOwn() throws Exception {
        List<MdnsOutput> question = engine.start(OWN, now);
        byte[] packet = sent(question).getFirst().encode();
        List<DnsMessage> answers = sent(engine.receive(packet, BOBS, now));
        assertThat(answers).hasSize(1);
        DnsMessage answer = answers.getFirst();
        DnsName name = DnsName.parse(NAME + "._p2p._udp.local");
        assertThat(answer.isResponse()).isTrue();
        assertThat(answer.answers())
                .containsExactly(
                        new DnsRecord(
                                MdnsMessages.SERVICE, false, 120, new DnsRecord.Pointer(name)));
        String text = "dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/" + ALICE;
        assertThat(answer.additionals())
                .containsExactly(
                        new DnsRecord(
                                name,
                                true,
                                120,
                                new DnsRecord.Text(
                                        List.of(
                                                Bytes.wrap(
                                                        text.getBytes(
                                                                StandardCharsets.US_ASCII))))),
                        // What go needs besides.
                        new DnsRecord(
                                name,
                                true,
                                120,
                                new DnsRecord.Service(0, 0, 4001, DnsName.parse(NAME + ".local"))),
                        new DnsRecord(
                                DnsName.parse(NAME + ".local"),
                                true,
                                120,
                                new DnsRecord.Address(Bytes.fromHex("c0000201"))));
    }

    @Test
    void aFloodOfQuestionsGetsOneAnswerASecond() throws Exception {
        engine.start(OWN, now);
        byte[] question = MdnsMessages.query().toArray();
        int answers = 0;
        for (int i = 0; i < 1000; i++) {
            answers += engine.receive(question, BOBS, now).size();
        }
        assertThat(answers).isEqualTo(1);
        // What came meanwhile is answered once, when its time has come.
        assertThat(sent(advance(Duration.ofMillis(999))).stream().filter(DnsMessage::isResponse))
                .isEmpty();
        assertThat(sent(advance(Duration.ofMillis(1))).stream().filter(DnsMessage::isResponse))
                .hasSize(1);
        assertThat(sent(advance(Duration.ofSeconds(1))).stream().filter(DnsMessage::isResponse))
                .isEmpty();
    }

    @Test
    void otherQuestionsGetNoAnswer() throws Exception {
        engine.start(OWN, now);
        for (String name : new String[] {"_ipp._tcp.local", "x._p2p._udp.local", "local"}) {
            DnsQuestion question = new DnsQuestion(DnsName.parse(name), 12, false);
            assertThat(engine.receive(DnsMessage.multicastQuery(question).encode(), BOBS, now))
                    .isEmpty();
        }
        DnsQuestion address = new DnsQuestion(MdnsMessages.SERVICE, 1, false);
        assertThat(engine.receive(DnsMessage.multicastQuery(address).encode(), BOBS, now))
                .isEmpty();
        // RFC 6762 section 18.3: messages with another opcode are ignored.
        DnsMessage notify =
                new DnsMessage(
                        0,
                        0x2000,
                        List.of(new DnsQuestion(MdnsMessages.SERVICE, 12, false)),
                        List.of(),
                        List.of());
        assertThat(engine.receive(notify.encode(), BOBS, now)).isEmpty();
    }

    @Test
    void programsThatListServicesFindThisOne() throws Exception {
        engine.start(OWN, now);
        DnsQuestion question = new DnsQuestion(MdnsMessages.SERVICES, 12, false);
        byte[] packet = DnsMessage.multicastQuery(question).encode();
        List<DnsMessage> answers = sent(engine.receive(packet, BOBS, now));
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst().answers())
                .extracting(DnsRecord::data)
                .containsExactly(new DnsRecord.Pointer(MdnsMessages.SERVICE));
        assertThat(engine.receive(packet, BOBS, now)).isEmpty();
    }

    @Test
    void aPeerIsDiscoveredOnceAndAgainWithNewAddresses() {
        engine.start(OWN, now);
        List<Bytes> first = announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1");
        assertThat(events(receive(first, BOBS)))
                .containsExactly(discovered(BOB, "/ip4/192.0.2.2/tcp/1"));
        assertThat(events(receive(first, BOBS))).isEmpty();
        List<Bytes> second = announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/2");
        assertThat(events(receive(second, BOBS)))
                .containsExactly(discovered(BOB, "/ip4/192.0.2.2/tcp/1", "/ip4/192.0.2.2/tcp/2"));
    }

    @Test
    void whoeverIsKilledIsGoneWhenItsTimeIsOver() {
        engine.start(OWN, now);
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        assertThat(events(advance(Duration.ofSeconds(60)))).isEmpty();
        // Heard of again: the time begins anew.
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        assertThat(events(advance(Duration.ofMillis(119_999)))).isEmpty();
        assertThat(events(advance(Duration.ofMillis(1))))
                .containsExactly(new MdnsEvent.Expired(BOB));
        assertThat(events(advance(Duration.ofSeconds(60)))).isEmpty();
        assertThat(events(receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS)))
                .hasSize(1);
    }

    @Test
    void whoeverSaysGoodbyeIsGoneWithinTwoSeconds() {
        engine.start(OWN, now);
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        receive(announcement(BOB, Duration.ZERO, "/ip4/192.0.2.2/tcp/1"), BOBS);
        assertThat(engine.nextTick().orElseThrow() - now)
                .isLessThanOrEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(events(advance(MdnsEngine.GOODBYE))).containsExactly(new MdnsEvent.Expired(BOB));
    }

    @Test
    void aGoodbyeOfTheNameAloneCountsToo() throws Exception {
        engine.start(OWN, now);
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        DnsName name = DnsName.parse("b".repeat(40) + "._p2p._udp.local");
        byte[] goodbye =
                DnsMessage.multicastResponse(
                                List.of(
                                        new DnsRecord(
                                                MdnsMessages.SERVICE,
                                                false,
                                                0,
                                                new DnsRecord.Pointer(name))),
                                List.of())
                        .encode();
        engine.receive(goodbye, BOBS, now);
        assertThat(events(advance(MdnsEngine.GOODBYE))).containsExactly(new MdnsEvent.Expired(BOB));
    }

    @Test
    void nobodyElseCanSayGoodbyeForAPeer() {
        engine.start(OWN, now);
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        receive(announcement(BOB, Duration.ZERO, "/ip4/192.0.2.2/tcp/1"), source("192.0.2.66"));
        assertThat(events(advance(Duration.ofSeconds(100)))).isEmpty();
    }

    @Test
    void whoeverSaysThatWeAreGoneIsContradicted() throws Exception {
        engine.start(OWN, now);
        List<DnsMessage> sent =
                sent(
                        receive(
                                announcement(ALICE, Duration.ZERO, "/ip4/192.0.2.1/tcp/4001"),
                                source("192.0.2.66")));
        assertThat(sent).hasSize(1);
        assertThat(sent.getFirst().answers().getFirst().ttl()).isEqualTo(120);
    }

    @Test
    void ourOwnAnswersDiscoverNobody() {
        engine.start(OWN, now);
        assertThat(receive(announcement(ALICE, MdnsEngine.TTL, "/ip4/192.0.2.1/tcp/1"), BOBS))
                .isEmpty();
    }

    @Test
    void stoppingSaysGoodbyeAndTheRestIsSilence() throws Exception {
        engine.start(OWN, now);
        receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS);
        List<DnsMessage> goodbye = sent(engine.stop());
        assertThat(goodbye).hasSize(1);
        assertThat(goodbye.getFirst().answers()).allMatch(r -> r.ttl() == 0);
        assertThat(goodbye.getFirst().additionals()).allMatch(r -> r.ttl() == 0);
        assertThat(engine.stop()).isEmpty();
        assertThat(advance(Duration.ofHours(1))).isEmpty();
        assertThat(engine.nextTick()).isEmpty();
        assertThat(engine.receive(MdnsMessages.query().toArray(), BOBS, now)).isEmpty();
    }

    @Test
    void addressesThatChangeAreAnnounced() throws Exception {
        engine.start(OWN, now);
        now += 1;
        List<Multiaddr> moved = List.of(Multiaddr.parse("/ip4/192.0.2.99/tcp/4001"));
        List<DnsMessage> sent = sent(engine.tick(moved, now));
        assertThat(sent).hasSize(1);
        assertThat(MdnsMessages.announcements(sent.getFirst()).getFirst().addresses())
                .isEqualTo(moved);
        assertThat(sent(engine.tick(moved, now))).isEmpty();
    }

    @Test
    void onlyAddressesThatOthersCanUseAreAnnounced() throws Exception {
        List<Multiaddr> own =
                List.of(
                        Multiaddr.parse("/ip4/127.0.0.1/tcp/1"),
                        Multiaddr.parse("/ip4/192.0.2.1/tcp/1/p2p/" + ALICE),
                        Multiaddr.parse("/ip4/192.0.2.3/tcp/1/p2p/" + BOB + "/p2p-circuit"),
                        Multiaddr.parse("/memory/1"),
                        Multiaddr.parse("/ip6/2001:db8::1/udp/1/quic-v1"),
                        Multiaddr.parse("/ip4/192.0.2.1/tcp/1/sni/" + "x".repeat(255)));
        engine.start(own, now);
        DnsMessage answer =
                sent(engine.receive(MdnsMessages.query().toArray(), BOBS, now)).getFirst();
        assertThat(MdnsMessages.announcements(answer).getFirst().addresses())
                .extracting(Multiaddr::toString)
                .containsExactly("/ip4/192.0.2.1/tcp/1", "/ip6/2001:db8::1/udp/1/quic-v1");
        MdnsEngine alone = new MdnsEngine(ALICE, NAME);
        alone.start(own.subList(0, 1), now);
        assertThat(sent(alone.receive(MdnsMessages.query().toArray(), BOBS, now))).hasSize(1);
        MdnsEngine nowhere = new MdnsEngine(ALICE, NAME);
        nowhere.start(List.of(), now);
        assertThat(nowhere.receive(MdnsMessages.query().toArray(), BOBS, now)).isEmpty();
    }

    @Test
    void manyAddressesTravelInSeveralPackets() throws Exception {
        List<Multiaddr> own = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            own.add(Multiaddr.parse("/ip4/192.0.2.1/tcp/" + i));
        }
        engine.start(own, now);
        List<MdnsOutput> outputs = engine.receive(MdnsMessages.query().toArray(), BOBS, now);
        List<Multiaddr> heard = new ArrayList<>();
        for (MdnsOutput output : outputs) {
            assertThat(((MdnsOutput.Send) output).packet().length())
                    .isLessThanOrEqualTo(MdnsMessages.MAX_PACKET);
        }
        for (DnsMessage message : sent(outputs)) {
            heard.addAll(MdnsMessages.announcements(message).getFirst().addresses());
        }
        assertThat(outputs.size()).isGreaterThan(1);
        assertThat(heard).isEqualTo(own.subList(0, MdnsEngine.MAX_ADDRESSES));
    }

    @Test
    void loopbackAddressesOfOtherMachinesAreLeftOut() {
        engine.start(OWN, now);
        List<Bytes> both =
                announcement(
                        BOB,
                        MdnsEngine.TTL,
                        "/ip4/127.0.0.1/tcp/1",
                        "/ip6/::1/tcp/1",
                        "/ip4/192.0.2.2/tcp/1");
        assertThat(events(receive(both, BOBS)))
                .containsExactly(discovered(BOB, "/ip4/192.0.2.2/tcp/1"));
        MdnsSource here = new MdnsSource(InetAddress.ofLiteral("192.0.2.1"), true);
        assertThat(events(receive(both, here))).hasSize(1);
        assertThat(
                        events(
                                receive(
                                        announcement(
                                                peer(), MdnsEngine.TTL, "/ip4/127.9.9.9/tcp/1"),
                                        BOBS)))
                .isEmpty();
    }

    @Test
    void onePeerHasABoundedNumberOfAddresses() {
        engine.start(OWN, now);
        List<MdnsEvent> last = List.of();
        for (int i = 1; i <= 40; i++) {
            List<MdnsEvent> events =
                    events(
                            receive(
                                    announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/" + i),
                                    BOBS));
            last = events.isEmpty() ? last : events;
        }
        assertThat(((MdnsEvent.Discovered) last.getFirst()).addresses())
                .hasSize(MdnsEngine.MAX_ADDRESSES);
    }

    @Test
    void oneAddressCannotFillTheTable() {
        engine.start(OWN, now);
        MdnsSource mallory = source("192.0.2.66");
        int told = 0;
        for (int i = 0; i < 1000; i++) {
            told +=
                    events(
                                    receive(
                                            announcement(
                                                    peer(), MdnsEngine.TTL, "/ip4/192.0.2.6/tcp/1"),
                                            mallory))
                            .size();
        }
        assertThat(told).isEqualTo(MdnsEngine.MAX_PEERS_OF_SOURCE);
        assertThat(events(receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS)))
                .hasSize(1);
    }

    @Test
    void aFullTableEvictsOfWhoeverHasMost() {
        engine.start(OWN, now);
        PeerId oldest = peer();
        receive(announcement(oldest, MdnsEngine.TTL, "/ip4/192.0.2.6/tcp/1"), source("192.0.2.60"));
        for (int i = 1; i < MdnsEngine.MAX_PEERS; i++) {
            MdnsSource source = source("192.0.2.6" + i % 4);
            receive(announcement(peer(), MdnsEngine.TTL, "/ip4/192.0.2.6/tcp/1"), source);
        }
        List<MdnsEvent> events =
                events(receive(announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1"), BOBS));
        assertThat(events).hasSize(2);
        assertThat(events.getFirst()).isInstanceOf(MdnsEvent.Expired.class);
        assertThat(events.getLast()).isEqualTo(discovered(BOB, "/ip4/192.0.2.2/tcp/1"));
        long left = 0;
        for (MdnsEvent event : events(advance(MdnsEngine.TTL))) {
            assertThat(event).isInstanceOf(MdnsEvent.Expired.class);
            left++;
        }
        assertThat(left).isEqualTo(MdnsEngine.MAX_PEERS);
    }

    @Test
    void aPromiseForYearsIsBelievedForMinutes() {
        engine.start(OWN, now);
        receive(announcement(BOB, Duration.ofDays(20_000), "/ip4/192.0.2.2/tcp/1"), BOBS);
        assertThat(events(advance(MdnsEngine.MAX_TTL))).containsExactly(new MdnsEvent.Expired(BOB));
    }

    @Test
    void anAnswerWithThousandsOfRecordsIsDropped() {
        engine.start(OWN, now);
        byte[] packet = new byte[12 + 11 * 5000];
        packet[2] = (byte) 0x84;
        packet[6] = 0x13;
        packet[7] = (byte) 0x88;
        assertThat(engine.receive(packet, BOBS, now)).isEmpty();
    }

    @Test
    void namesOfOthersAreNotOfThisService() throws Exception {
        engine.start(OWN, now);
        DnsRecord.Text text =
                new DnsRecord.Text(
                        List.of(
                                Bytes.wrap(
                                        ("dnsaddr=/ip4/192.0.2.2/tcp/1/p2p/" + BOB)
                                                .getBytes(StandardCharsets.US_ASCII))));
        DnsName other = DnsName.parse("printer._ipp._tcp.local");
        DnsName peerName = DnsName.parse("x._p2p._udp.local");
        for (List<DnsRecord> answers :
                List.of(
                        // A TXT without its PTR, the PTR of another service, the TXT of another
                        // name.
                        List.of(new DnsRecord(peerName, false, 120, text)),
                        List.of(
                                new DnsRecord(
                                        DnsName.parse("_ipp._tcp.local"),
                                        false,
                                        120,
                                        new DnsRecord.Pointer(peerName)),
                                new DnsRecord(peerName, false, 120, text)),
                        List.of(
                                new DnsRecord(
                                        MdnsMessages.SERVICE,
                                        false,
                                        120,
                                        new DnsRecord.Pointer(peerName)),
                                new DnsRecord(other, false, 120, text)))) {
            byte[] packet = DnsMessage.multicastResponse(answers, List.of()).encode();
            assertThat(engine.receive(packet, BOBS, now)).isEmpty();
        }
    }

    @Test
    void goAnnouncesItselfWithTheTextAmongTheAnswers() throws Exception {
        engine.start(OWN, now);
        DnsMessage answered =
                DnsMessage.decode(
                        announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1")
                                .getFirst()
                                .toArray());
        List<DnsRecord> all = new ArrayList<>(answered.answers());
        all.addAll(answered.additionals());
        byte[] packet = DnsMessage.multicastResponse(all, List.of()).encode();
        assertThat(events(engine.receive(packet, BOBS, now))).hasSize(1);
    }

    @Test
    void rustAnnouncesItselfUnderABareName() throws Exception {
        engine.start(OWN, now);
        // Captured from rust-libp2p 0.57.
        byte[] packet =
                Bytes.fromHex(
                                "102a84000000000100000001045f703270045f756470056c6f63616c00000c0001"
                                        + "000001680033314747705175526c744166746a4d763158316f3136676b"
                                        + "775559636561735048364854357641716158684b4741654133383800"
                                        + "314747705175526c744166746a4d763158316f3136676b775559636561"
                                        + "735048364854357641716158684b47416541333838000010800100000168"
                                        + "005a59646e73616464723d2f6970342f31302e37372e302e312f7463702f"
                                        + "33353031332f7032702f313244334b6f6f574278517466476271714b357a"
                                        + "53425a68677044747838455a71364b36465134526a766e3471706b536166"
                                        + "6b6a")
                        .toArray();
        assertThat(events(engine.receive(packet, BOBS, now)))
                .containsExactly(
                        discovered(
                                PeerId.parse(
                                        "12D3KooWBxQtfGbqqK5zSBZhgpDtx8EZq6K6FQ4Rjvn4qpkSafkj"),
                                "/ip4/10.77.0.1/tcp/35013"));
    }

    @Test
    void onlyTheAddressesOfTheNamesFirstPeerCount() throws Exception {
        engine.start(OWN, now);
        DnsName name = DnsName.parse("x._p2p._udp.local");
        List<Bytes> strings = new ArrayList<>();
        for (String text :
                new String[] {
                    "nonsense",
                    "dnsaddr=/ip4/192.0.2.2/tcp/1",
                    "dnsaddr=/p2p/" + BOB,
                    "dnsaddr=/ip4/192.0.2.2/tcp/1/p2p/" + BOB,
                    "dnsaddr=/ip4/192.0.2.3/tcp/1/p2p/" + peer(),
                    "dnsaddr=/ip9/192.0.2.3/tcp/1/p2p/" + BOB
                }) {
            strings.add(Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
        byte[] packet =
                DnsMessage.multicastResponse(
                                List.of(
                                        new DnsRecord(
                                                MdnsMessages.SERVICE,
                                                false,
                                                120,
                                                new DnsRecord.Pointer(name))),
                                List.of(
                                        new DnsRecord(
                                                name, false, 120, new DnsRecord.Text(strings))))
                        .encode();
        assertThat(events(engine.receive(packet, BOBS, now)))
                .containsExactly(discovered(BOB, "/ip4/192.0.2.2/tcp/1"));
    }

    @Test
    void aShortPeerNameIsRefused() {
        assertThatThrownBy(() -> new MdnsEngine(ALICE, "a".repeat(31)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hostilePacketsAreAnsweredOrIgnoredAndTheTableStaysBounded() {
        engine.start(OWN, now);
        List<byte[]> seeds =
                List.of(
                        MdnsMessages.query().toArray(),
                        MdnsMessages.serviceResponse(MdnsEngine.TTL).toArray(),
                        announcement(BOB, MdnsEngine.TTL, "/ip4/192.0.2.2/tcp/1")
                                .getFirst()
                                .toArray(),
                        announcement(BOB, Duration.ZERO, "/ip4/192.0.2.2/tcp/1")
                                .getFirst()
                                .toArray());
        new Hostile(7)
                .feed(
                        20_000,
                        seeds,
                        input -> {
                            engine.receive(input, BOBS, now);
                            engine.tick(OWN, now += 1_000_000);
                        });
    }
}
