package org.tutti.bitcoin.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

class WitnessStackTest {
    private static byte[] written(List<Bytes> witness) {
        WireWriter out = new WireWriter();
        WitnessStack.write(witness, out);
        return out.toArray();
    }

    private static List<Bytes> read(byte[] bytes) throws DecodeException {
        WireReader in = new WireReader(bytes);
        List<Bytes> witness = WitnessStack.read(in);
        in.requireEnd();
        return witness;
    }

    @Test
    void itemsOfEveryLengthComeBackAsTheyWere() throws DecodeException {
        SplittableRandom random = new SplittableRandom(1);
        int[] lengths = {0, 1, 2, 0xfc, 0xfd, 0xfe, 0xffff, 0x10000};
        for (int count : new int[] {0, 1, WitnessStack.FEW, WitnessStack.FEW + 1, 63, 64, 200}) {
            List<Bytes> items = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] item = new byte[lengths[random.nextInt(i < 100 ? 6 : lengths.length)]];
                random.nextBytes(item);
                items.add(Bytes.wrap(item));
            }
            List<Bytes> read = read(written(items));
            assertThat(read).isEqualTo(items);
            assertThat(items).isEqualTo(read);
            assertThat(read).hasSameHashCodeAs(items);
            assertThat(written(read)).isEqualTo(written(items));
            assertThat(WitnessStack.size(read)).isEqualTo(written(items).length);
            assertThat(WitnessStack.size(items)).isEqualTo(written(items).length);
            assertThat(read(written(read))).isEqualTo(read);
        }
    }

    @Test
    void millionsOfItemsTakeWhatTheyTookOnTheWire() throws DecodeException {
        byte[] million = new byte[5 + 1_000_000];
        million[0] = (byte) 0xfe;
        million[1] = 0x40;
        million[2] = 0x42;
        million[3] = 0x0f;
        List<Bytes> witness = read(million);
        assertThat(witness).isInstanceOf(WitnessStack.class).hasSize(1_000_000);
        assertThat(witness.getLast()).isEqualTo(Bytes.EMPTY);
        assertThat(WitnessStack.copyOf(witness)).as("not as objects").isSameAs(witness);
        assertThat(written(witness)).isEqualTo(million);
    }

    @Test
    void whatIsCutOffIsRefused() {
        List<Bytes> items = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            items.add(Bytes.fromHex("0102"));
        }
        byte[] whole = written(items);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(DecodeException.class);
        }
        assertThatThrownBy(() -> read(written(items).clone()).get(20))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
