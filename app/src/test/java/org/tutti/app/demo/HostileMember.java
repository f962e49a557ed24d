package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.multiformats.Varint;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.node.config.ConfigReader;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;
import org.tutti.node.keystore.KeyStore;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.service.SigningService;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Mallory: a member with real keys in a process of its own, who sends honest nodes requests that
/// no honest node makes, one to one node at a time, and tells what they answer.
///
/// Standard input: one JSON object a line, `case`, `to` (a member's peer id) and the group's coins;
/// or `withdraw` (a session) and `to`. Standard output: `listening`, then `asked` with the session
/// for each line, and `answer` for every statement that comes back.
final class HostileMember implements AutoCloseable {
    private final Host host;
    private final SignerGroup group;
    private final CraftedRequests crafted;
    private final EnvelopeSigner signer;
    private final Map<String, Stream> streams = new HashMap<>();

    private HostileMember(Path configFile, Path data) throws Exception {
        NodeConfig config = ConfigReader.read(configFile);
        group = Journals.group(config);
        NodeKeys keys = new KeyStore(data).open(config.network());
        host = Host.builder().identity(keys.identity()).build();
        signer =
                new EnvelopeSigner(
                        group.member(host.peerId()).orElseThrow(),
                        keys.identity(),
                        group,
                        Bytes.wrap(new byte[Contribution.BOOT_BYTES]));
        crafted = new CraftedRequests(group, host.peerId(), config.network());
        host.start();
        host.handle(SigningService.PROTOCOL, this::listen);
    }

    /// `CONFIG DATA`
    public static void main(String[] args) throws Exception {
        try (HostileMember mallory = new HostileMember(Path.of(args[0]), Path.of(args[1]))) {
            tell(Map.of("event", "listening"));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                mallory.ask(JsonLine.parse(line));
            }
        }
        System.exit(0);
    }

    private void ask(JsonObject order) throws Exception {
        String to = order.string("to");
        if (order.has("withdraw")) {
            SessionId session = new SessionId(Bytes.fromHex(order.string("withdraw")));
            Contribution.Refuse refuse = new Contribution.Refuse("CHANGED_MY_MIND", "");
            send(to, signer.sign(session, 1, refuse).envelope());
            return;
        }
        String name = order.string("case");
        SigningRequest request = crafted.make(CraftedRequests.Case.valueOf(name), order);
        send(to, signer.sign(request).envelope());
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", "asked");
        line.put("case", name);
        line.put("to", to);
        line.put("session", request.sessionId().toString());
        tell(line);
    }

    private void send(String to, Bytes envelope) throws IOException {
        Stream stream = streams.get(to);
        if (stream == null) {
            Member member =
                    group.members().stream()
                            .filter(m -> m.peerId().toString().equals(to))
                            .findFirst()
                            .orElseThrow();
            stream =
                    host.connect(member.peerId(), member.addresses())
                            .openStream(SigningService.PROTOCOL);
            streams.put(to, stream);
        }
        byte[] frame = new byte[Varint.size(envelope.length()) + envelope.length()];
        Varint.put(envelope.length(), frame, 0);
        envelope.copyTo(frame, Varint.size(envelope.length()));
        stream.write(frame, 0, frame.length);
    }

    /// Reads what a node sends us.
    private void listen(Stream stream) throws IOException {
        EnvelopeVerifier verifier =
                new EnvelopeVerifier(GroupTable.of(group), SigningLimits.DEFAULT);
        while (true) {
            byte[] envelope = new byte[length(stream)];
            for (int got = 0; got < envelope.length; ) {
                got += read(stream, envelope, got);
            }
            try {
                if (verifier.verify(Bytes.wrap(envelope)) instanceof Inbound.Statement statement) {
                    answered(statement);
                }
            } catch (WireException e) {
                throw new IOException(e);
            }
        }
    }

    private static int length(Stream stream) throws IOException {
        byte[] next = new byte[1];
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            read(stream, next, 0);
            length |= (next[0] & 0x7f) << shift;
            if (next[0] >= 0) {
                return length;
            }
        }
    }

    private static int read(Stream stream, byte[] target, int offset) throws IOException {
        int got = stream.read(target, offset, target.length - offset);
        if (got < 0) {
            throw new EOFException("the stream ended");
        }
        return got;
    }

    private static void answered(Inbound.Statement statement) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("event", "answer");
        line.put("from", statement.author().peerId().toString());
        line.put("session", statement.contribution().session().toString());
        Contribution.Body body = statement.contribution().body();
        line.put("kind", body.getClass().getSimpleName());
        if (body instanceof Contribution.Refuse refuse) {
            line.put("code", refuse.code());
        }
        tell(line);
    }

    private static void tell(Map<String, ? extends @Nullable Object> line) {
        String text = JsonLine.write(line);
        synchronized (HostileMember.class) {
            System.out.println(text);
            System.out.flush();
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
