package org.tutti.libp2p.internal.dns;

import java.util.List;

/// A DNS message (RFC 1035 section 4). Records of other classes than the internet's are left out
/// when it is read, and so is the authority section, which nobody here needs.
///
/// @param flags all sixteen bits, of which [#isResponse] and its like read some
public record DnsMessage(
        int id,
        int flags,
        List<DnsQuestion> questions,
        List<DnsRecord> answers,
        List<DnsRecord> additionals) {
    /// The most questions and records in one message; libp2p's have some dozens.
    public static final int MAX_RECORDS = 256;

    private static final int RESPONSE = 0x8000;
    private static final int OPCODE = 0x7800;
    private static final int AUTHORITATIVE = 0x0400;
    private static final int TRUNCATED = 0x0200;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int CODE = 0x000f;

    public DnsMessage {
        questions = List.copyOf(questions);
        answers = List.copyOf(answers);
        additionals = List.copyOf(additionals);
    }

    /// A question to a name server, which is to ask others if it has to.
    public static DnsMessage query(int id, DnsQuestion question) {
        return new DnsMessage(id, RECURSION_DESIRED, List.of(question), List.of(), List.of());
    }

    /// RFC 6762 section 18: a question to all on the link.
    public static DnsMessage multicastQuery(DnsQuestion question) {
        return new DnsMessage(0, 0, List.of(question), List.of(), List.of());
    }

    /// RFC 6762 section 18: an answer to all on the link.
    public static DnsMessage multicastResponse(
            List<DnsRecord> answers, List<DnsRecord> additionals) {
        return new DnsMessage(0, RESPONSE | AUTHORITATIVE, List.of(), answers, additionals);
    }

    public boolean isResponse() {
        return (flags & RESPONSE) != 0;
    }

    /// An ordinary question or answer, not a notification or an update.
    public boolean isStandard() {
        return (flags & OPCODE) == 0;
    }

    public boolean isTruncated() {
        return (flags & TRUNCATED) != 0;
    }

    /// 0 is success, 3 a name that does not exist (RFC 1035 section 4.1.1).
    public int responseCode() {
        return flags & CODE;
    }

    /// @throws DnsFormatException unless the bytes are exactly one message with at most
    ///   [#MAX_RECORDS] questions and records
    public static DnsMessage decode(byte[] bytes) throws DnsFormatException {
        return new DnsReader(bytes).message();
    }

    /// The bytes, without compression: no message of ours is so long that it would matter.
    ///
    /// @throws IllegalArgumentException over 65,535 bytes
    public byte[] encode() {
        return new DnsWriter().message(this);
    }
}
