package org.tutti.libp2p.internal.swarm;

import org.tutti.libp2p.dns.Resolver;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.multiaddr.Multiaddr.Component;
import org.tutti.libp2p.multiformats.MultiformatException;
import org.tutti.libp2p.time.Timer;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// What the names at the beginning of addresses stand for: `/dns`, `/dns4` and `/dns6` for the
/// addresses of a host, `/dnsaddr` for the addresses that TXT records list (multiformats/multiaddr
/// protocols/DNSADDR.md), which may begin with names again.
public final class AddressResolver {
    /// Questions for one dial, whoever's names they are: rust asks 32.
    static final int MAX_LOOKUPS = 32;

    /// `/dnsaddr` behind `/dnsaddr`: as deep as go follows them.
    static final int MAX_DEPTH = 4;

    /// Addresses that one dial's names may stand for, as in go.
    static final int MAX_ADDRESSES = 100;

    /// For all questions of one dial: no more are asked after it.
    static final Duration MAX_TIME = Duration.ofSeconds(10);

    private static final String RECORD = "dnsaddr=";
    private static final String SUBDOMAIN = "_dnsaddr.";

    private final Resolver resolver;
    private final Timer timer;

    public AddressResolver(Resolver resolver, Timer timer) {
        this.resolver = resolver;
        this.timer = timer;
    }

    /// @param addresses in the order of those that they were made of, without `/p2p`
    /// @param failures names that stand for nothing, or that nobody told
    public record Resolved(List<Multiaddr> addresses, List<Failure> failures) {
        public Resolved {
            addresses = List.copyOf(addresses);
            failures = List.copyOf(failures);
        }
    }

    /// An address whose name could not be resolved.
    public record Failure(Multiaddr address, IOException cause) {}

    private record Pending(Multiaddr address, int depth) {}

    /// Resolves all names. Addresses that begin with no name are given back as they are. Blocks.
    ///
    /// @param addresses with or without `/p2p` and this peer's id
    public Resolved resolve(PeerId peer, List<Multiaddr> addresses) {
        if (addresses.stream().noneMatch(AddressResolver::isNamed)) {
            return new Resolved(addresses, List.of());
        }
        List<Multiaddr> found = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        resolve(
                peer,
                addresses,
                resolved -> {
                    found.addAll(resolved.addresses);
                    failures.addAll(resolved.failures);
                    return true;
                });
        return new Resolved(found, failures);
    }

    /// The same, and tells what each of the addresses stands for as soon as it is known: a name
    /// that nobody answers for holds up those behind it, and no other. Blocks.
    ///
    /// @param each says whether to go on
    void resolve(PeerId peer, List<Multiaddr> addresses, Predicate<Resolved> each) {
        Lookups lookups = new Lookups(peer);
        for (Multiaddr address : addresses) {
            if (!each.test(lookups.of(address))) {
                return;
            }
        }
    }

    /// Whether somebody has to be asked what it stands for.
    static boolean isNamed(Multiaddr address) {
        return !address.isEmpty()
                && switch (address.components().getFirst().protocol()) {
                    case DNS, DNS4, DNS6, DNSADDR -> true;
                    default -> false;
                };
    }

    /// The questions of one dial.
    private final class Lookups {
        private final PeerId peer;
        private final long end = timer.nanoTime() + MAX_TIME.toNanos();
        private final Set<Multiaddr> found = new HashSet<>();
        private final List<Failure> failures = new ArrayList<>();
        // Each once: a loop ends where it began.
        private final Set<Multiaddr> seen = new HashSet<>();
        private int lookups;

        Lookups(PeerId peer) {
            this.peer = peer;
        }

        /// What this one stands for, but for what an earlier one does.
        Resolved of(Multiaddr address) {
            List<Multiaddr> news = new ArrayList<>();
            int failed = failures.size();
            // What an address stands for comes before the next address.
            Deque<Pending> pending = new ArrayDeque<>();
            pending.add(new Pending(address.withPeerId(peer), 0));
            while (!pending.isEmpty() && found.size() < MAX_ADDRESSES) {
                Pending next = pending.removeFirst();
                if (!isNamed(next.address)) {
                    Multiaddr bare = next.address.withoutPeerId();
                    if (found.add(bare)) {
                        news.add(bare);
                    }
                } else if (seen.add(next.address)) {
                    List<Multiaddr> behind = behind(next);
                    behind.reversed()
                            .forEach(a -> pending.addFirst(new Pending(a, next.depth + 1)));
                }
            }
            return new Resolved(news, failures.subList(failed, failures.size()));
        }

        private List<Multiaddr> behind(Pending named) {
            try {
                if (named.depth > MAX_DEPTH) {
                    throw new IOException("names behind names, more than " + MAX_DEPTH);
                }
                List<Multiaddr> behind = lookUp(named.address);
                if (behind.isEmpty()) {
                    throw new IOException("the name stands for no address of this peer");
                }
                return behind;
            } catch (IOException e) {
                if (failures.size() < MAX_ADDRESSES) {
                    failures.add(new Failure(named.address, e));
                }
                return List.of();
            }
        }

        private List<Multiaddr> lookUp(Multiaddr address) throws IOException {
            Component first = address.components().getFirst();
            List<Component> rest = address.components().subList(1, address.components().size());
            String name = first.text();
            return switch (first.protocol()) {
                case DNS -> hostAddresses(name, rest);
                case DNS4 -> join("/ip4/", ip4(name), rest);
                case DNS6 -> join("/ip6/", ip6(name), rest);
                case DNSADDR -> listed(name, rest);
                default -> List.of(address);
            };
        }

        /// One of the two kinds is enough.
        private List<Multiaddr> hostAddresses(String name, List<Component> rest)
                throws IOException {
            List<Multiaddr> both = new ArrayList<>();
            IOException failed = null;
            try {
                both.addAll(join("/ip6/", ip6(name), rest));
            } catch (IOException e) {
                failed = e;
            }
            try {
                both.addAll(join("/ip4/", ip4(name), rest));
            } catch (IOException e) {
                failed = e;
            }
            if (both.isEmpty() && failed != null) {
                throw failed;
            }
            return both;
        }

        private List<? extends InetAddress> ip4(String name) throws IOException {
            count();
            return resolver.ip4(name);
        }

        private List<? extends InetAddress> ip6(String name) throws IOException {
            count();
            return resolver.ip6(name);
        }

        private void count() throws IOException {
            if (lookups++ >= MAX_LOOKUPS) {
                throw new IOException("more than " + MAX_LOOKUPS + " names to look up");
            }
            if (timer.nanoTime() - end >= 0) {
                throw new IOException(
                        "names could not be looked up within " + MAX_TIME.toSeconds() + " s");
            }
        }

        /// DNSADDR.md: "Valid `dnsaddr` TXT records begin with `dnsaddr=`, followed by a single
        /// multiaddr". Those count that end as the address that was asked for does behind the name,
        /// with this peer's id.
        private List<Multiaddr> listed(String name, List<Component> rest) throws IOException {
            count();
            List<Multiaddr> listed = new ArrayList<>();
            for (String text : resolver.txt(SUBDOMAIN + name)) {
                if (!text.startsWith(RECORD) || listed.size() >= MAX_ADDRESSES) {
                    continue;
                }
                try {
                    Multiaddr address = Multiaddr.parse(text.substring(RECORD.length()));
                    if (endsIn(address, rest)) {
                        listed.add(address);
                    }
                } catch (MultiformatException e) {
                    // For others, who know this protocol.
                }
            }
            return listed;
        }
    }

    private static boolean endsIn(Multiaddr address, List<Component> suffix) {
        List<Component> all = address.components();
        int from = all.size() - suffix.size();
        return from >= 0 && all.subList(from, all.size()).equals(suffix);
    }

    private static List<Multiaddr> join(
            String protocol, List<? extends InetAddress> hosts, List<Component> rest) {
        List<Multiaddr> joined = new ArrayList<>();
        for (InetAddress host : hosts) {
            String text = host.getHostAddress();
            int zone = text.indexOf('%');
            Multiaddr address =
                    Multiaddr.parse(protocol + (zone < 0 ? text : text.substring(0, zone)));
            joined.add(
                    rest.isEmpty()
                            ? address
                            : address.encapsulate(Multiaddr.of(rest.toArray(Component[]::new))));
        }
        return joined;
    }
}
