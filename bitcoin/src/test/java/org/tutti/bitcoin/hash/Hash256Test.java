package org.tutti.bitcoin.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

class Hash256Test {
    private static final String DISPLAYED =
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
    private static final Bytes SENT =
            Bytes.fromHex("6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000");

    private static final List<Function<Bytes, Hash256>> KINDS =
            List.of(Txid::of, Wtxid::of, BlockHash::of, MerkleNode::of);

    @Test
    void peopleWriteTheBytesInReversedOrder() {
        assertThat(BlockHash.fromDisplayHex(DISPLAYED)).isEqualTo(BlockHash.of(SENT));
        for (Function<Bytes, Hash256> kind : KINDS) {
            assertThat(kind.apply(SENT)).hasToString(DISPLAYED);
            assertThat(kind.apply(SENT).bytes()).isEqualTo(SENT);
        }
    }

    @Test
    void everyByteIsReadAndWrittenInItsPlace() throws DecodeException {
        byte[] bytes = new byte[Hash256.LENGTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i + 240);
        }
        Txid txid = Txid.read(new WireReader(bytes.clone()));
        assertThat(txid.toArray()).isEqualTo(bytes);
        WireWriter out = new WireWriter();
        txid.write(out);
        assertThat(out.toArray()).isEqualTo(bytes);
        assertThat(txid.toNumber()).isEqualTo(new BigInteger(txid.toString(), 16));
        assertThat(Txid.fromDisplayHex(txid.toString())).isEqualTo(txid);
    }

    @Test
    void anyOtherLengthThan32BytesIsRefused() {
        for (int length : new int[] {0, 31, 33, 64}) {
            Bytes bytes = Bytes.wrap(new byte[length]);
            for (Function<Bytes, Hash256> kind : KINDS) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> kind.apply(bytes))
                        .withMessage("hash must have 32 bytes, not " + length);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Txid.fromDisplayHex(bytes.toHex()));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlockHash.fromDisplayHex("g".repeat(64)));
        assertThatThrownBy(() -> Txid.read(new WireReader(new byte[31])))
                .isInstanceOf(DecodeException.class);
    }

    @Test
    void hashesOfDifferentKindsAreNeverEqual() {
        for (int i = 0; i < KINDS.size(); i++) {
            for (int k = 0; k < KINDS.size(); k++) {
                Hash256 one = KINDS.get(i).apply(SENT);
                Hash256 other = KINDS.get(k).apply(SENT);
                assertThat(one.equals(other)).isEqualTo(i == k);
                assertThat(one.hasSameBytesAs(other)).isTrue();
            }
        }
    }

    @Test
    void anyChangedBitMakesAnotherHash() {
        Txid txid = Txid.of(SENT);
        for (int bit = 0; bit < 256; bit++) {
            byte[] changed = SENT.toArray();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Txid other = Txid.of(Bytes.wrap(changed));
            assertThat(other).isNotEqualTo(txid);
            assertThat(other.hasSameBytesAs(txid)).isFalse();
        }
    }

    @Test
    void theOrderIsThatOfTheBytesAsSent() {
        Random random = new Random(5);
        List<Bytes> bytes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] next = new byte[Hash256.LENGTH];
            // Most differ late, and in the sign.
            for (int k = random.nextInt(Hash256.LENGTH); k < Hash256.LENGTH; k++) {
                next[k] = (byte) random.nextInt();
            }
            bytes.add(Bytes.wrap(next));
        }
        assertThat(bytes.stream().map(Txid::of).sorted().map(Txid::bytes))
                .isEqualTo(bytes.stream().sorted().toList());
    }

    @Test
    void aMerkleNodeIsTheDoubleHashOfTheTwoBelowIt() {
        Txid left = Txid.hashOf(new byte[] {1});
        Txid right = Txid.hashOf(new byte[] {2});
        assertThat(MerkleNode.leaf(left).bytes()).isEqualTo(left.bytes());
        assertThat(MerkleNode.parent(MerkleNode.leaf(left), MerkleNode.leaf(right)).toArray())
                .isEqualTo(Sha256.twice(left.toArray(), right.toArray()));
    }

    @Test
    void aHashIsTheDoubleSha256() {
        byte[] abc = {'a', 'b', 'c'};
        assertThat(HexFormat.of().formatHex(Txid.hashOf(abc).toArray()))
                .isEqualTo("4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358");
    }
}
