package org.tutti.libp2p.dns;

import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.dns.DnsFormatException;
import org.tutti.libp2p.internal.dns.DnsMessage;
import org.tutti.libp2p.internal.dns.DnsName;
import org.tutti.libp2p.internal.dns.DnsQuestion;
import org.tutti.libp2p.internal.dns.DnsRecord;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;

/// A name server on loopback, over UDP and TCP, for one test.
public final class LoopbackDns implements AutoCloseable {
    private static final int SERVFAIL = 2;
    private static final int NO_SUCH_NAME = 3;

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final List<DnsRecord> records = new CopyOnWriteArrayList<>();
    private final List<DnsQuestion> asked = new CopyOnWriteArrayList<>();
    private volatile boolean drips;
    private volatile BiFunction<byte[], DnsMessage, List<byte[]>> udpAnswers =
            (query, message) -> List.of(answer(message).encode());

    public LoopbackDns() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        tcp = new ServerSocket(0, 10, loopback);
        udp = new DatagramSocket(new InetSocketAddress(loopback, tcp.getLocalPort()));
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    public DnsResolver resolver() {
        return DnsResolver.of(List.of(address()), Duration.ofSeconds(20));
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    /// The questions that came, in order.
    public List<DnsQuestion> asked() {
        return asked;
    }

    public LoopbackDns ip4(String name, String address) {
        return add(name, new DnsRecord.Address(bytes(address)));
    }

    public LoopbackDns ip6(String name, String address) {
        return add(name, new DnsRecord.Address(bytes(address)));
    }

    private static Bytes bytes(String address) {
        return Bytes.wrap(InetAddress.ofLiteral(address).getAddress());
    }

    public LoopbackDns alias(String name, String target) {
        return add(name, new DnsRecord.Alias(name(target)));
    }

    /// A TXT record of these strings.
    public LoopbackDns txt(String name, String... strings) {
        return add(
                name,
                new DnsRecord.Text(
                        Arrays.stream(strings)
                                .map(s -> Bytes.wrap(s.getBytes(StandardCharsets.UTF_8)))
                                .toList()));
    }

    public LoopbackDns add(String name, DnsRecord.Data data) {
        records.add(new DnsRecord(name(name), false, 60, data));
        return this;
    }

    /// What is sent over UDP instead: one datagram each.
    public void answerUdp(BiFunction<byte[], DnsMessage, List<byte[]>> answers) {
        udpAnswers = answers;
    }

    private static DnsName name(String text) {
        try {
            return DnsName.parse(text);
        } catch (DnsFormatException e) {
            throw new AssertionError(e);
        }
    }

    /// As a name server does it: aliases and what they lead to in one answer.
    public DnsMessage answer(DnsMessage query) {
        DnsQuestion question = query.questions().getFirst();
        List<DnsRecord> found = new ArrayList<>();
        DnsName name = question.name();
        for (int i = 0; i < 10; i++) {
            DnsName current = name;
            List<DnsRecord> here = records.stream().filter(r -> r.name().equals(current)).toList();
            here.stream().filter(r -> r.data().type() == question.type()).forEach(found::add);
            for (DnsRecord record : here) {
                if (record.data() instanceof DnsRecord.Alias(DnsName target)) {
                    found.add(record);
                    name = target;
                }
            }
            if (name.equals(current)) {
                break;
            }
        }
        boolean known = records.stream().anyMatch(r -> r.name().equals(question.name()));
        return with(query, known ? 0 : NO_SUCH_NAME, found);
    }

    /// An answer that says that it is cut short.
    public static DnsMessage truncated(DnsMessage query) {
        return with(query, 0x0200, List.of());
    }

    public static DnsMessage failure(DnsMessage query) {
        return with(query, SERVFAIL, List.of());
    }

    public static DnsMessage with(DnsMessage query, int flags, List<DnsRecord> answers) {
        return new DnsMessage(query.id(), 0x8000 | flags, query.questions(), answers, List.of());
    }

    private void serveUdp() {
        byte[] buffer = new byte[600];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] query = Arrays.copyOf(buffer, packet.getLength());
                DnsMessage message = DnsMessage.decode(query);
                asked.addAll(message.questions());
                for (byte[] answer : udpAnswers.apply(query, message)) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException | DnsFormatException e) {
            // Closed, or no query: the test will notice.
        }
    }

    /// From now on the answers over TCP come byte by byte, and never to their end.
    public void dripOverTcp() {
        drips = true;
    }

    private static void drip(Socket socket) {
        try (socket) {
            OutputStream out = socket.getOutputStream();
            out.write(new byte[] {(byte) 0xff, (byte) 0xff});
            while (true) {
                out.write(0);
                out.flush();
                // What a resolver that waits for each byte by itself would wait for.
                LockSupport.parkNanos(20_000_000);
            }
        } catch (IOException e) {
            // It was hung up on.
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                Socket accepted = tcp.accept();
                if (drips) {
                    Thread.ofVirtual().start(() -> drip(accepted));
                    continue;
                }
                try (Socket socket = accepted) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] query = new byte[in.readUnsignedShort()];
                    in.readFully(query);
                    byte[] answer = answer(DnsMessage.decode(query)).encode();
                    socket.getOutputStream()
                            .write(
                                    ByteBuffer.allocate(2 + answer.length)
                                            .putShort((short) answer.length)
                                            .put(answer)
                                            .array());
                }
            }
        } catch (IOException | DnsFormatException e) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
