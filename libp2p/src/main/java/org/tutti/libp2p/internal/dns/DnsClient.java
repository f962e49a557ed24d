package org.tutti.libp2p.internal.dns;

import org.tutti.libp2p.internal.dns.DnsRecord.Alias;
import org.tutti.libp2p.internal.dns.DnsRecord.Data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Asks name servers: over UDP, and over TCP where the answer is too long for that (RFC 1035
/// section 4.2).
public final class DnsClient {
    /// Tries of each server, one round after the other.
    private static final int ROUNDS = 2;

    /// Names that may stand for each other, one after the other, until there is an answer.
    private static final int MAX_ALIASES = 8;

    /// What a server may send over UDP; 512 is what RFC 1035 section 2.3.4 allows it.
    private static final int MAX_DATAGRAM = 4096;

    private static final int NO_ERROR = 0;
    private static final int NO_SUCH_NAME = 3;

    private final List<InetSocketAddress> servers;
    private final Duration timeout;
    private final SecureRandom random;

    /// @param timeout for each try
    /// @param random for the ids of questions: whoever guesses one can answer in a server's name
    public DnsClient(List<InetSocketAddress> servers, Duration timeout, SecureRandom random) {
        this.servers = List.copyOf(servers);
        this.timeout = timeout;
        this.random = random;
    }

    /// The records of this type that a name has, aliases followed; none if it does not exist.
    ///
    /// @throws IOException if no server answered
    public List<Data> query(DnsName name, DnsRecord.Type type) throws IOException {
        DnsName asked = name;
        Set<DnsName> seen = new HashSet<>();
        while (seen.add(asked) && seen.size() <= MAX_ALIASES) {
            DnsMessage answer = ask(new DnsQuestion(asked, type.code(), false));
            DnsName end = follow(answer.answers(), asked);
            List<Data> found =
                    answer.answers().stream()
                            .filter(r -> r.name().equals(end) && r.data().type() == type.code())
                            .map(DnsRecord::data)
                            .toList();
            if (!found.isEmpty() || end.equals(asked)) {
                return found;
            }
            // A server that named an alias and nothing of it.
            asked = end;
        }
        return List.of();
    }

    /// Where the aliases of one answer lead.
    private static DnsName follow(List<DnsRecord> answers, DnsName name) {
        DnsName current = name;
        for (int i = 0; i < MAX_ALIASES; i++) {
            DnsName here = current;
            DnsName next =
                    answers.stream()
                            .filter(r -> r.name().equals(here))
                            .map(r -> r.data() instanceof Alias(DnsName target) ? target : here)
                            .filter(target -> !target.equals(here))
                            .findFirst()
                            .orElse(here);
            if (next.equals(here)) {
                break;
            }
            current = next;
        }
        return current;
    }

    private DnsMessage ask(DnsQuestion question) throws IOException {
        if (servers.isEmpty()) {
            throw new UnknownHostException(question.name() + ": no name server is configured");
        }
        IOException last =
                new SocketTimeoutException(question.name() + ": no name server answered");
        for (int round = 0; round < ROUNDS; round++) {
            for (InetSocketAddress server : servers) {
                try {
                    return ask(server, question);
                } catch (java.io.InterruptedIOException e) {
                    if (!(e instanceof SocketTimeoutException)) {
                        throw e;
                    }
                    last = e;
                } catch (IOException e) {
                    last = e;
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new java.io.InterruptedIOException("interrupted while resolving");
                }
            }
        }
        throw new IOException(
                question.name() + ": no name server answered: " + last.getMessage(), last);
    }

    private DnsMessage ask(InetSocketAddress server, DnsQuestion question) throws IOException {
        // A fresh port for each question, which a forger has to guess along with the id.
        byte[] query = DnsMessage.query(random.nextInt(1 << 16), question).encode();
        DnsMessage answer = overUdp(server, query, question);
        if (answer.isTruncated()) {
            answer = overTcp(server, query, question);
        }
        int code = answer.responseCode();
        if (code != NO_ERROR && code != NO_SUCH_NAME) {
            throw new IOException(server + " answered with code " + code);
        }
        return answer;
    }

    private DnsMessage overUdp(InetSocketAddress server, byte[] query, DnsQuestion question)
            throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            // Only its packets come through from now on.
            socket.connect(server);
            socket.send(new DatagramPacket(query, query.length));
            byte[] buffer = new byte[MAX_DATAGRAM];
            long end = System.nanoTime() + timeout.toNanos();
            while (true) {
                long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (left <= 0) {
                    throw new SocketTimeoutException("no answer of " + server);
                }
                socket.setSoTimeout((int) left);
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] bytes = java.util.Arrays.copyOf(buffer, packet.getLength());
                try {
                    DnsMessage answer = DnsMessage.decode(bytes);
                    if (answers(answer, query, question)) {
                        return answer;
                    }
                } catch (DnsFormatException e) {
                    // Not the answer: it may still come.
                }
            }
        }
    }

    private DnsMessage overTcp(InetSocketAddress server, byte[] query, DnsQuestion question)
            throws IOException {
        try (Socket socket = new Socket()) {
            long end = System.nanoTime() + timeout.toNanos();
            socket.connect(server, (int) timeout.toMillis());
            ByteBuffer framed = ByteBuffer.allocate(2 + query.length);
            framed.putShort((short) query.length).put(query);
            socket.getOutputStream().write(framed.array());
            int length = Short.toUnsignedInt(ByteBuffer.wrap(read(socket, 2, end)).getShort());
            DnsMessage answer = DnsMessage.decode(read(socket, length, end));
            if (!answers(answer, query, question)) {
                throw new IOException(server + " answered another question");
            }
            return answer;
        } catch (DnsFormatException e) {
            throw new IOException(server + " sent no DNS message: " + e.getMessage(), e);
        }
    }

    /// All of it by then: a server that sends byte by byte gets no more time.
    private static byte[] read(Socket socket, int length, long end) throws IOException {
        byte[] bytes = new byte[length];
        InputStream in = socket.getInputStream();
        for (int have = 0; have < length; ) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (left <= 0) {
                throw new SocketTimeoutException("no whole answer over TCP");
            }
            socket.setSoTimeout((int) left);
            int count = in.read(bytes, have, length - have);
            if (count < 0) {
                throw new EOFException("an answer that ends early");
            }
            have += count;
        }
        return bytes;
    }

    /// RFC 5452 section 9.1: id and question have to be those that were sent.
    private static boolean answers(DnsMessage answer, byte[] query, DnsQuestion question) {
        return answer.isResponse()
                && answer.id() == ((query[0] & 0xff) << 8 | (query[1] & 0xff))
                && answer.questions().equals(List.of(question));
    }
}
