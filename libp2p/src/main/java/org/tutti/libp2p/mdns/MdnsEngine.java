package org.tutti.libp2p.mdns;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.dns.DnsFormatException;
import org.tutti.libp2p.internal.dns.DnsMessage;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiaddr.Protocol;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who is on the link (libp2p/specs discovery/mdns.md): asks, answers, and remembers for as long as
/// others promised to be there. Times are nanoseconds of any clock that never goes back.
final class MdnsEngine {
    /// RFC 6762 section 10: 120 seconds for records that go with a host.
    static final Duration TTL = Duration.ofMinutes(2);

    /// The longest promise that counts. rust promises 6 minutes and go 53, but whoever is there is
    /// asked again every half minute, and a liar should not be believed for long.
    static final Duration MAX_TTL = Duration.ofMinutes(10);

    /// RFC 6762 section 5.2: the first interval is at least one second, and they double. Every peer
    /// is asked some times before its promise ends.
    static final Duration FIRST_INTERVAL = Duration.ofSeconds(1);

    static final Duration LAST_INTERVAL = Duration.ofSeconds(32);

    /// RFC 6762 section 6: a record is not multicast again within one second.
    static final Duration ANSWER_INTERVAL = Duration.ofSeconds(1);

    /// RFC 6762 section 10.1: whoever said goodbye is gone after one second, in which somebody else
    /// may contradict.
    static final Duration GOODBYE = Duration.ofSeconds(1);

    /// The most peers that are remembered, of all and of one address. Many may run on one machine.
    static final int MAX_PEERS = 512;

    static final int MAX_PEERS_OF_SOURCE = 128;

    /// The most addresses of one peer, and the most sources that they came from.
    static final int MAX_ADDRESSES = 32;

    private static final int MAX_SOURCES = 8;

    /// What is known of a peer.
    private static final class Known {
        final Map<Multiaddr, Long> expiries = new LinkedHashMap<>();
        final Set<InetAddress> sources = new LinkedHashSet<>();
        final InetAddress first;
        DnsName lastName;

        Known(InetAddress first, DnsName name) {
            this.first = first;
            this.lastName = name;
        }

        long expiry() {
            return expiries.values().stream().max(Comparator.naturalOrder()).orElseThrow();
        }
    }

    private final PeerId self;
    private final String peerName;
    private final Map<PeerId, Known> peers = new LinkedHashMap<>();
    private List<Multiaddr> addresses = List.of();
    private boolean running;
    private long nextQuery;
    private Duration interval = FIRST_INTERVAL;
    private Optional<Long> lastAnswer = Optional.empty();
    // An answer that came too soon after the last one, and is given when its time comes.
    private boolean owesAnswer;
    private Optional<Long> lastServiceAnswer = Optional.empty();

    /// @param peerName discovery/mdns.md: 32 or more random lower-case characters, so that the name
    ///   of a peer that comes back is another; a label, so at most 63
    MdnsEngine(PeerId self, String peerName) {
        if (peerName.length() < 32) {
            throw new IllegalArgumentException("a peer name of " + peerName.length());
        }
        this.self = self;
        this.peerName = peerName;
    }

    /// Asks at once.
    List<MdnsOutput> start(List<Multiaddr> own, long now) {
        addresses = own(own);
        running = true;
        interval = FIRST_INTERVAL;
        nextQuery = now;
        return tick(own, now);
    }

    /// What is due now: a question, an answer that waited, peers whose time is over. Other
    /// addresses than before are announced.
    ///
    /// @param own where this host can be reached
    List<MdnsOutput> tick(List<Multiaddr> own, long now) {
        List<MdnsOutput> outputs = new ArrayList<>();
        if (!running) {
            return outputs;
        }
        List<Multiaddr> fresh = own(own);
        if (!fresh.equals(addresses)) {
            addresses = fresh;
            owesAnswer = true;
        }
        if (now - nextQuery >= 0) {
            outputs.add(new MdnsOutput.Send(MdnsMessages.query()));
            nextQuery = now + interval.toNanos();
            Duration doubled = interval.multipliedBy(2);
            interval = doubled.compareTo(LAST_INTERVAL) > 0 ? LAST_INTERVAL : doubled;
        }
        if (owesAnswer) {
            outputs.addAll(answer(now));
        }
        outputs.addAll(expire(now));
        return outputs;
    }

    /// When [#tick] has something to do at the latest; nothing while it is stopped.
    Optional<Long> nextTick() {
        if (!running) {
            return Optional.empty();
        }
        long next = nextQuery;
        if (owesAnswer && lastAnswer.isPresent()) {
            next = Math.min(next, lastAnswer.get() + ANSWER_INTERVAL.toNanos());
        }
        for (Known known : peers.values()) {
            next = Math.min(next, known.expiry());
        }
        return Optional.of(next);
    }

    /// Says goodbye, and forgets everybody without a word.
    List<MdnsOutput> stop() {
        if (!running) {
            return List.of();
        }
        running = false;
        peers.clear();
        return sends(MdnsMessages.response(peerName, self, addresses, Duration.ZERO));
    }

    /// A packet from the link, be it our own.
    List<MdnsOutput> receive(byte[] packet, MdnsSource source, long now) {
        if (!running) {
            return List.of();
        }
        try {
            DnsMessage message = DnsMessage.decode(packet);
            // RFC 6762 section 18.3, 18.11: whatever else is asked for or told is ignored.
            if (!message.isStandard() || message.responseCode() != 0) {
                return List.of();
            }
            return message.isResponse() ? learn(message, source, now) : answerTo(message, now);
        } catch (DnsFormatException e) {
            // Anybody on the link may send anything.
            return List.of();
        }
    }

    /// discovery/mdns.md: "a peer must respond to it's own query. This allows other peers to
    /// passively discover it", so it does not matter who asks.
    private List<MdnsOutput> answerTo(DnsMessage message, long now) {
        List<MdnsOutput> outputs = new ArrayList<>();
        if (MdnsMessages.asks(message, MdnsMessages.SERVICE)) {
            outputs.addAll(answer(now));
        }
        if (MdnsMessages.asks(message, MdnsMessages.SERVICES) && isTime(lastServiceAnswer, now)) {
            lastServiceAnswer = Optional.of(now);
            outputs.add(new MdnsOutput.Send(MdnsMessages.serviceResponse(TTL)));
        }
        return outputs;
    }

    private static boolean isTime(Optional<Long> last, long now) {
        return last.isEmpty() || now - last.get() >= ANSWER_INTERVAL.toNanos();
    }

    private List<MdnsOutput> answer(long now) {
        owesAnswer = !isTime(lastAnswer, now);
        if (owesAnswer) {
            return List.of();
        }
        lastAnswer = Optional.of(now);
        return sends(MdnsMessages.response(peerName, self, addresses, TTL));
    }

    private static List<MdnsOutput> sends(List<Bytes> packets) {
        return packets.stream().<MdnsOutput>map(MdnsOutput.Send::new).toList();
    }

    private List<MdnsOutput> learn(DnsMessage message, MdnsSource source, long now) {
        List<MdnsOutput> outputs = new ArrayList<>();
        for (Announcement announcement : MdnsMessages.announcements(message)) {
            boolean goodbye = announcement.ttl().isZero();
            if (announcement.peer().filter(self::equals).isPresent()) {
                // Somebody says that we are gone.
                if (goodbye) {
                    outputs.addAll(answer(now));
                }
            } else if (goodbye) {
                leave(announcement, source, now);
            } else {
                announcement
                        .peer()
                        .ifPresent(peer -> outputs.addAll(meet(peer, announcement, source, now)));
            }
        }
        return outputs;
    }

    /// A goodbye counts from where the peer was announced: nobody else on the link can end it.
    private void leave(Announcement goodbye, MdnsSource source, long now) {
        for (Map.Entry<PeerId, Known> entry : peers.entrySet()) {
            Known known = entry.getValue();
            boolean meant =
                    goodbye.peer()
                            .map(entry.getKey()::equals)
                            .orElse(known.lastName.equals(goodbye.name()));
            if (meant && known.sources.contains(source.address())) {
                long end = now + GOODBYE.toNanos();
                known.expiries.replaceAll((_, expiry) -> Math.min(expiry, end));
            }
        }
    }

    private List<MdnsOutput> meet(
            PeerId peer, Announcement announcement, MdnsSource source, long now) {
        List<Multiaddr> reachable =
                announcement.addresses().stream()
                        .filter(a -> source.ours() || !isLoopback(a))
                        .toList();
        if (reachable.isEmpty()) {
            return List.of();
        }
        List<MdnsOutput> outputs = new ArrayList<>();
        Known known = peers.get(peer);
        if (known == null) {
            if (!makeRoom(source, outputs)) {
                return outputs;
            }
            known = new Known(source.address(), announcement.name());
            peers.put(peer, known);
        }
        known.lastName = announcement.name();
        if (known.sources.size() < MAX_SOURCES) {
            known.sources.add(source.address());
        }
        Duration ttl = announcement.ttl().compareTo(MAX_TTL) > 0 ? MAX_TTL : announcement.ttl();
        boolean news = false;
        for (Multiaddr address : reachable) {
            boolean isKnown = known.expiries.containsKey(address);
            if (isKnown || known.expiries.size() < MAX_ADDRESSES) {
                known.expiries.put(address, now + ttl.toNanos());
                news |= !isKnown;
            }
        }
        if (news) {
            outputs.add(
                    new MdnsOutput.Tell(
                            new MdnsEvent.Discovered(peer, List.copyOf(known.expiries.keySet()))));
        }
        return outputs;
    }

    /// Where the table is full, the peer that was met first goes, of the source with the most. Such
    /// a source gets no place for one more.
    private boolean makeRoom(MdnsSource newcomer, List<MdnsOutput> outputs) {
        Map<InetAddress, Integer> counts = new HashMap<>();
        peers.values().forEach(known -> counts.merge(known.first, 1, Integer::sum));
        int ofNewcomer = counts.getOrDefault(newcomer.address(), 0);
        if (ofNewcomer >= MAX_PEERS_OF_SOURCE) {
            return false;
        }
        if (peers.size() < MAX_PEERS) {
            return true;
        }
        Map.Entry<InetAddress, Integer> most =
                counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        if (most.getValue() <= ofNewcomer) {
            return false;
        }
        PeerId gone =
                peers.entrySet().stream()
                        .filter(e -> e.getValue().first.equals(most.getKey()))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
        peers.remove(gone);
        outputs.add(new MdnsOutput.Tell(new MdnsEvent.Expired(gone)));
        return true;
    }

    private List<MdnsOutput> expire(long now) {
        List<MdnsOutput> outputs = new ArrayList<>();
        peers.entrySet()
                .removeIf(entry -> {
                    Map<Multiaddr, Long> expiries = entry.getValue().expiries;
                    if (now - entry.getValue().expiry() < 0) {
                        expiries.values().removeIf(expiry -> now - expiry >= 0);
                        return false;
                    }
                    outputs.add(new MdnsOutput.Tell(new MdnsEvent.Expired(entry.getKey())));
                    return true;
                });
        return outputs;
    }

    /// What is announced: addresses that begin with an IP address or a host's name and are not
    /// through a relay; those of loopback only where there are no others.
    private List<Multiaddr> own(List<Multiaddr> all) {
        List<Multiaddr> usable =
                all.stream()
                        .map(Multiaddr::withoutPeerId)
                        .filter(MdnsEngine::isDirect)
                        .distinct()
                        .toList();
        List<Multiaddr> outside = usable.stream().filter(a -> !isLoopback(a)).toList();
        return (outside.isEmpty() ? usable : outside).stream().limit(MAX_ADDRESSES).toList();
    }

    private static boolean isDirect(Multiaddr address) {
        return !address.isEmpty()
                && !address.has(Protocol.P2P_CIRCUIT)
                && switch (address.components().getFirst().protocol()) {
                    case IP4, IP6, DNS, DNS4, DNS6 -> true;
                    default -> false;
                };
    }

    private static boolean isLoopback(Multiaddr address) {
        Component first = address.components().getFirst();
        return switch (first.protocol()) {
            case IP4 -> first.value().get(0) == 127;
            case IP6 -> first.text().equals("::1");
            default -> false;
        };
    }
}
