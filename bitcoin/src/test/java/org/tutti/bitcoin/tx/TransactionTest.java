package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.DecodeException.Code;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

class TransactionTest {
    private static final Script SCRIPT = Script.fromHex("5120" + "ab".repeat(32));
    private static final OutPoint COIN =
            new OutPoint(Txid.fromDisplayHex("01" + "00".repeat(31)), 1);

    private static final Transaction UNSIGNED =
            new Transaction(
                    2,
                    List.of(TxIn.unsigned(COIN, Sequence.REPLACEABLE)),
                    List.of(new TxOut(Sat.of(1_000), SCRIPT)),
                    LockTime.NONE);
    private static final Transaction SIGNED =
            UNSIGNED.withWitness(0, List.of(Bytes.wrap(new byte[64])));

    private static final String IN = "00".repeat(36) + "00" + "ffffffff";
    private static final String OUT = "0000000000000000" + "00";

    @Test
    void whatIsWrittenIsReadBackTheSame() throws Exception {
        assertThat(Transaction.parse(UNSIGNED.serialize())).isEqualTo(UNSIGNED);
        assertThat(Transaction.parse(SIGNED.serialize())).isEqualTo(SIGNED);
        assertThat(Transaction.parseWithoutWitness(SIGNED.serializeWithoutWitness()))
                .isEqualTo(UNSIGNED);
    }

    @Test
    void theWitnessChangesTheWtxidAndTheWeightButNotTheTxid() {
        assertThat(SIGNED.txid()).isEqualTo(UNSIGNED.txid());
        assertThat(UNSIGNED.wtxid().hasSameBytesAs(UNSIGNED.txid())).isTrue();
        assertThat(SIGNED.wtxid().hasSameBytesAs(SIGNED.txid())).isFalse();
        // Marker, flag, count of items, length, 64 bytes.
        assertThat(SIGNED.weight().units()).isEqualTo(UNSIGNED.weight().units() + 2 + 1 + 1 + 64);
    }

    @Test
    void everyOtherFormIsRefused() {
        String plain = "02000000" + "01" + IN + "01" + OUT + "00000000";
        refused(Code.TRAILING_BYTES, plain + "00");
        refused(Code.TRUNCATED, plain.substring(0, plain.length() - 2));
        refused(Code.BAD_VALUE, "02000000" + "00" + "00" + "00000000");
        refused(Code.BAD_VALUE, "02000000" + "0002" + "01" + IN + "01" + OUT + "00" + "00000000");
        refused(Code.BAD_VALUE, "02000000" + "0001" + "01" + IN + "01" + OUT + "00" + "00000000");
        refused(Code.TOO_LARGE, "02000000" + "feffffff7f" + IN + "01" + OUT + "00000000");
        refused(Code.NON_MINIMAL_SIZE, "02000000" + "fd0100" + IN + "01" + OUT + "00000000");
        refused(
                Code.BAD_VALUE,
                "02000000" + "01" + IN + "01" + "0140075af0750700" + "00" + "00000000");
        refused(
                Code.BAD_VALUE,
                "02000000" + "01" + IN + "01" + "ffffffffffffffff" + "00" + "00000000");
        refused(Code.TOO_LARGE, "00".repeat(Transaction.MAX_BYTES + 1));
    }

    @Test
    void aWitnessIsRefusedWhereNoneMayStand() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Transaction.parseWithoutWitness(SIGNED.serialize()));
    }

    private static void refused(Code code, String hex) {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> Transaction.parse(Bytes.fromHex(hex)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void hostileBytesGiveATypedErrorAndWhatIsAcceptedIsWrittenTheSame() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        byte[] good = SIGNED.serialize().toArray();
        int accepted = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(Transaction.parse(Bytes.of(bytes)).serialize().toArray())
                        .isEqualTo(bytes);
                accepted++;
            } catch (DecodeException expected) {
                assertThat(expected.code()).isNotNull();
            }
        }
        assertThat(accepted).isGreaterThan(100);
    }
}
