package org.tutti.libp2p.internal.dns;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.dns.DnsRecord.Address;
import org.tutti.libp2p.internal.dns.DnsRecord.Alias;
import org.tutti.libp2p.internal.dns.DnsRecord.Data;
import org.tutti.libp2p.internal.dns.DnsRecord.Other;
import org.tutti.libp2p.internal.dns.DnsRecord.Pointer;
import org.tutti.libp2p.internal.dns.DnsRecord.Service;
import org.tutti.libp2p.internal.dns.DnsRecord.Text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads one message. Everything is bounded by the bytes that came: a name by its 255, pointers by
/// going backwards only, records by [DnsMessage#MAX_RECORDS].
final class DnsReader {
    private static final int INTERNET = 1;

    /// RFC 6762 sections 5.4 and 10.2 put this bit beside the class.
    private static final int TOP_BIT = 0x8000;

    private static final int POINTER = 0xc0;

    private final byte[] bytes;
    private int at;

    DnsReader(byte[] bytes) {
        this.bytes = bytes;
    }

    DnsMessage message() throws DnsFormatException {
        int id = u16();
        int flags = u16();
        int questionCount = u16();
        int answerCount = u16();
        int authorityCount = u16();
        int additionalCount = u16();
        if (questionCount + answerCount + authorityCount + additionalCount
                > DnsMessage.MAX_RECORDS) {
            throw new DnsFormatException("more than " + DnsMessage.MAX_RECORDS + " records");
        }
        List<DnsQuestion> questions = new ArrayList<>();
        for (int i = 0; i < questionCount; i++) {
            question().ifPresent(questions::add);
        }
        List<DnsRecord> answers = records(answerCount);
        records(authorityCount);
        List<DnsRecord> additionals = records(additionalCount);
        if (at != bytes.length) {
            throw new DnsFormatException("bytes behind the message");
        }
        return new DnsMessage(id, flags, questions, answers, additionals);
    }

    private Optional<DnsQuestion> question() throws DnsFormatException {
        DnsName name = name();
        int type = u16();
        int dnsClass = u16();
        return (dnsClass & ~TOP_BIT) == INTERNET
                ? Optional.of(new DnsQuestion(name, type, (dnsClass & TOP_BIT) != 0))
                : Optional.empty();
    }

    private List<DnsRecord> records(int count) throws DnsFormatException {
        List<DnsRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            record().ifPresent(records::add);
        }
        return records;
    }

    private Optional<DnsRecord> record() throws DnsFormatException {
        DnsName name = name();
        int type = u16();
        int dnsClass = u16();
        long ttl = (long) u16() << 16 | u16();
        int length = u16();
        int end = at + length;
        require(length);
        Data data = data(type, length);
        if (at != end) {
            throw new DnsFormatException("a record that does not end where it says");
        }
        // RFC 2181 section 8: a value with the top bit set is zero.
        return (dnsClass & ~TOP_BIT) == INTERNET
                ? Optional.of(
                        new DnsRecord(
                                name, (dnsClass & TOP_BIT) != 0, (int) ttl < 0 ? 0 : ttl, data))
                : Optional.empty();
    }

    private Data data(int type, int length) throws DnsFormatException {
        Optional<DnsRecord.Type> known = DnsRecord.Type.of(type);
        if (known.isEmpty()) {
            return new Other(type, take(length));
        }
        return switch (known.get()) {
            case A -> address(length, 4);
            case AAAA -> address(length, 16);
            case CNAME -> new Alias(name());
            case PTR -> new Pointer(name());
            case TXT -> text(length);
            case SRV -> new Service(u16(), u16(), u16(), name());
            case ANY -> new Other(type, take(length));
        };
    }

    private Address address(int length, int expected) throws DnsFormatException {
        if (length != expected) {
            throw new DnsFormatException("an address of " + length + " bytes");
        }
        return new Address(take(length));
    }

    private Text text(int length) throws DnsFormatException {
        int end = at + length;
        List<Bytes> strings = new ArrayList<>();
        while (at < end) {
            int size = u8();
            if (size > end - at) {
                throw new DnsFormatException("a string that is longer than its record");
            }
            strings.add(take(size));
        }
        return new Text(strings);
    }

    /// RFC 1035 section 4.1.4. A pointer is "to a prior occurrence of the same name": ours have to
    /// point before everything that was read of this name, so that no two can form a loop.
    private DnsName name() throws DnsFormatException {
        List<String> labels = new ArrayList<>();
        int length = 1;
        int next = at;
        int before = at;
        boolean jumped = false;
        while (true) {
            int head = byteAt(next++);
            if (head == 0) {
                break;
            }
            if ((head & POINTER) == POINTER) {
                int target = (head & ~POINTER) << 8 | byteAt(next++);
                if (target >= before) {
                    throw new DnsFormatException("a name that points to itself or forward");
                }
                at = jumped ? at : next;
                jumped = true;
                before = target;
                next = target;
                continue;
            }
            if ((head & POINTER) != 0) {
                throw new DnsFormatException("a label of an unknown kind");
            }
            length += 1 + head;
            if (length > DnsName.MAX_LENGTH) {
                throw new DnsFormatException("a name over 255 bytes");
            }
            if (head > bytes.length - next) {
                throw new DnsFormatException("cut short");
            }
            labels.add(new String(bytes, next, head, ISO_8859_1));
            next += head;
        }
        at = jumped ? at : next;
        return new DnsName(labels);
    }

    private int byteAt(int index) throws DnsFormatException {
        if (index >= bytes.length) {
            throw new DnsFormatException("cut short");
        }
        return bytes[index] & 0xff;
    }

    private int u8() throws DnsFormatException {
        return byteAt(at++);
    }

    private int u16() throws DnsFormatException {
        return u8() << 8 | u8();
    }

    private void require(int length) throws DnsFormatException {
        if (length > bytes.length - at) {
            throw new DnsFormatException("cut short");
        }
    }

    private Bytes take(int length) throws DnsFormatException {
        require(length);
        at += length;
        return Bytes.of(bytes, at - length, at);
    }
}
