package org.tutti.libp2p.internal.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What this machine knows of names: those of its hosts file (hosts(5)), and whom to ask for others
/// (resolv.conf(5)).
public final class SystemNames {
    private static final int DNS_PORT = 53;

    /// resolv.conf(5): "up to MAXNS (currently 3)".
    private static final int MAX_SERVERS = 3;

    private final Map<DnsName, Set<InetAddress>> hosts;
    private final List<InetSocketAddress> servers;

    private SystemNames(Map<DnsName, Set<InetAddress>> hosts, List<InetSocketAddress> servers) {
        this.hosts = hosts;
        this.servers = List.copyOf(servers);
    }

    /// No file, these servers.
    public static SystemNames of(List<InetSocketAddress> servers) {
        return new SystemNames(Map.of(), servers);
    }

    /// A file that cannot be read has nothing in it.
    public static SystemNames read(Path hostsFile, Path resolverFile) {
        Map<DnsName, Set<InetAddress>> hosts = new HashMap<>();
        for (List<String> words : lines(hostsFile)) {
            literal(words.getFirst())
                    .ifPresent(address ->
                            words.stream()
                                    .skip(1)
                                    .flatMap(name -> name(name).stream())
                                    .forEach(name ->
                                            hosts.computeIfAbsent(name, _ -> new LinkedHashSet<>())
                                                    .add(address)));
        }
        List<InetSocketAddress> servers = new ArrayList<>();
        for (List<String> words : lines(resolverFile)) {
            if (words.getFirst().equals("nameserver") && words.size() > 1) {
                literal(words.get(1))
                        .filter(_ -> servers.size() < MAX_SERVERS)
                        .ifPresent(a -> servers.add(new InetSocketAddress(a, DNS_PORT)));
            }
        }
        return new SystemNames(hosts, servers);
    }

    /// The words of each line that has any, without comments.
    private static List<List<String>> lines(Path file) {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.replaceFirst("[#;].*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .map(line -> List.of(line.split("\\s+")))
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of();
        }
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<DnsName> name(String text) {
        try {
            return Optional.of(DnsName.parse(text));
        } catch (DnsFormatException e) {
            return Optional.empty();
        }
    }

    /// The addresses of a name that no server is asked for; `localhost` is one whatever the file
    /// says (RFC 6761 section 6.3).
    public Set<InetAddress> hosts(DnsName name) {
        Set<InetAddress> known = hosts.getOrDefault(name, Set.of());
        boolean isLocal = name.labels().getLast().equals("localhost");
        if (!known.isEmpty() || !isLocal) {
            return known;
        }
        Set<InetAddress> loopback = new LinkedHashSet<>();
        literal("127.0.0.1").ifPresent(loopback::add);
        literal("::1").ifPresent(loopback::add);
        return loopback;
    }

    /// In the order in which they are asked.
    public List<InetSocketAddress> servers() {
        return servers;
    }
}
