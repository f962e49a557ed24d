package org.tutti.lightclient.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.DecodeException;
import org.tutti.bitcoin.codec.WireReader;
import org.tutti.bitcoin.codec.WireWriter;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.hash.Wtxid;

class InventoryItemTest {
    private static final Bytes HASH = Bytes.fromHex("ab".repeat(32));

    @Test
    void everyKindHasItsNumberOnTheWire() throws DecodeException {
        is("01000000", new InventoryItem.Transaction(Txid.of(HASH), false));
        is("01000040", new InventoryItem.Transaction(Txid.of(HASH), true));
        is("02000000", new InventoryItem.Block(BlockHash.of(HASH), false));
        is("02000040", new InventoryItem.Block(BlockHash.of(HASH), true));
        is("05000000", new InventoryItem.TransactionByWtxid(Wtxid.of(HASH)));
        is("05000040", new InventoryItem.Unknown(0x4000_0005, HASH));
        is("00000000", new InventoryItem.Unknown(0, HASH));
        is("ffffffff", new InventoryItem.Unknown(-1, HASH));
    }

    private static void is(String typeHex, InventoryItem item) throws DecodeException {
        Bytes bytes = Bytes.concat(Bytes.fromHex(typeHex), HASH);
        WireWriter out = new WireWriter();
        item.write(out);
        assertThat(out.toBytes()).isEqualTo(bytes);
        assertThat(InventoryItem.read(new WireReader(bytes))).isEqualTo(item);
    }

    @Test
    void aHashOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InventoryItem.Unknown(7, Bytes.EMPTY));
        assertThatThrownBy(() -> InventoryItem.read(new WireReader(new byte[35])))
                .isInstanceOf(DecodeException.class);
    }
}
