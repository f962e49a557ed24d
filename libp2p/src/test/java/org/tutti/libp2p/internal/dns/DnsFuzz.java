package org.tutti.libp2p.internal.dns;

import java.util.List;

/// DNS messages of strangers: refused with a typed error, or read into no more than came, and
/// written as a message that says the same.
public final class DnsFuzz {
    private DnsFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        try {
            DnsMessage message = DnsMessage.decode(input);
            int records = message.answers().size() + message.additionals().size();
            require(records + message.questions().size() <= DnsMessage.MAX_RECORDS, "records");
            for (DnsRecord record : message.answers()) {
                if (record.data() instanceof DnsRecord.Text text) {
                    text.joined()
                            .ifPresent(joined ->
                                    require(joined.length() <= input.length, "more than came"));
                }
            }
            require(DnsMessage.decode(message.encode()).equals(message), "another was written");
        } catch (DnsFormatException _) {
            // Typed: that is the point.
        } catch (IllegalArgumentException e) {
            // Names that share bytes can be longer than a message when they are written in full.
            require(e.getMessage() != null && e.getMessage().startsWith("a "), "untyped");
        }
    }

    static List<byte[]> seeds() {
        try {
            return List.of(
                    DnsMessageTest.example().encode(),
                    DnsMessage.query(
                                    1,
                                    new DnsQuestion(
                                            DnsName.parse("_dnsaddr.bootstrap.libp2p.io"),
                                            DnsRecord.Type.TXT.code(),
                                            false))
                            .encode());
        } catch (DnsFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
