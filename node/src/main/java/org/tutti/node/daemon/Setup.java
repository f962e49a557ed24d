package org.tutti.node.daemon;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.units.Sat;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.config.MemberNames;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.daemon.NodeException.Kind;
import org.tutti.node.keystore.NodeKeys;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.Member;
import org.tutti.signing.group.SignerGroup;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.WalletException;
import org.tutti.wallet.policy.Allowlist;
import org.tutti.wallet.policy.SpendPolicy;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What follows from configuration and keys: the group, its wallet, this node's member and policy.
///
/// @param self this node as a member
/// @param names what the members are called
record Setup(
        SignerGroup group, GroupWallet wallet, Member self, SpendPolicy policy, MemberNames names) {
    /// The group of the configuration, if it has one.
    ///
    /// @throws NodeException if they do not fit together
    static Optional<Setup> ifGroup(NodeConfig config, NodeKeys keys) {
        requireNetwork(config, keys);
        return config.hasGroup() ? Optional.of(of(config, keys)) : Optional.empty();
    }

    /// @throws NodeException if they do not fit together, or there is no group
    static Setup of(NodeConfig config, NodeKeys keys) {
        requireNetwork(config, keys);
        if (!config.hasGroup()) {
            throw wrong("NO_GROUP", "the configuration has no [[members]]");
        }
        return ofGroup(config, keys);
    }

    private static void requireNetwork(NodeConfig config, NodeKeys keys) {
        // SAFETY 24: the key store has refused it before; this is for keys from elsewhere.
        if (!keys.network().equals(config.network().id())) {
            throw wrong(
                    "KEY_OF_ANOTHER_NETWORK",
                    "the signing key was not made for the network of the configuration, "
                            + config.network().name());
        }
    }

    private static Setup ofGroup(NodeConfig config, NodeKeys keys) {
        try {
            SignerGroup group =
                    SignerGroup.of(
                            config.network().id(),
                            config.epoch(),
                            config.members().stream()
                                    .map(member ->
                                            new SignerGroup.Candidate(
                                                    member.peerId(),
                                                    member.signingKey(),
                                                    member.address().stream().toList()))
                                    .toList());
            GroupWallet wallet = GroupWallet.of(group.signingKeys(), config.network());
            return new Setup(
                    group,
                    wallet,
                    self(group, keys),
                    policy(config),
                    new MemberNames(config.members()));
        } catch (GroupException e) {
            throw wrong(e.code().name(), e.getMessage());
        } catch (WalletException e) {
            throw wrong("WALLET", e.getMessage());
        } catch (AddressException e) {
            throw wrong("DESTINATION", e.getMessage());
        }
    }

    /// A group that strangers have formed.
    ///
    /// @param peer this node
    /// @param key of this node in the group
    /// @throws NodeException if they do not fit together
    static Setup formed(GroupDescriptor descriptor, NodeConfig config, PeerId peer, PublicKey key) {
        // SAFETY 24: such a group is told by no log of this network's; this is for one from
        // elsewhere.
        if (!descriptor.network().equals(config.network().id())) {
            throw wrong("KEY_OF_ANOTHER_NETWORK", "the group is not on " + config.network().name());
        }
        try {
            SignerGroup group =
                    SignerGroup.of(
                            descriptor.network(),
                            descriptor.epoch(),
                            descriptor.members().stream()
                                    .map(member ->
                                            new SignerGroup.Candidate(
                                                    member.peer(),
                                                    member.groupKey().key(),
                                                    List.of()))
                                    .toList());
            Member self =
                    group.member(peer)
                            .filter(member -> member.signingKey().equals(key))
                            .orElseThrow(() ->
                                    wrong(
                                            "OTHER_SIGNING_KEY",
                                            "this node's key of the group is not the one that the"
                                                    + " group has of it"));
            return new Setup(
                    group,
                    wallet(descriptor, group, config),
                    self,
                    policy(config),
                    new MemberNames(config.members()));
        } catch (GroupException e) {
            throw wrong(e.code().name(), e.getMessage());
        } catch (WalletException e) {
            throw wrong("WALLET", e.getMessage());
        } catch (AddressException e) {
            throw wrong("DESTINATION", e.getMessage());
        }
    }

    /// Its first addresses are derived twice, by the coordinator and by the wallet: nobody is to
    /// pay to what only one of them finds.
    private static GroupWallet wallet(
            GroupDescriptor descriptor, SignerGroup group, NodeConfig config)
            throws WalletException {
        GroupWallet wallet =
                switch (descriptor.form()) {
                    case EXTENDED -> GroupWallet.derived(group.signingKeys(), config.network());
                    case FIXED -> GroupWallet.of(group.signingKeys(), config.network());
                };
        for (boolean change : List.of(false, true)) {
            Script script = Script.of(descriptor.outputScript(change, 0));
            if (!wallet.path(script).equals(Optional.of(descriptor.path(change, 0)))) {
                throw wrong("WALLET", "the wallet derives other addresses than the group has");
            }
        }
        return wallet;
    }

    /// All members but this node.
    List<Member> others() {
        return group.members().stream().filter(member -> !member.equals(self)).toList();
    }

    boolean isMember(PeerId peer) {
        return group.member(peer).isPresent();
    }

    private static Member self(SignerGroup group, NodeKeys keys) {
        PeerId peerId = keys.identity().publicKey().peerId();
        Member self =
                group.member(peerId)
                        .orElseThrow(() ->
                                wrong(
                                        "NOT_A_MEMBER",
                                        "none of the [[members]] has this node's peer_id "
                                                + peerId));
        if (!self.signingKey().equals(keys.signing().publicKey())) {
            throw wrong(
                    "OTHER_SIGNING_KEY",
                    "the [[members]] table of this node has the signing_key "
                            + self.signingKey().bytes()
                            + ", but its key is "
                            + keys.signing().publicKey().bytes());
        }
        return self;
    }

    static SpendPolicy policy(NodeConfig config) throws AddressException {
        Set<Script> scripts = new HashSet<>();
        for (String destination : config.policy().destinations()) {
            scripts.add(Address.parse(destination, config.network()).scriptPubKey());
        }
        return new SpendPolicy(
                Sat.of(config.policy().maxAmountSat()),
                Sat.of(config.policy().maxFeeSat()),
                config.policy().anyDestination()
                        ? new Allowlist.Any()
                        : new Allowlist.Only(scripts));
    }

    private static NodeException wrong(String code, @Nullable String text) {
        return new NodeException(code, Kind.CONFIGURATION, text == null ? code : text);
    }
}
