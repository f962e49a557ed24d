package org.tutti.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

class HostileMultiformatsTest {
    private static final int ROUNDS = 20_000;

    @Test
    void hostileBytesAreAnAddressThatPrintsAndReadsBackOrATypedError() {
        new Hostile(1)
                .feed(
                        ROUNDS,
                        addresses().stream().map(text -> Multiaddr.parse(text).toBytes()).toList(),
                        input -> {
                            try {
                                Multiaddr address = Multiaddr.fromBytes(input);
                                assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
                            } catch (MultiformatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    @Test
    void hostileTextIsAnAddressOrATypedError() {
        new Hostile(2)
                .feed(
                        ROUNDS,
                        addresses().stream().map(text -> text.getBytes(UTF_8)).toList(),
                        input -> {
                            try {
                                Multiaddr address = Multiaddr.parse(new String(input, UTF_8));
                                assertThat(Multiaddr.fromBytes(address.toBytes()))
                                        .isEqualTo(address);
                            } catch (MultiformatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    @Test
    void hostileTextAndBytesAreAPeerIdOrATypedError() {
        List<byte[]> seeds = new ArrayList<>();
        for (String id :
                List.of(
                        "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV",
                        "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
                        "bafzbeigvf25ytwc3akrijfecaotc74udrhcxzh2cx3we5qqnw5vgrei4bm")) {
            seeds.add(id.getBytes(UTF_8));
            seeds.add(PeerId.parse(id).toBytes());
        }
        new Hostile(3)
                .feed(
                        ROUNDS,
                        seeds,
                        input -> {
                            try {
                                PeerId id = PeerId.parse(new String(input, UTF_8));
                                assertThat(PeerId.parse(id.toString())).isEqualTo(id);
                            } catch (MultiformatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                            try {
                                PeerId id = PeerId.fromBytes(input);
                                assertThat(PeerId.parse(id.toString())).isEqualTo(id);
                                assertThat(PeerId.parse(id.toCid())).isEqualTo(id);
                                assertThat(id.inlineKey()).isNotNull();
                            } catch (MultiformatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    @Test
    void hostileMultibaseAndMultihashAreRefusedOrReadBack() {
        new Hostile(4)
                .feed(
                        ROUNDS,
                        List.of(
                                "z7paNL19xttacUY".getBytes(UTF_8),
                                "cab4wk4zanvqw42jaee======".getBytes(UTF_8),
                                HexFormat.of()
                                        .parseHex("1114e861e452cfd84dca9a176258c3d06e020a0c93d8")),
                        input -> {
                            try {
                                byte[] decoded = Multibase.decode(new String(input, UTF_8));
                                assertThat(decoded).isNotNull();
                            } catch (MultiformatException expected) {
                                assertThat(expected.format())
                                        .isEqualTo(MultiformatException.Format.MULTIBASE);
                            }
                            try {
                                Multihash hash = Multihash.parse(Bytes.of(input));
                                assertThat(hash.toBytes()).isEqualTo(Bytes.of(input));
                            } catch (MultiformatException expected) {
                                assertThat(expected.getMessage()).isNotBlank();
                            }
                        });
    }

    private static List<String> addresses() {
        return Vectors.json("multiformats/go_multiaddr_vectors.json")
                .get("valid_strings")
                .valueStream()
                .map(node -> node.asString())
                .filter(text -> text.length() < 300)
                .toList();
    }
}
