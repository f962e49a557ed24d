package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.files.DamagedException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class FileSeenSequenceStorageTest {
    @TempDir Path folder;

    private static List<SeenSequence> many(int count) {
        List<SeenSequence> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = ByteBuffer.allocate(RecordValidators.MAX_KEY).putInt(i).array();
            all.add(new SeenSequence(Bytes.wrap(key), i, Long.MAX_VALUE - i));
        }
        return all;
    }

    @Test
    void whatIsSavedIsLoadedAsMuchAsMayBe() throws IOException {
        var storage = new FileSeenSequenceStorage(folder.resolve("seen"));
        assertThat(storage.load()).isEmpty();
        List<SeenSequence> most = many(SeenSequenceStorage.MAX_KEYS);
        storage.save(most);
        assertThat(storage.load()).isEqualTo(most);
        storage.save(many(3));
        assertThat(storage.load()).isEqualTo(many(3));
        assertThat(Files.getPosixFilePermissions(folder.resolve("seen"))).hasSize(2);
    }

    @Test
    void aDamagedFileIsMovedAsideWhereverItIsDamaged() throws IOException {
        Path file = folder.resolve("seen");
        var storage = new FileSeenSequenceStorage(file);
        storage.save(many(2));
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            assertThat(storage.load()).isEmpty();
            assertThat(folder.resolve("seen.damaged")).exists();
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void moreOrLongerThanEverKeptIsDamage() {
        byte[] many = new byte[17 * (SeenSequenceStorage.MAX_KEYS + 1)];
        assertThatThrownBy(() -> FileSeenSequenceStorage.decode(many))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("more in it");
        byte[] longKey = new byte[1 + 81 + 16];
        longKey[0] = 81;
        assertThatThrownBy(() -> FileSeenSequenceStorage.decode(longKey))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("more in it");
        assertThatThrownBy(() -> FileSeenSequenceStorage.decode(new byte[16]))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("cut short");
    }
}
