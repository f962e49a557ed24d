package org.tutti.node.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.PublicKey;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

class GroupKeyFilesTest {
    private static final ProposalId FIRST = new ProposalId(Bytes.fromHex("01".repeat(32)));
    private static final ProposalId SECOND = new ProposalId(Bytes.fromHex("02".repeat(32)));

    @TempDir Path data;

    private GroupKeyFiles keys(Network network) throws IOException {
        Files.createDirectories(data.resolve("keys"));
        return new GroupKeyFiles(data, network, new SecureRandom());
    }

    private Path file() {
        return data.resolve("keys/group-" + FIRST + ".key");
    }

    private static PublicKey made(GroupKeyFiles keys, ProposalId proposal) throws IOException {
        try (ExtendedPrivateKey key = keys.create(proposal)) {
            return key.publicKey();
        }
    }

    @Test
    void eachProposalHasAKeyOfItsOwnAndKeepsIt() throws Exception {
        GroupKeyFiles keys = keys(Network.REGTEST);
        assertThat(keys.find(FIRST)).isEmpty();
        PublicKey first = made(keys, FIRST);
        assertThat(made(keys, SECOND)).isNotEqualTo(first);
        assertThat(made(keys, FIRST)).isEqualTo(first);
        // Another process finds the same.
        try (ExtendedPrivateKey found = keys(Network.REGTEST).find(FIRST).orElseThrow()) {
            assertThat(found.publicKey()).isEqualTo(first);
            assertThat(found.versions()).isEqualTo(ExtendedKeyVersions.TESTNET);
            assertThat(found.depth()).isZero();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void aKeyOfAnotherNetworkIsNotUsed() throws Exception {
        var _ = made(keys(Network.REGTEST), FIRST);
        assertThatThrownBy(() -> keys(Network.MAINNET).find(FIRST))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another network");
        assertThatThrownBy(() -> keys(Network.MAINNET).create(FIRST))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoKeyIsRefusedAndNeverReplaced() throws Exception {
        GroupKeyFiles keys = keys(Network.REGTEST);
        var _ = made(keys, FIRST);
        String whole = Files.readString(file());
        for (String damaged :
                new String[] {
                    "", whole.substring(0, 60), "x" + whole.substring(1), whole.substring(0, 65)
                }) {
            Files.writeString(file(), damaged);
            assertThatThrownBy(() -> keys.create(FIRST)).isInstanceOf(IOException.class);
            assertThat(Files.readString(file())).isEqualTo(damaged);
        }
    }

    @Test
    void aKeyThatOthersMayReadIsNotUsed() throws Exception {
        GroupKeyFiles keys = keys(Network.REGTEST);
        var _ = made(keys, FIRST);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> keys.find(FIRST)).hasMessageContaining("chmod 600");
    }
}
