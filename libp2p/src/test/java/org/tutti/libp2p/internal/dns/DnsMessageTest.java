package org.tutti.libp2p.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;

import java.io.ByteArrayOutputStream;
import java.util.List;

class DnsMessageTest {
    private static DnsName name(String text) throws DnsFormatException {
        return DnsName.parse(text);
    }

    /// One of each kind.
    static DnsMessage example() throws DnsFormatException {
        DnsName service = name("_p2p._udp.local");
        DnsName peer = name("alice").below(service);
        return new DnsMessage(
                7,
                0x8400,
                List.of(new DnsQuestion(service, DnsRecord.Type.PTR.code(), true)),
                List.of(
                        new DnsRecord(service, false, 120, new DnsRecord.Pointer(peer)),
                        new DnsRecord(service, false, 0, new DnsRecord.Alias(peer))),
                List.of(
                        new DnsRecord(
                                peer,
                                true,
                                4_000_000,
                                new DnsRecord.Text(
                                        List.of(
                                                Bytes.EMPTY,
                                                Bytes.wrap("dnsaddr=/ip4".getBytes(US_ASCII))))),
                        new DnsRecord(
                                peer, false, 1, new DnsRecord.Address(Bytes.fromHex("7f000001"))),
                        new DnsRecord(
                                peer,
                                false,
                                1,
                                new DnsRecord.Address(Bytes.fromHex("00".repeat(15) + "01"))),
                        new DnsRecord(peer, false, 1, new DnsRecord.Other(47, Bytes.EMPTY)),
                        new DnsRecord(peer, false, 1, new DnsRecord.Service(1, 2, 4001, peer))));
    }

    @Test
    void everythingSurvivesTheWire() throws Exception {
        DnsMessage message = example();
        assertThat(DnsMessage.decode(message.encode())).isEqualTo(message);
        assertThat(message.isResponse()).isTrue();
        assertThat(message.isStandard()).isTrue();
        assertThat(message.isTruncated()).isFalse();
        assertThat(message.responseCode()).isZero();
    }

    /// Header with so many of each section, then the bytes.
    private static byte[] message(int questions, int answers, String hex) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Bytes.fromHex("00008400").toArray());
        for (int count : new int[] {questions, answers, 0, 0}) {
            out.write(count >>> 8);
            out.write(count);
        }
        out.writeBytes(Bytes.fromHex(hex).toArray());
        return out.toByteArray();
    }

    @Test
    void compressedNamesAreRead() throws Exception {
        // "b" and a pointer to "a.example", as the data of a pointer record.
        String hex =
                "0161076578616d706c6500"
                        + "000c0001"
                        + "0161c00e"
                        + "000c0001"
                        + "00000001"
                        + "0004"
                        + "0162c00c";
        DnsMessage message = DnsMessage.decode(message(1, 1, hex));
        assertThat(message.questions().getFirst().name()).isEqualTo(name("a.example"));
        assertThat(message.answers().getFirst().name()).isEqualTo(name("a.example"));
        assertThat(message.answers().getFirst().data())
                .isEqualTo(new DnsRecord.Pointer(name("b.a.example")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Pointers to themselves, forward, to each other, behind the end; an unknown kind
                // of label.
                "c00c000c0001",
                "c00e000c0001",
                "c00e" + "c00c000c0001",
                "0161c00c000c0001",
                "ffff000c0001",
                "40000c0001",
                // A label longer than the packet, no end of the name, no type, bytes behind.
                "3f61",
                "0161",
                "016100",
                "016100000c000100"
            })
    void namesThatLoopOrDoNotEndAreRefused(String hex) {
        assertThatThrownBy(() -> DnsMessage.decode(message(1, 0, hex)))
                .isInstanceOf(DnsFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // An address of five bytes; a string longer than its record; data that goes on
                // behind the record; a record longer than the packet; a name that ends before its
                // record does.
                "00" + "0001" + "0001" + "00000000" + "0005" + "7f00000101",
                "00" + "0010" + "0001" + "00000000" + "0002" + "0261",
                "00" + "000c" + "0001" + "00000000" + "0001" + "016100",
                "00" + "0010" + "0001" + "00000000" + "0003" + "0161",
                "00" + "000c" + "0001" + "00000000" + "0004" + "01610000"
            })
    void recordsThatAreNotWhatTheySayAreRefused(String hex) {
        assertThatThrownBy(() -> DnsMessage.decode(message(0, 1, hex)))
                .isInstanceOf(DnsFormatException.class);
    }

    @Test
    void aNameOverItsBoundIsRefusedHoweverItIsWritten() {
        // Labels of one byte, each a pointer to the one before: 130 of them.
        StringBuilder hex = new StringBuilder("016100" + "000c0001");
        int at = 12;
        int next = 12 + 7;
        for (int i = 0; i < 130; i++) {
            hex.append(String.format("0161%04x000c0001", 0xc000 | at));
            at = next;
            next += 8;
        }
        assertThatThrownBy(() -> DnsMessage.decode(message(131, 0, hex.toString())))
                .hasMessageContaining("255 bytes");
    }

    @Test
    void thousandsOfRecordsAreRefusedBeforeTheyAreRead() {
        String record = "00" + "000c" + "0001" + "00000000" + "0001" + "00";
        byte[] bytes = message(0, 5000, record.repeat(5000));
        assertThatThrownBy(() -> DnsMessage.decode(bytes)).hasMessageContaining("256 records");
    }

    @Test
    void recordsOfOtherClassesAreLeftOut() throws Exception {
        String chaos = "00" + "000c" + "0003" + "00000000" + "0001" + "00";
        String internet = "00" + "000c" + "8001" + "80000001" + "0001" + "00";
        DnsMessage message = DnsMessage.decode(message(0, 2, chaos + internet));
        // RFC 2181 section 8: a time to live with the top bit set is zero.
        assertThat(message.answers())
                .containsExactly(
                        new DnsRecord(
                                new DnsName(List.of()),
                                true,
                                0,
                                new DnsRecord.Pointer(new DnsName(List.of()))));
    }

    @Test
    void aNameThatIsTooLongIsNone() throws Exception {
        String label = "x".repeat(63);
        assertThat(name(String.join(".", label, label, label, "x".repeat(61))).labels()).hasSize(4);
        assertThatThrownBy(() -> name(String.join(".", label, label, label, "x".repeat(62))))
                .isInstanceOf(DnsFormatException.class);
        assertThatThrownBy(() -> name("x".repeat(64))).isInstanceOf(DnsFormatException.class);
        assertThatThrownBy(() -> name("a..b")).isInstanceOf(DnsFormatException.class);
        assertThat(name("b").below(name("A.c.")).toString()).isEqualTo("b.a.c");
    }
}
