package org.tutti.wallet.coins;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.hash.MerkleNode;

import java.time.Instant;

class ChainTimeTest {
    private final ChainTime time = new ChainTime();

    @Test
    void itIsTheMedianOfTheLastElevenHeaders() {
        connect(900, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(time.median()).isEqualTo(Instant.MIN);
        connect(10);
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(6));
        connect(11);
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(6));
        connect(12);
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(7));
        time.disconnect();
        time.disconnect();
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(6));
        time.disconnect();
        assertThat(time.median()).isEqualTo(Instant.MIN);
    }

    @Test
    void aMinerWhoLiesAboutItsTimeMovesNothing() {
        connect(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 4_000_000_000L);
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(6));
    }

    @Test
    void aReorganisationDeeperThanWhatIsRememberedLeavesNoTime() {
        for (int i = 0; i < 1_000; i++) {
            connect(i);
        }
        assertThat(time.median()).isEqualTo(Instant.ofEpochSecond(994));
        for (int i = 0; i < 1_000; i++) {
            time.disconnect();
        }
        assertThat(time.median()).isEqualTo(Instant.MIN);
    }

    private void connect(long... seconds) {
        for (long second : seconds) {
            time.connect(
                    new BlockHeader(4, BlockHash.ZERO, MerkleNode.ZERO, second, 0x207fffffL, 0));
        }
    }
}
