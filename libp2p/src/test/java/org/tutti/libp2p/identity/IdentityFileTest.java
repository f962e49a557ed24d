package org.tutti.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

class IdentityFileTest {
    @TempDir Path folder;

    private final SecureRandom random = new SecureRandom();

    private PrivateKey fresh() {
        return Keys.generate(KeyType.ED25519, random);
    }

    private Path file(byte[] content, String permissions) throws IOException {
        Path file = Files.write(folder.resolve("identity.key"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aKeyComesBackFromItsFile() throws Exception {
        Path file = folder.resolve("identity.key");
        PrivateKey key = fresh();
        IdentityFile.create(file, key);
        assertThat(file).hasBinaryContent(key.toProtobuf());
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(IdentityFile.load(file).publicKey()).isEqualTo(key.publicKey());
        assertThatThrownBy(() -> IdentityFile.create(file, fresh()))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(IdentityFile.load(file).publicKey()).isEqualTo(key.publicKey());
    }

    @ParameterizedTest
    @CsvSource({"0, RSA", "2, SECP256K1", "3, ECDSA"})
    void gosFilesAreRead(int number, KeyType type) throws Exception {
        String go = "libp2p/go_crypto_test_data/" + number;
        PrivateKey key = IdentityFile.load(file(Vectors.bytes(go + ".priv"), "rw-------"));
        assertThat(key.publicKey().type()).isEqualTo(type);
        assertThat(key.publicKey().toProtobuf().toArray()).isEqualTo(Vectors.bytes(go + ".pub"));
    }

    @Test
    void theFirstStartMakesTheKeyAndTheSecondFindsIt() throws Exception {
        Path file = folder.resolve("identity.key");
        PrivateKey first = IdentityFile.loadOrCreate(file, this::fresh);
        PrivateKey second = IdentityFile.loadOrCreate(file, this::fresh);
        assertThat(second.publicKey()).isEqualTo(first.publicKey());
    }

    @Test
    void whoeverComesSecondTakesTheKeyOfTheFirst() throws Exception {
        Path file = folder.resolve("identity.key");
        PrivateKey other = fresh();
        PrivateKey key =
                IdentityFile.loadOrCreate(
                        file,
                        () -> {
                            // Another process, between our look and our writing.
                            try {
                                IdentityFile.create(file, other);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                            return fresh();
                        });
        assertThat(key.publicKey()).isEqualTo(other.publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw------x", "rw-rw-rw-"})
    void aFileThatIsOpenToOthersIsRefused(String permissions) throws Exception {
        Path file = file(fresh().toProtobuf(), permissions);
        assertThatThrownBy(() -> IdentityFile.load(file))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aLinkIsRefusedWhereverItPoints() throws Exception {
        Path file = file(fresh().toProtobuf(), "rw-------");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("no"));
        for (Path each : new Path[] {link, dangling}) {
            assertThatThrownBy(() -> IdentityFile.load(each)).hasMessageContaining("link");
            assertThatThrownBy(() -> IdentityFile.loadOrCreate(each, this::fresh))
                    .hasMessageContaining("link");
        }
        assertThat(folder.resolve("no")).doesNotExist();
    }

    @Test
    void whatIsNoKeyFileIsNamed() throws Exception {
        assertThatThrownBy(() -> IdentityFile.load(folder)).hasMessageContaining("is no file");
        assertThatThrownBy(() -> IdentityFile.load(folder.resolve("absent")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() ->
                        IdentityFile.load(file(new byte[KeyProtobuf.MAX_LENGTH + 1], "rw-------")))
                .hasMessageContaining("too long");
        for (byte[] content : new byte[][] {new byte[0], new byte[100], new byte[] {8, 1}}) {
            Path file = file(content, "rw-------");
            assertThatThrownBy(() -> IdentityFile.load(file))
                    .isInstanceOf(KeyFormatException.class)
                    .extracting("code")
                    .isEqualTo(Code.ENCODING);
        }
    }
}
