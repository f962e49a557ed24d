package org.tutti.node.config;

/// `host:port`, the host a name, an IPv4 address, or an IPv6 address in brackets.
///
/// @param host without brackets
/// @param port 1 to 65535
public record HostPort(String host, int port) {
    /// @throws IllegalArgumentException saying what is wrong
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("must be HOST:PORT");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address must be in brackets: [::1]:18444");
        }
        if (!host.matches("[A-Za-z0-9.:_-]+")) {
            throw new IllegalArgumentException("not a host name or address");
        }
        return new HostPort(host, port(text.substring(colon + 1)));
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}")
                || Integer.parseInt(text) == 0
                || Integer.parseInt(text) > 65_535) {
            throw new IllegalArgumentException("the port must be 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
