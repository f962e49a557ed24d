package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.GroupKey;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.ExtendedPublicKey;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.config.NodeConfig.PolicyConfig;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.Member;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.policy.Allowlist;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

class SetupTest {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);
    private final TestGroup group = new TestGroup();

    @Test
    void everyMemberDerivesTheSameWalletAndKnowsItself() throws Exception {
        Setup alice = group.setup(0);
        Setup bob = group.setup(1);
        assertThat(alice.wallet()).isEqualTo(bob.wallet());
        assertThat(alice.wallet())
                .isEqualTo(GroupWallet.of(alice.group().signingKeys(), Network.REGTEST));
        assertThat(alice.self().peerId())
                .isEqualTo(group.keysOf(0).identity().publicKey().peerId());
        assertThat(alice.others())
                .extracting(Member::peerId)
                .hasSize(2)
                .doesNotContain(alice.self().peerId());
        assertThat(alice.wallet().network()).isEqualTo(Network.REGTEST);
    }

    @Test
    void thePolicyIsTheConfigurations() throws Exception {
        assertThat(group.setup(0).policy().maxAmount()).isEqualTo(Sat.of(50_000));
        assertThat(group.setup(0).policy().maxFee()).isEqualTo(Sat.of(2_000));
        assertThat(group.setup(0).policy().allowlist())
                .isEqualTo(
                        new Allowlist.Only(
                                Set.of(
                                        Address.parse(TestGroup.NOBODY, Network.REGTEST)
                                                .scriptPubKey())));
        PolicyConfig any = new PolicyConfig(1, OptionalLong.empty(), 1, List.of(), true, false);
        assertThat(Setup.of(group.config(any), group.keysOf(0)).policy().allowlist())
                .isEqualTo(new Allowlist.Any());
    }

    @Test
    void keysOfNoMemberAreRefused() {
        refused(group.config(TestGroup.POLICY), TestGroup.keys(9), "NOT_A_MEMBER");
    }

    @Test
    void aSigningKeyThatIsNotTheMembersIsRefused() {
        NodeKeys mixed =
                new NodeKeys(
                        group.keysOf(0).identity(),
                        group.keysOf(1).signing(),
                        Network.REGTEST.id());
        refused(group.config(TestGroup.POLICY), mixed, "OTHER_SIGNING_KEY");
    }

    /// The group that strangers with the test's identities form, each with this key.
    private GroupDescriptor formed(GroupForm form, Network network) throws Exception {
        List<GroupDescriptor.Member> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            PublicKey key = group.keysOf(i).signing().publicKey();
            GroupKey groupKey =
                    form == GroupForm.FIXED
                            ? new GroupKey.Bare(key)
                            : GroupKey.Extended.ofMaster(
                                    new ExtendedPublicKey(
                                            network.keyVersions(),
                                            0,
                                            Bytes.wrap(new byte[4]),
                                            0,
                                            ZEROS,
                                            key));
            members.add(
                    new GroupDescriptor.Member(
                            TestGroup.keys(10 + i).signing().publicKey(),
                            group.keysOf(i).identity().publicKey().peerId(),
                            groupKey,
                            ZEROS));
        }
        return new GroupDescriptor(
                ZEROS,
                ZEROS,
                network.id(),
                "savings",
                form,
                members,
                1,
                7,
                new ProposalId(ZEROS),
                Optional.empty());
    }

    private Setup formed(GroupDescriptor descriptor, int member, int key) {
        return Setup.formed(
                descriptor,
                group.config(TestGroup.POLICY),
                group.keysOf(member).identity().publicKey().peerId(),
                group.keysOf(key).signing().publicKey());
    }

    @Test
    void aGroupOfStrangersHasTheWalletThatItsDescriptorSays() throws Exception {
        GroupDescriptor many = formed(GroupForm.EXTENDED, Network.REGTEST);
        Setup alice = formed(many, 0, 0);
        assertThat(alice.wallet().path(Script.of(many.outputScript(true, 5))))
                .contains(List.of(1, 5));
        assertThat(alice.group().epoch()).isEqualTo(1);
        assertThat(alice.policy()).isEqualTo(group.setup(0).policy());
        Setup bob = formed(formed(GroupForm.FIXED, Network.REGTEST), 1, 1);
        assertThat(bob.wallet()).isEqualTo(group.setup(0).wallet());
        assertThat(bob.self().signingKey()).isEqualTo(group.keysOf(1).signing().publicKey());
    }

    @Test
    void aGroupOfStrangersWithAnotherKeyOfThisNodesOrOnAnotherNetworkIsRefused() throws Exception {
        GroupDescriptor here = formed(GroupForm.EXTENDED, Network.REGTEST);
        GroupDescriptor elsewhere = formed(GroupForm.FIXED, Network.MAINNET);
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> formed(here, 0, 1))
                .satisfies(e -> assertThat(e.code()).isEqualTo("OTHER_SIGNING_KEY"));
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> formed(elsewhere, 0, 0))
                .satisfies(e -> assertThat(e.code()).isEqualTo("KEY_OF_ANOTHER_NETWORK"));
    }

    @Test
    void aSigningKeyOfAnotherNetworkIsRefused() {
        NodeKeys mainnet =
                new NodeKeys(
                        group.keysOf(0).identity(),
                        group.keysOf(0).signing(),
                        Network.MAINNET.id());
        refused(group.config(TestGroup.POLICY), mainnet, "KEY_OF_ANOTHER_NETWORK");
    }

    @Test
    void membersThatMakeNoGroupAreRefused() {
        NodeConfig config = group.config(TestGroup.POLICY);
        NodeConfig one = TestGroup.config(List.of(config.members().getFirst()), TestGroup.POLICY);
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> Setup.of(one, group.keysOf(0)))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION));
    }

    @Test
    void aDestinationOfAnotherNetworkIsRefused() {
        PolicyConfig policy =
                new PolicyConfig(
                        1,
                        OptionalLong.empty(),
                        1,
                        List.of("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
                        false,
                        false);
        refused(group.config(policy), group.keysOf(0), "DESTINATION");
    }

    private static void refused(NodeConfig config, NodeKeys keys, String code) {
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> Setup.of(config, keys))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION);
                    assertThat(e.reason()).isNotBlank();
                });
    }
}
