package org.tutti.libp2p.internal.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.multiformats.Multibase;
import org.tutti.libp2p.multiformats.Varint;

import java.nio.charset.StandardCharsets;

/// Records as go-libp2p-record wrote them when they still had an author and a signature.
class GoRecordVectorsTest {
    private static final Bytes HELLO = text("hello");

    private static Bytes text(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// PUT_VALUE, whose number is 0 and left out.
    private static byte[] put(Bytes key, Bytes record) {
        return Bytes.concat(field(0x12, key), field(0x1a, record)).toArray();
    }

    private static Bytes field(int tag, Bytes content) {
        return Bytes.concat(
                Bytes.of(new byte[] {(byte) tag}),
                Bytes.wrap(Varint.encode(content.length())),
                content);
    }

    private static Bytes vector(String name) {
        return Bytes.wrap(
                Multibase.decode(Vectors.json("libp2p/go_dht_record.json").get(name).asString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"serialized", "serializedSigned"})
    void gosRecordIsReadAndItsAuthorSkipped(String name) throws Exception {
        assertThat(KadCodec.decodeRequest(put(HELLO, vector(name))))
                .isInstanceOfSatisfying(
                        Request.PutValue.class,
                        p -> {
                            assertThat(p.value().key()).isEqualTo(HELLO);
                            assertThat(p.value().value()).isEqualTo(text("world"));
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"serialized", "serializedSigned"})
    void aRecordUnderAnotherKeyThanItsOwnIsRefused(String name) {
        assertThatThrownBy(() -> KadCodec.decodeRequest(put(text("hullo"), vector(name))))
                .isInstanceOf(KadFormatException.class);
    }
}
