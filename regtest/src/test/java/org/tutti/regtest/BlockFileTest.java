package org.tutti.regtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.tx.Transaction;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;

/// A fixture that is killed and started again.
class BlockFileTest {
    @TempDir Path folder;

    private final Wallet alice = Wallet.of("alice");

    private RegtestNode start() throws IOException {
        return RegtestNode.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Clock.systemUTC(),
                new SecureRandom(),
                new RegtestEvents() {},
                Optional.of(folder.resolve("blocks")));
    }

    @Test
    void theNextRunHasTheChainAfterItsReorganisationAndNothingThatWaited() throws IOException {
        BlockHash tip;
        try (RegtestNode node = start()) {
            node.mine(101, alice.script());
            Transaction spend =
                    alice.spend(node.block(1).transactions().getFirst(), alice.script(), 1_000);
            assertThat(node.submit(spend)).isEmpty();
            node.mine(1, alice.script());
            node.reorganise(2);
            assertThat(node.mempool()).containsExactly(spend.txid());
            tip = node.tip();
        }
        try (RegtestNode again = start()) {
            assertThat(again.height()).isEqualTo(103);
            assertThat(again.tip()).isEqualTo(tip);
            assertThat(again.mempool()).isEmpty();
            Transaction spend =
                    alice.spend(again.block(1).transactions().getFirst(), alice.script(), 1_000);
            assertThat(again.submit(spend)).isEmpty();
            again.mine(1, alice.script());
            tip = again.tip();
        }
        try (RegtestNode third = start()) {
            assertThat(third.tip()).isEqualTo(tip);
        }
    }

    @Test
    void aBlockThatWasWrittenInPartIsCutOff() throws IOException {
        try (RegtestNode node = start()) {
            node.mine(3, alice.script());
        }
        Path file = folder.resolve("blocks");
        byte[] whole = Files.readAllBytes(file);
        for (int left : new int[] {1, 5, 100}) {
            Files.write(file, Arrays.copyOf(whole, whole.length - left));
            try (RegtestNode again = start()) {
                assertThat(again.height()).isEqualTo(2);
                again.mine(1, alice.script());
            }
            try (RegtestNode third = start()) {
                assertThat(third.height()).isEqualTo(3);
            }
        }
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws IOException {
        Path file = folder.resolve("blocks");
        Files.write(file, new byte[] {-1, 0, 0, 0, 0});
        assertThatThrownBy(this::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a file of blocks");
        Files.write(file, new byte[] {0, 0, 0, 1, 0});
        assertThatThrownBy(this::start).isInstanceOf(IOException.class);
        // Blocks whose parents are missing.
        Files.delete(file);
        try (RegtestNode node = start()) {
            node.mine(2, alice.script());
        }
        byte[] two = Files.readAllBytes(file);
        int first = 4 + ((two[2] << 8) | (two[3] & 0xff));
        Files.write(
                file,
                Arrays.copyOfRange(two, first, two.length),
                StandardOpenOption.TRUNCATE_EXISTING);
        assertThatThrownBy(this::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("genesis stays");
    }
}
