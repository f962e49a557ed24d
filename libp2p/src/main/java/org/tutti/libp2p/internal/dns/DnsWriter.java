package org.tutti.libp2p.internal.dns;

import org.tutti.base.Bytes;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// Writes one message, every name in full.
final class DnsWriter {
    private static final int MAX_LENGTH = 65_535;
    private static final int INTERNET = 1;
    private static final int TOP_BIT = 0x8000;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] message(DnsMessage message) {
        u16(message.id());
        u16(message.flags());
        u16(message.questions().size());
        u16(message.answers().size());
        u16(0);
        u16(message.additionals().size());
        for (DnsQuestion question : message.questions()) {
            name(question.name());
            u16(question.type());
            u16(question.unicast() ? INTERNET | TOP_BIT : INTERNET);
        }
        records(message.answers());
        records(message.additionals());
        if (out.size() > MAX_LENGTH) {
            throw new IllegalArgumentException("a message of " + out.size() + " bytes");
        }
        return out.toByteArray();
    }

    private void records(List<DnsRecord> records) {
        for (DnsRecord record : records) {
            name(record.name());
            u16(record.data().type());
            u16(record.flush() ? INTERNET | TOP_BIT : INTERNET);
            u16((int) (record.ttl() >>> 16));
            u16((int) record.ttl());
            byte[] data = new DnsWriter().data(record.data());
            if (data.length > MAX_LENGTH) {
                throw new IllegalArgumentException("a record of " + data.length + " bytes");
            }
            u16(data.length);
            out.writeBytes(data);
        }
    }

    private byte[] data(DnsRecord.Data data) {
        switch (data) {
            case DnsRecord.Address(Bytes address) -> out.writeBytes(address.toArray());
            case DnsRecord.Alias(DnsName target) -> name(target);
            case DnsRecord.Pointer(DnsName target) -> name(target);
            case DnsRecord.Service(int priority, int weight, int port, DnsName target) -> {
                u16(priority);
                u16(weight);
                u16(port);
                name(target);
            }
            case DnsRecord.Text(List<Bytes> strings) -> strings.forEach(this::string);
            case DnsRecord.Other(int _, Bytes bytes) -> out.writeBytes(bytes.toArray());
        }
        return out.toByteArray();
    }

    private void string(Bytes string) {
        if (string.length() > 255) {
            throw new IllegalArgumentException("a string of " + string.length() + " bytes");
        }
        out.write(string.length());
        out.writeBytes(string.toArray());
    }

    private void name(DnsName name) {
        for (int i = 0; i < name.labels().size(); i++) {
            byte[] label = name.bytes(i);
            out.write(label.length);
            out.writeBytes(label);
        }
        out.write(0);
    }

    private void u16(int value) {
        out.write(value >>> 8);
        out.write(value);
    }
}
