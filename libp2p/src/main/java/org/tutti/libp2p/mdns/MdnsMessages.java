package org.tutti.libp2p.mdns;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.dns.DnsMessage;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.internal.dns.DnsQuestion;
import org.tutti.libp2p.internal.dns.DnsRecord;
import org.tutti.libp2p.internal.dns.DnsRecord.Address;
import org.tutti.libp2p.internal.dns.DnsRecord.Pointer;
import org.tutti.libp2p.internal.dns.DnsRecord.Service;
import org.tutti.libp2p.internal.dns.DnsRecord.Text;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Protocol;
import org.tutti.libp2p.multiformats.MultiformatException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The packets of discovery/mdns.md.
final class MdnsMessages {
    /// discovery/mdns.md: "`service-name` … is defined as `_p2p._udp.local`".
    static final DnsName SERVICE = new DnsName(List.of("_p2p", "_udp", "local"));

    /// RFC 6763 section 9: asks which services there are.
    static final DnsName SERVICES = new DnsName(List.of("_services", "_dns-sd", "_udp", "local"));

    private static final DnsName LOCAL = new DnsName(List.of("local"));

    /// RFC 1035 section 3.3: a length of one byte.
    static final int MAX_STRING = 255;

    /// The most addresses that are read of a name in one packet.
    static final int MAX_ADDRESSES = 32;

    /// RFC 6762 section 17: better not more than fits an Ethernet frame.
    static final int MAX_PACKET = 1400;

    private static final String ADDRESS = "dnsaddr=";

    /// All of a response but the strings: less than that.
    private static final int FRAME = 600;

    /// What an SRV record says where no address has a port, as in go; nobody uses it.
    private static final int NO_PORT = 4001;

    private MdnsMessages() {}

    /// The question who is there.
    static Bytes query() {
        return Bytes.wrap(
                DnsMessage.multicastQuery(
                                new DnsQuestion(SERVICE, DnsRecord.Type.PTR.code(), false))
                        .encode());
    }

    /// The answer that there are peers at all, for programs that list services.
    static Bytes serviceResponse(Duration ttl) {
        return Bytes.wrap(
                DnsMessage.multicastResponse(
                                List.of(
                                        new DnsRecord(
                                                SERVICES,
                                                false,
                                                ttl.toSeconds(),
                                                new Pointer(SERVICE))),
                                List.of())
                        .encode());
    }

    /// The answer who we are, in as many packets as the addresses need. An address that is too long
    /// for a string is left out.
    ///
    /// @param ttl zero is a goodbye
    static List<Bytes> response(
            String peerName, PeerId self, List<Multiaddr> addresses, Duration ttl) {
        List<Bytes> packets = new ArrayList<>();
        List<Bytes> strings = new ArrayList<>();
        int length = 0;
        for (Multiaddr address : addresses) {
            byte[] string = (ADDRESS + address.withPeerId(self)).getBytes(US_ASCII);
            if (string.length > MAX_STRING) {
                continue;
            }
            if (FRAME + length + string.length > MAX_PACKET) {
                packets.add(response(peerName, addresses, strings, ttl));
                strings.clear();
                length = 0;
            }
            strings.add(Bytes.wrap(string));
            length += 1 + string.length;
        }
        if (!strings.isEmpty()) {
            packets.add(response(peerName, addresses, strings, ttl));
        }
        return packets;
    }

    /// discovery/mdns.md, "Response": the PTR is the answer, and rust looks for the TXT among the
    /// additional records alone. Nobody needs the SRV and the addresses of its host, but go takes
    /// no answer without.
    private static Bytes response(
            String peerName, List<Multiaddr> addresses, List<Bytes> strings, Duration ttl) {
        DnsName label = new DnsName(List.of(peerName));
        DnsName name = label.below(SERVICE);
        DnsName host = label.below(LOCAL);
        long seconds = ttl.toSeconds();
        List<DnsRecord> additionals = new ArrayList<>();
        additionals.add(new DnsRecord(name, true, seconds, new Text(strings)));
        additionals.add(
                new DnsRecord(name, true, seconds, new Service(0, 0, port(addresses), host)));
        for (Protocol family : new Protocol[] {Protocol.IP4, Protocol.IP6}) {
            addresses.stream()
                    .flatMap(address -> address.component(family).stream())
                    .findFirst()
                    .ifPresent(ip ->
                            additionals.add(
                                    new DnsRecord(host, true, seconds, new Address(ip.value()))));
        }
        return Bytes.wrap(
                DnsMessage.multicastResponse(
                                List.of(new DnsRecord(SERVICE, false, seconds, new Pointer(name))),
                                additionals)
                        .encode());
    }

    private static int port(List<Multiaddr> addresses) {
        return addresses.stream()
                .flatMap(
                        a -> a.component(Protocol.TCP).or(() -> a.component(Protocol.UDP)).stream())
                .map(c -> Integer.parseInt(c.text()))
                .findFirst()
                .orElse(NO_PORT);
    }

    static boolean asks(DnsMessage message, DnsName name) {
        return !message.isResponse()
                && message.questions().stream()
                        .anyMatch(q -> q.name().equals(name) && q.asksFor(DnsRecord.Type.PTR));
    }

    /// The peers that a response names. go has the TXT beside the PTR when it announces itself, and
    /// behind it when it was asked; rust's names are not below the service's.
    static List<Announcement> announcements(DnsMessage message) {
        Map<DnsName, Long> names = new LinkedHashMap<>();
        for (DnsRecord record : message.answers()) {
            if (record.name().equals(SERVICE) && record.data() instanceof Pointer(DnsName target)) {
                names.merge(target, record.ttl(), Math::max);
            }
        }
        Map<DnsName, List<Bytes>> texts = new LinkedHashMap<>();
        Stream.concat(message.answers().stream(), message.additionals().stream())
                .forEach(record -> {
                    if (record.data() instanceof Text(List<Bytes> strings)
                            && names.containsKey(record.name())) {
                        texts.computeIfAbsent(record.name(), _ -> new ArrayList<>())
                                .addAll(strings);
                    }
                });
        List<Announcement> announcements = new ArrayList<>();
        names.forEach((name, ttl) ->
                announcements.add(announcement(name, texts.getOrDefault(name, List.of()), ttl)));
        return announcements;
    }

    /// One name is one peer: addresses of another than the first are left out, as in rust.
    private static Announcement announcement(DnsName name, List<Bytes> strings, long ttl) {
        Optional<PeerId> peer = Optional.empty();
        List<Multiaddr> addresses = new ArrayList<>();
        for (Bytes string : strings) {
            Optional<Multiaddr> address = address(string);
            Optional<PeerId> named = address.flatMap(Multiaddr::peerId);
            if (named.isEmpty() || (peer.isPresent() && !peer.equals(named))) {
                continue;
            }
            peer = named;
            Multiaddr bare = address.get().withoutPeerId();
            if (!bare.isEmpty() && !addresses.contains(bare)) {
                addresses.add(bare);
            }
            if (addresses.size() >= MAX_ADDRESSES) {
                break;
            }
        }
        return new Announcement(name, peer, addresses, Duration.ofSeconds(ttl));
    }

    private static Optional<Multiaddr> address(Bytes string) {
        String text = new String(string.toArray(), UTF_8);
        if (!text.startsWith(ADDRESS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Multiaddr.parse(text.substring(ADDRESS.length())));
        } catch (MultiformatException e) {
            // Of a protocol that we do not know, or nonsense: no reason to drop the others.
            return Optional.empty();
        }
    }
}
