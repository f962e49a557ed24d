package org.tutti.libp2p.dns;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.dns.DnsClient;
import org.tutti.libp2p.internal.dns.DnsFormatException;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.internal.dns.DnsRecord;
import org.tutti.libp2p.internal.dns.SystemNames;

import java.io.IOException;
import java.net.IDN;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Asks name servers with packets of its own (RFC 1035), because Java looks a name up in native
/// code, which keeps the thread that carries all virtual ones for as long as no server answers, and
/// reads no TXT records. Safe for all threads; keeps nothing between calls.
public final class DnsResolver implements Resolver {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Supplier<SystemNames> system;
    private final Duration timeout;
    private final SecureRandom random;

    private DnsResolver(Supplier<SystemNames> system, Duration timeout, SecureRandom random) {
        this.system = system;
        this.timeout = timeout;
        this.random = random;
    }

    /// Knows `/etc/hosts`, and asks the servers of `/etc/resolv.conf`, as they are at each call.
    /// Names are taken as they stand: no search domains.
    public static DnsResolver system() {
        return new DnsResolver(
                () -> SystemNames.read(Path.of("/etc/hosts"), Path.of("/etc/resolv.conf")),
                TIMEOUT,
                new SecureRandom());
    }

    /// Asks these servers, in order.
    ///
    /// @param timeout for each try; each server is tried twice
    public static DnsResolver of(List<InetSocketAddress> servers, Duration timeout) {
        SystemNames names = SystemNames.of(servers);
        return new DnsResolver(() -> names, timeout, new SecureRandom());
    }

    @Override
    public List<Inet4Address> ip4(String name) throws IOException {
        return addresses(name, DnsRecord.Type.A, Inet4Address.class);
    }

    @Override
    public List<Inet6Address> ip6(String name) throws IOException {
        return addresses(name, DnsRecord.Type.AAAA, Inet6Address.class);
    }

    private <T extends InetAddress> List<T> addresses(
            String name, DnsRecord.Type type, Class<T> family) throws IOException {
        Optional<InetAddress> literal = literal(name);
        if (literal.isPresent()) {
            return literal.stream().filter(family::isInstance).map(family::cast).toList();
        }
        SystemNames names = system.get();
        DnsName asked = name(name);
        Set<InetAddress> known = names.hosts(asked);
        if (!known.isEmpty()) {
            return known.stream().filter(family::isInstance).map(family::cast).toList();
        }
        List<T> found = new ArrayList<>();
        for (DnsRecord.Data data : client(names).query(asked, type)) {
            if (data instanceof DnsRecord.Address(Bytes bytes)) {
                InetAddress address = InetAddress.getByAddress(bytes.toArray());
                // An AAAA record that maps IPv4 is an IPv4 address in Java's eyes.
                if (family.isInstance(address)) {
                    found.add(family.cast(address));
                }
            }
        }
        return List.copyOf(found);
    }

    private static Optional<InetAddress> literal(String name) {
        try {
            return Optional.of(InetAddress.ofLiteral(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> txt(String name) throws IOException {
        List<String> found = new ArrayList<>();
        for (DnsRecord.Data data : client(system.get()).query(name(name), DnsRecord.Type.TXT)) {
            if (data instanceof DnsRecord.Text text) {
                text.joined().ifPresent(found::add);
            }
        }
        return List.copyOf(found);
    }

    private DnsClient client(SystemNames names) {
        return new DnsClient(names.servers(), timeout, random);
    }

    /// An internationalised name in the form that DNS has it.
    private static DnsName name(String name) throws IOException {
        try {
            // Underscores stand in names of records such as `_dnsaddr`; no flag, so they pass.
            return DnsName.parse(IDN.toASCII(name));
        } catch (DnsFormatException | IllegalArgumentException e) {
            UnknownHostException unknown = new UnknownHostException("not a domain name: " + name);
            unknown.initCause(e);
            throw unknown;
        }
    }
}
