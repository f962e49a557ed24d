package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.musig.memory.MemoryProtection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Asks the kernel itself (`/proc/self/smaps`) what it does with the memory of secrets.
class ProtectedMemoryTest {
    /// The flags of the mapping that holds this address (Linux
    /// `Documentation/filesystems/proc.rst`: `lo` locked, `dd` left out of core dumps).
    private static List<String> flagsAt(long address) throws Exception {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
                inside =
                        Long.compareUnsigned(address, HexFormat.fromHexDigitsToLong(range[0])) >= 0
                                && Long.compareUnsigned(
                                                address, HexFormat.fromHexDigitsToLong(range[1]))
                                        < 0;
            } else if (inside && line.startsWith("VmFlags:")) {
                return List.of(line.substring(8).trim().split(" ", -1));
            }
        }
        return List.of();
    }

    @Test
    void theKernelConfirmsWhatIsSaidOfTheMemory() throws Exception {
        ProtectedMemory.Pages pages = ProtectedMemory.allocate(10_000);
        assertThat(pages.segment().byteSize()).isEqualTo(10_000);
        assertThat(pages.segment().mismatch(pages.segment().asSlice(0))).isEqualTo(-1);
        for (long at : new long[] {0, 9_999}) {
            List<String> flags = flagsAt(pages.segment().address() + at);
            assertThat(flags.contains("lo")).isEqualTo(pages.protection().notLocked().isEmpty());
            assertThat(flags.contains("dd")).isEqualTo(pages.protection().inCoreFiles().isEmpty());
        }
        assertThat(pages.protection().inCoreFiles()).as("every Linux can").isEmpty();
    }

    @Test
    void slotsTellWhatTheSystemRefusedThem() throws Exception {
        SecretSlots slots = new SecretSlots(200, "test secrets", "close some");
        assertThat(slots.protection()).isEqualTo(MemoryProtection.FULL);
        List<Secret> secrets = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            secrets.add(new Secret(slots));
        }
        for (Secret secret : secrets) {
            long address = java.util.Objects.requireNonNull(secret.acquire()).address();
            secret.release();
            List<String> flags = flagsAt(address);
            assertThat(flags).contains("dd");
            if (slots.protection().notLocked().isEmpty()) {
                assertThat(flags).contains("lo");
            }
            secret.close();
        }
    }

    @Test
    void whatOneSlabLacksThePoolLacks() {
        MemoryProtection swapped =
                new MemoryProtection(Optional.of("over the limit"), Optional.empty());
        assertThat(MemoryProtection.FULL.and(swapped)).isEqualTo(swapped);
        assertThat(swapped.and(MemoryProtection.FULL)).isEqualTo(swapped);
        assertThat(swapped.and(new MemoryProtection(Optional.of("other"), Optional.of("core"))))
                .isEqualTo(
                        new MemoryProtection(Optional.of("over the limit"), Optional.of("core")));
    }
}
