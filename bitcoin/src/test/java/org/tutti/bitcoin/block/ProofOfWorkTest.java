package org.tutti.bitcoin.block;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;

import java.math.BigInteger;

class ProofOfWorkTest {
    private static final BigInteger LIMIT = Network.MAINNET.difficulty().limit();

    @Test
    void negativeZeroAndOverflowingTargetsAreNone() {
        long[] none = {
            0,
            0x00123456L,
            0x01003456L,
            0x02000056L,
            0x03000000L,
            0x04000000L,
            0x00923456L,
            0x01803456L,
            0x02800056L,
            0x03800000L,
            0x04800000L,
            0x01fedcbaL,
            0x04923456L,
            0xff123456L,
            0x23000001L,
            0x22000100L,
            0x21010000L
        };
        for (long bits : none) {
            assertThat(ProofOfWork.target(bits)).as("%08x", bits).isEmpty();
            assertThat(ProofOfWork.work(bits)).isZero();
            assertThat(ProofOfWork.isMet(BlockHash.ZERO, bits, LIMIT)).isFalse();
        }
    }

    @Test
    void compactFormsAreThoseOfBitcoinCore() {
        assertTarget(0x01123456L, "12", 0x01120000L);
        assertTarget(0x02008000L, "80", 0x02008000L);
        assertTarget(0x05009234L, "92340000", 0x05009234L);
        assertTarget(0x04123456L, "12345600", 0x04123456L);
        assertTarget(0x20123456L, "123456" + "00".repeat(29), 0x20123456L);
        assertTarget(0x22000001L, "01" + "00".repeat(31), 0x20010000L);
        assertTarget(0x21000100L, "01" + "00".repeat(31), 0x20010000L);
    }

    private static void assertTarget(long bits, String hex, long canonical) {
        BigInteger target = new BigInteger(hex, 16);
        assertThat(ProofOfWork.target(bits)).as("%08x", bits).contains(target);
        assertThat(ProofOfWork.compact(target)).isEqualTo(canonical);
    }

    @Test
    void aTargetEasierThanTheNetworkAllowsProvesNothing() {
        assertThat(ProofOfWork.isMet(BlockHash.ZERO, 0x1d00ffffL, LIMIT)).isTrue();
        assertThat(ProofOfWork.isMet(BlockHash.ZERO, 0x1d010000L, LIMIT)).isFalse();
    }

    @Test
    void aHashIsComparedAsANumberWithItsLastByteHighest() {
        // The target of 0x1d00ffff is 0x00000000ffff00…: the same number passes, one more does not.
        String target = "00000000ffff" + "00".repeat(26);
        String more = target.substring(0, 62) + "01";
        assertThat(isMet(target)).isTrue();
        assertThat(isMet(more)).isFalse();
    }

    private static boolean isMet(String displayHex) {
        return ProofOfWork.isMet(BlockHash.fromDisplayHex(displayHex), 0x1d00ffffL, LIMIT);
    }

    @Test
    void theEasiestMainnetBlockIsWorth2To32Hashes() {
        assertThat(ProofOfWork.work(0x1d00ffffL)).isEqualTo(new BigInteger("100010001", 16));
        assertThat(ProofOfWork.work(0x207fffffL)).isEqualTo(BigInteger.TWO);
    }
}
