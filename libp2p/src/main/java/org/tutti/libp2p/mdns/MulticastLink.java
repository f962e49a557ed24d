package org.tutti.libp2p.mdns;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The interfaces of this machine that can multicast, over IPv4 and IPv6 (RFC 6762 section 3). The
/// loopback interface is used only where there is no other.
///
/// One socket for each family has joined the group on every interface, and says before each packet
/// which one it leaves by. Threads: one virtual thread for each socket. The lock guards everything;
/// sending does not wait for anybody.
final class MulticastLink implements MdnsLink {
    static final int PORT = 5353;

    private static final System.Logger LOG = System.getLogger(MulticastLink.class.getName());

    /// RFC 6762 section 17: no packet is longer.
    private static final int MAX_PACKET = 9000;

    /// RFC 6762 section 11: "All Multicast DNS responses … SHOULD be sent with IP TTL set to 255".
    private static final int HOPS = 255;

    /// In a row; whatever is wrong then will not get better.
    private static final int MAX_ERRORS = 100;

    /// One family's socket.
    private static final class Family {
        final DatagramChannel channel;
        final InetSocketAddress group;
        final Map<NetworkInterface, MembershipKey> joined = new HashMap<>();

        Family(DatagramChannel channel, InetSocketAddress group) {
            this.channel = channel;
            this.group = group;
        }
    }

    private final int port;
    private final List<Family> families = new ArrayList<>();
    private List<InterfaceAddress> local = List.of();
    private boolean closed;

    /// @param port 5353, or another where a test is not to meet others
    MulticastLink(int port) {
        this.port = port;
    }

    @Override
    public synchronized void open(Receiver receiver) throws IOException {
        IOException failed = new IOException("no interface can multicast");
        for (ProtocolFamily family :
                List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
            try {
                families.add(open(family));
            } catch (IOException | UnsupportedOperationException e) {
                // A machine without this family: the other one is enough.
                failed.addSuppressed(e);
            }
        }
        refresh();
        if (families.stream().allMatch(f -> f.joined.isEmpty())) {
            close();
            throw failed;
        }
        for (Family family : families) {
            Thread.ofVirtual()
                    .name("libp2p-mdns-receive")
                    .start(() -> receive(family.channel, receiver));
        }
    }

    private Family open(ProtocolFamily family) throws IOException {
        boolean ip4 = family == StandardProtocolFamily.INET;
        DatagramChannel channel = DatagramChannel.open(family);
        try {
            // Other programs on this machine listen there too.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            // Peers on the same machine hear us, and we hear ourselves.
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, HOPS);
            channel.bind(
                    new InetSocketAddress(InetAddress.ofLiteral(ip4 ? "0.0.0.0" : "::"), port));
            return new Family(
                    channel,
                    new InetSocketAddress(
                            InetAddress.ofLiteral(ip4 ? "224.0.0.251" : "ff02::fb"), port));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public synchronized void refresh() {
        List<NetworkInterface> usable = interfaces();
        local = addresses();
        for (Family family : families) {
            family.joined
                    .entrySet()
                    .removeIf(entry -> {
                        boolean gone = !usable.contains(entry.getKey());
                        if (gone) {
                            entry.getValue().drop();
                        }
                        return gone;
                    });
            for (NetworkInterface each : usable) {
                if (!family.joined.containsKey(each)) {
                    join(family, each);
                }
            }
        }
    }

    private static void join(Family family, NetworkInterface each) {
        boolean ip4 = family.group.getAddress() instanceof Inet4Address;
        boolean has = each.inetAddresses().anyMatch(a -> ip4 == (a instanceof Inet4Address));
        if (!has) {
            return;
        }
        try {
            family.joined.put(each, family.channel.join(family.group.getAddress(), each));
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "mDNS: " + each.getName() + ": " + e.getMessage());
        }
    }

    /// Those that are up and can multicast. Loopback says that it cannot, and does.
    private static List<NetworkInterface> interfaces() {
        List<NetworkInterface> outside = new ArrayList<>();
        List<NetworkInterface> loopback = new ArrayList<>();
        for (NetworkInterface each : all()) {
            try {
                if (each.isUp() && each.isLoopback()) {
                    loopback.add(each);
                } else if (each.isUp() && each.supportsMulticast() && !each.isPointToPoint()) {
                    outside.add(each);
                }
            } catch (SocketException e) {
                // Gone since it was listed.
            }
        }
        return outside.isEmpty() ? loopback : outside;
    }

    private static List<NetworkInterface> all() {
        try {
            return NetworkInterface.networkInterfaces().toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    private static List<InterfaceAddress> addresses() {
        return all().stream().flatMap(each -> each.getInterfaceAddresses().stream()).toList();
    }

    @SuppressWarnings("ThreadPriorityCheck") // gives the carrier back, see below
    private void receive(DatagramChannel channel, Receiver receiver) {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_PACKET);
        int errors = 0;
        while (channel.isOpen() && errors < MAX_ERRORS) {
            try {
                buffer.clear();
                InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
                byte[] packet = new byte[buffer.flip().remaining()];
                buffer.get(packet);
                errors = 0;
                source(from).ifPresent(source -> receiver.receive(packet, source));
                // With packets always waiting, receiving never gives the carrier back.
                Thread.yield();
            } catch (IOException e) {
                // Closed; or an error that belongs to something sent, and the next packet is fine.
                errors++;
                Thread.yield();
            }
        }
    }

    /// RFC 6762 section 11: "Multicast DNS responders SHOULD … silently ignore" what does not come
    /// from the link. The port can be reached from anywhere.
    private synchronized Optional<MdnsSource> source(@Nullable InetSocketAddress from) {
        if (from == null) {
            return Optional.empty();
        }
        InetAddress address = from.getAddress();
        boolean ours = local.stream().anyMatch(it -> sameBytes(it.getAddress(), address));
        boolean onLink =
                ours
                        || address.isLinkLocalAddress()
                        || local.stream().anyMatch(it -> isInSubnet(it, address));
        return onLink ? Optional.of(new MdnsSource(address, ours)) : Optional.empty();
    }

    /// Without the zone of an IPv6 address.
    private static boolean sameBytes(InetAddress one, InetAddress other) {
        return java.util.Arrays.equals(one.getAddress(), other.getAddress());
    }

    static boolean isInSubnet(InterfaceAddress own, InetAddress address) {
        byte[] mine = own.getAddress().getAddress();
        byte[] theirs = address.getAddress();
        int bits = own.getNetworkPrefixLength();
        if (mine.length != theirs.length || bits <= 0 || bits > 8 * mine.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >>> (i % 8);
            if (((mine[i / 8] ^ theirs[i / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public synchronized void send(byte[] packet) {
        if (closed) {
            return;
        }
        for (Family family : families) {
            for (NetworkInterface each : family.joined.keySet()) {
                try {
                    family.channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, each);
                    family.channel.send(ByteBuffer.wrap(packet), target(family, each));
                } catch (IOException | RuntimeException e) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            () -> "mDNS: " + each.getName() + ": " + e.getMessage());
                }
            }
        }
    }

    /// An IPv6 group of the link needs the interface in its address too.
    private static InetSocketAddress target(Family family, NetworkInterface each)
            throws IOException {
        return family.group.getAddress() instanceof Inet6Address group
                ? new InetSocketAddress(
                        Inet6Address.getByAddress(null, group.getAddress(), each.getIndex()),
                        family.group.getPort())
                : family.group;
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Family family : families) {
            try {
                family.channel.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, () -> "mDNS: " + e.getMessage());
            }
        }
    }
}
