package org.tutti.wallet.coins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.network.Network;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.wallet.Group;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class GroupWalletTest {
    private final Group group = new Group();

    @Test
    void everyOrderOfTheKeysIsTheSameWallet() throws Exception {
        List<PublicKey> reversed = group.publicKeys().reversed();
        assertThat(GroupWallet.of(reversed, Network.REGTEST)).isEqualTo(group.wallet);
    }

    @Test
    void theOutputKeyIsTheOneThatTheGroupSignsUnder() throws Exception {
        GroupWallet wallet = group.wallet;
        KeyAggContext signing = KeyAggContext.of(wallet.keys()).withTapTweak(Optional.empty());
        assertThat(signing.xOnlyKey()).isEqualTo(wallet.outputKey());
        assertThat(KeyAggContext.of(wallet.keys()).xOnlyKey()).isEqualTo(wallet.internalKey());
        assertThat(wallet.address().text()).startsWith("bcrt1p");
        assertThat(Address.parse(wallet.address().text(), Network.REGTEST).scriptPubKey())
                .isEqualTo(wallet.scriptPubKey());
        assertThat(wallet.owns(wallet.scriptPubKey())).isTrue();
        assertThat(wallet.owns(Group.STRANGER)).isFalse();
    }

    @Test
    void aKeyThatStandsTwiceIsRefused() {
        List<PublicKey> keys = new ArrayList<>(group.publicKeys());
        keys.add(keys.getFirst());
        refused(WalletException.Code.DUPLICATE_KEY, keys);
    }

    @Test
    void oneKeyIsNoGroup() {
        refused(WalletException.Code.TOO_FEW_KEYS, group.publicKeys().subList(0, 1));
        refused(WalletException.Code.TOO_FEW_KEYS, List.of());
    }

    private static void refused(WalletException.Code code, List<PublicKey> keys) {
        assertThatExceptionOfType(WalletException.class)
                .isThrownBy(() -> GroupWallet.of(keys, Network.REGTEST))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
