package org.tutti.libp2p.internal.dns;

/// Bytes that are no DNS message, or text that is no domain name.
public final class DnsFormatException extends Exception {
    public DnsFormatException(String message) {
        super(message);
    }
}
