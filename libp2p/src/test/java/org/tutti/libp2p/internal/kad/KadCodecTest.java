package org.tutti.libp2p.internal.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class KadCodecTest {
    private static final Bytes KEY = Bytes.fromHex("2f762f68656c6c6f");
    private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");

    private static Contact contact(int number, int addresses) {
        List<Multiaddr> all = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            all.add(Multiaddr.parse("/ip4/10.0.0." + i + "/tcp/4001"));
        }
        return Contact.of(EngineNetwork.id(number), all);
    }

    private static byte[] vector(int number) {
        return Vectors.bytes("libp2p/kad_dht_messages/msg-" + number);
    }

    @Test
    void everySampleOfJsIsRead() throws KadFormatException {
        assertThat(KadCodec.decodeRequest(vector(1))).isEqualTo(new Request.FindNode(KEY));
        assertThat(KadCodec.decodeRequest(vector(2)))
                .isEqualTo(
                        new Request.PutValue(
                                new Value(
                                        KEY,
                                        Bytes.of("world".getBytes(StandardCharsets.UTF_8)),
                                        0)));
        assertThat(KadCodec.decodeRequest(vector(3))).isEqualTo(new Request.GetValue(KEY));
        for (int number : new int[] {4, 5, 6}) {
            assertThat(KadCodec.decodeRequest(vector(number)))
                    .isInstanceOfSatisfying(
                            Request.FindNode.class,
                            f -> assertThat(new PeerId(f.key()).toString()).startsWith("Qm"));
        }
        for (int number : new int[] {7, 8}) {
            assertThat(KadCodec.decodeRequest(vector(number)))
                    .isInstanceOfSatisfying(
                            Request.AddProvider.class,
                            a -> {
                                assertThat(a.providers()).hasSize(1);
                                assertThat(a.providers().getFirst().addresses())
                                        .containsExactly(
                                                Multiaddr.parse("/ip4/127.0.0.1/tcp/58555"));
                            });
        }
    }

    /// With and without the author and the signature that records had once.
    @Test
    void theRecordsOfGoAreRead() throws KadFormatException {
        for (String name : List.of("serialized", "serializedSigned")) {
            // Multibase: f is base 16.
            String hex = Vectors.json("libp2p/go_dht_record.json").get(name).asText().substring(1);
            byte[] record = Bytes.fromHex(hex).toArray();
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.writeBytes(new byte[] {8, 1, 0x1a});
            message.writeBytes(org.tutti.libp2p.multiformats.Varint.encode(record.length));
            message.writeBytes(record);
            Response response =
                    KadCodec.decodeResponse(new Request.GetValue(KEY), message.toByteArray());
            assertThat(response)
                    .isInstanceOfSatisfying(
                            Response.Found.class,
                            f ->
                                    assertThat(f.value().orElseThrow())
                                            .isEqualTo(
                                                    new Value(
                                                            Bytes.fromHex("68656c6c6f"),
                                                            Bytes.fromHex("776f726c64"),
                                                            0)));
        }
    }

    static List<Request> requests() {
        return List.of(
                new Request.FindNode(KEY),
                new Request.GetValue(KEY),
                new Request.PutValue(new Value(KEY, Bytes.fromHex("00ff"), 0)),
                new Request.AddProvider(KEY, List.of(contact(1, 2))),
                new Request.GetProviders(KEY),
                new Request.Ping(Bytes.EMPTY));
    }

    static Response response(Request to) {
        List<Contact> closer = List.of(contact(2, 1), contact(3, 0));
        return switch (to) {
            case Request.FindNode _ -> new Response.Closer(closer);
            case Request.GetValue _ ->
                    new Response.Found(Optional.of(new Value(KEY, Bytes.fromHex("01"), 0)), closer);
            case Request.PutValue(Value value) -> new Response.Stored(value);
            case Request.GetProviders _ -> new Response.Providers(List.of(contact(4, 3)), closer);
            case Request.Ping _, Request.AddProvider _ -> new Response.Pong();
        };
    }

    @Test
    void whatIsWrittenIsRead() throws KadFormatException {
        for (Request request : requests()) {
            assertThat(KadCodec.decodeRequest(KadCodec.encode(request))).isEqualTo(request);
            if (!(request instanceof Request.AddProvider)) {
                Response response = response(request);
                assertThat(KadCodec.decodeResponse(request, KadCodec.encode(request, response)))
                        .isEqualTo(response);
            }
        }
    }

    @Test
    void aMessageWithoutATypeIsAPutValue() throws KadFormatException {
        byte[] whole = KadCodec.encode(requests().get(2));
        byte[] without = java.util.Arrays.copyOfRange(whole, 2, whole.length);
        assertThat(KadCodec.decodeRequest(without)).isEqualTo(requests().get(2));
    }

    @Test
    void anAnswerFitsIntoWhatRustReads() throws KadFormatException {
        List<Contact> closer = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            closer.add(contact(i + 1, 16));
        }
        Value value = new Value(KEY, Bytes.wrap(new byte[12 << 10]), 0);
        Request request = new Request.GetValue(KEY);
        byte[] message = KadCodec.encode(request, new Response.Found(Optional.of(value), closer));
        assertThat(message.length).isBetween(15 << 10, KadCodec.MAX_WRITTEN);
        Response read = KadCodec.decodeResponse(request, message);
        assertThat(((Response.Found) read).value()).contains(value);
        assertThat(read.closer()).isNotEmpty();
    }

    @Test
    void aListOfThousandsIsRefusedBeforeItIsRead() {
        byte[] message = new byte[3 + 2 * 5_000];
        message[0] = 8;
        message[1] = 4;
        for (int i = 2; i + 1 < message.length; i += 2) {
            message[i] = 8 << 3 | 2;
        }
        assertThatThrownBy(() -> KadCodec.decodeResponse(new Request.FindNode(KEY), message))
                .isInstanceOf(KadFormatException.class)
                .hasMessageContaining("more than 80");
    }

    @Test
    void addressesBeyondTheBoundAndTwiceTheSameAreLeftOut() throws KadFormatException {
        ByteArrayOutputStream peer = new ByteArrayOutputStream();
        byte[] id = EngineNetwork.id(1).toBytes();
        peer.write(0x0a);
        peer.write(id.length);
        peer.writeBytes(id);
        for (int i = 0; i < 5_000; i++) {
            byte[] address = ADDRESS.toBytes();
            peer.write(0x12);
            peer.write(address.length);
            peer.writeBytes(address);
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {8, 4, 0x42});
        message.writeBytes(org.tutti.libp2p.multiformats.Varint.encode(peer.size()));
        message.writeBytes(peer.toByteArray());
        Response response =
                KadCodec.decodeResponse(new Request.FindNode(KEY), message.toByteArray());
        assertThat(response.closer())
                .containsExactly(Contact.of(EngineNetwork.id(1), List.of(ADDRESS)));
    }

    @Test
    void whatIsNoMessageIsRefused() {
        for (String hex :
                List.of(
                        // A type that there is not.
                        "0809",
                        // A value without a record, and one whose record is of another key.
                        "08001208" + KEY.toHex(),
                        "080012016b1a050a016c1200",
                        // Cut short.
                        "0804120a2f76",
                        // Of another wire type.
                        "0a04",
                        "1004",
                        // A group.
                        "080413",
                        // Field 0.
                        "00")) {
            assertThatThrownBy(() -> KadCodec.decodeRequest(Bytes.fromHex(hex).toArray()))
                    .as(hex)
                    .isInstanceOf(KadFormatException.class);
        }
        assertThatThrownBy(() -> KadCodec.decodeRequest(new byte[KadCodec.MAX_MESSAGE + 1]))
                .isInstanceOf(KadFormatException.class);
    }

    @Test
    void aResponseToSomethingElseIsRefused() {
        byte[] pong = KadCodec.encode(new Request.Ping(KEY), new Response.Pong());
        assertThatThrownBy(() -> KadCodec.decodeResponse(new Request.FindNode(KEY), pong))
                .isInstanceOf(KadFormatException.class);
    }

    @Test
    void peersWithIdsThatWeDoNotKnowAreLeftOut() throws KadFormatException {
        byte[] message = Bytes.fromHex("0804" + "4204" + "0a02ffff" + "4200").toArray();
        assertThat(KadCodec.decodeResponse(new Request.FindNode(KEY), message).closer()).isEmpty();
    }
}
