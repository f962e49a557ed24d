package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The published vectors of three other implementations: every case of the pattern that libp2p
/// uses.
class NoiseVectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    record Message(Bytes payload, Bytes ciphertext) {}

    record Vector(
            String source,
            Bytes prologue,
            Bytes initiatorStatic,
            Bytes initiatorEphemeral,
            Bytes responderStatic,
            Bytes responderEphemeral,
            Bytes handshakeHash,
            List<Message> messages) {
        @Override
        public String toString() {
            return source + ", " + messages.size() + " messages";
        }
    }

    static Stream<Vector> xx() throws Exception {
        List<Vector> vectors = new ArrayList<>();
        json("cacophony_25519_ChaChaPoly_SHA256.json", vectors, new TreeMap<>());
        json("snow_25519_ChaChaPoly_SHA256.json", vectors, new TreeMap<>());
        flynn("flynn_XX_25519_ChaChaPoly_SHA256.txt", vectors, new TreeMap<>());
        return vectors.stream();
    }

    @Test
    void everyXxCaseIsRunAndTheOthersAreCounted() throws Exception {
        List<Vector> vectors = new ArrayList<>();
        Map<String, Integer> skipped = new TreeMap<>();
        json("cacophony_25519_ChaChaPoly_SHA256.json", vectors, skipped);
        json("snow_25519_ChaChaPoly_SHA256.json", vectors, skipped);
        flynn("flynn_XX_25519_ChaChaPoly_SHA256.txt", vectors, skipped);
        System.out.println(
                "noise vectors: "
                        + vectors.size()
                        + " XX cases run; skipped, because libp2p uses no other pattern and no"
                        + " pre-shared keys: "
                        + skipped);
        assertThat(vectors).hasSize(6);
        assertThat(skipped.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(25);
    }

    @ParameterizedTest
    @MethodSource("xx")
    void bothSidesSendWhatTheVectorSays(Vector vector) throws Exception {
        HandshakeState alice =
                state(true, vector, vector.initiatorStatic, vector.initiatorEphemeral);
        HandshakeState bob =
                state(false, vector, vector.responderStatic, vector.responderEphemeral);
        for (int i = 0; i < 3; i++) {
            Message message = vector.messages.get(i);
            HandshakeState writer = i % 2 == 0 ? alice : bob;
            HandshakeState reader = i % 2 == 0 ? bob : alice;
            byte[] sent = writer.writeMessage(message.payload.toArray());
            assertThat(Bytes.of(sent)).isEqualTo(message.ciphertext);
            assertThat(Bytes.of(reader.readMessage(sent, 0, sent.length)))
                    .isEqualTo(message.payload);
        }
        assertThat(alice.handshakeHash()).isEqualTo(bob.handshakeHash());
        if (!vector.handshakeHash.isEmpty()) {
            assertThat(alice.handshakeHash()).isEqualTo(vector.handshakeHash);
        }
        HandshakeState.CipherPair ours = alice.split();
        HandshakeState.CipherPair theirs = bob.split();
        for (int i = 3; i < vector.messages.size(); i++) {
            Message message = vector.messages.get(i);
            // After three messages it is the responder's turn, but flynn lets the initiator go on.
            boolean oursIsNext = (i % 2 == 0) != vector.source.startsWith("flynn");
            CipherState send = oursIsNext ? ours.send() : theirs.send();
            CipherState receive = oursIsNext ? theirs.receive() : ours.receive();
            byte[] plain = message.payload.toArray();
            byte[] sealed = new byte[plain.length + CipherState.TAG_LENGTH];
            send.encrypt(CipherState.EMPTY, plain, 0, plain.length, sealed, 0);
            assertThat(Bytes.of(sealed)).isEqualTo(message.ciphertext);
            byte[] opened = new byte[plain.length];
            receive.decrypt(CipherState.EMPTY, sealed, 0, sealed.length, opened, 0);
            assertThat(opened).isEqualTo(plain);
        }
    }

    private static HandshakeState state(
            boolean initiator, Vector vector, Bytes staticKey, Bytes ephemeral) {
        return new HandshakeState(
                initiator,
                vector.prologue.toArray(),
                X25519KeyPair.of(staticKey.toArray()),
                () -> X25519KeyPair.of(ephemeral.toArray()));
    }

    private static void json(String file, List<Vector> vectors, Map<String, Integer> skipped)
            throws Exception {
        JsonNode root = new ObjectMapper().readTree(read(file));
        for (JsonNode node : root.get("vectors")) {
            String name = node.get("protocol_name").asString();
            if (!name.equals(HandshakeState.PROTOCOL_NAME)) {
                skipped.merge(name.substring(6, name.indexOf('_', 6)), 1, Integer::sum);
                continue;
            }
            assertThat(node.get("init_prologue")).isEqualTo(node.get("resp_prologue"));
            List<Message> messages = new ArrayList<>();
            for (JsonNode message : node.get("messages")) {
                messages.add(new Message(hex(message, "payload"), hex(message, "ciphertext")));
            }
            vectors.add(
                    new Vector(
                            file,
                            hex(node, "init_prologue"),
                            hex(node, "init_static"),
                            hex(node, "init_ephemeral"),
                            hex(node, "resp_static"),
                            hex(node, "resp_ephemeral"),
                            node.has("handshake_hash") ? hex(node, "handshake_hash") : Bytes.EMPTY,
                            messages));
        }
    }

    /// Blocks of `key=value` that each begin with `handshake=`.
    private static void flynn(String file, List<Vector> vectors, Map<String, Integer> skipped)
            throws Exception {
        List<Map<String, String>> blocks = new ArrayList<>();
        for (String line : read(file).lines().toList()) {
            if (line.startsWith("handshake=")) {
                blocks.add(new HashMap<>());
            }
            int equals = line.indexOf('=');
            if (equals > 0) {
                blocks.getLast()
                        .put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
            }
        }
        for (Map<String, String> fields : blocks) {
            String name = fields.getOrDefault("handshake", "");
            if (!name.equals(HandshakeState.PROTOCOL_NAME) || fields.containsKey("preshared_key")) {
                skipped.merge(name + " with pre-shared key", 1, Integer::sum);
                continue;
            }
            List<Message> messages = new ArrayList<>();
            for (int i = 0; fields.containsKey("msg_" + i + "_ciphertext"); i++) {
                messages.add(
                        new Message(
                                hex(fields, "msg_" + i + "_payload"),
                                hex(fields, "msg_" + i + "_ciphertext")));
            }
            vectors.add(
                    new Vector(
                            file,
                            hex(fields, "prologue"),
                            hex(fields, "init_static"),
                            hex(fields, "gen_init_ephemeral"),
                            hex(fields, "resp_static"),
                            hex(fields, "gen_resp_ephemeral"),
                            Bytes.EMPTY,
                            messages));
        }
    }

    private static String read(String file) throws Exception {
        return Files.readString(Vectors.path("noise/" + file));
    }

    private static Bytes hex(JsonNode node, String field) {
        return Bytes.wrap(HEX.parseHex(node.get(field).asString()));
    }

    private static Bytes hex(Map<String, String> fields, String field) {
        return Bytes.wrap(HEX.parseHex(fields.getOrDefault(field, "")));
    }
}
