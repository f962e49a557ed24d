package org.tutti.libp2p.internal.dns;

/// A question (RFC 1035 section 4.1.2) of the internet class.
///
/// @param type its number; see [DnsRecord.Type]
/// @param unicast RFC 6762 section 5.4: whether the answer may come to the asker alone
public record DnsQuestion(DnsName name, int type, boolean unicast) {
    /// Whether a record of this type answers it.
    public boolean asksFor(DnsRecord.Type wanted) {
        return type == wanted.code() || type == DnsRecord.Type.ANY.code();
    }
}
