package org.tutti.libp2p.kad.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.files.DamagedException;
import org.tutti.libp2p.internal.files.DamagedFiles;

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
        DamagedFiles.requireMovedAside(file, storage::load);
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
