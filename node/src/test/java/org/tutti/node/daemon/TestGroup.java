package org.tutti.node.daemon;

import org.tutti.bitcoin.network.Network;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.lightclient.sync.Birthday;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.SecretKey;
import org.tutti.node.config.HostPort;
import org.tutti.node.config.NodeConfig;
import org.tutti.node.config.NodeConfig.ConnectionsConfig;
import org.tutti.node.config.NodeConfig.LimitsConfig;
import org.tutti.node.config.NodeConfig.MemberConfig;
import org.tutti.node.config.NodeConfig.PolicyConfig;
import org.tutti.node.config.NodeConfig.TimeoutsConfig;
import org.tutti.node.keystore.NodeKeys;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Alice, bob and carol, numbered from 0, with keys and a configuration.
final class TestGroup {
    /// Nobody has its key.
    static final String NOBODY = "bcrt1p2zffkaxp5py4fdutfdsrt6t6tcrc5ks09rkfd428hlhf4n5q8tqq5az5cr";

    static final PolicyConfig POLICY =
            new PolicyConfig(50_000, OptionalLong.empty(), 2_000, List.of(NOBODY), false, false);

    private final List<NodeKeys> keys = new ArrayList<>();

    TestGroup() {
        for (int i = 1; i <= 3; i++) {
            keys.add(keys(i));
        }
    }

    /// A new identity, and the signing key with this number.
    static NodeKeys keys(int number) {
        PrivateKey identity = Keys.generate(KeyType.ED25519, new SecureRandom());
        byte[] scalar = new byte[32];
        scalar[31] = (byte) number;
        try {
            return new NodeKeys(identity, SecretKey.of(scalar), Network.REGTEST.id());
        } catch (KeyException e) {
            throw new AssertionError(e);
        }
    }

    NodeKeys keysOf(int member) {
        return keys.get(member);
    }

    Setup setup(int member) {
        return Setup.of(config(POLICY), keysOf(member));
    }

    NodeConfig config(PolicyConfig policy) {
        List<MemberConfig> members = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            members.add(
                    new MemberConfig(
                            keys.get(i).identity().publicKey().peerId(),
                            keys.get(i).signing().publicKey(),
                            Optional.of(Multiaddr.parse("/memory/" + (i + 1))),
                            Optional.empty()));
        }
        return config(members, policy);
    }

    static NodeConfig config(List<MemberConfig> members, PolicyConfig policy) {
        return new NodeConfig(
                Optional.empty(),
                new ConnectionsConfig(
                        List.of(), List.of(), List.of(), List.of(), LimitsConfig.NONE),
                Network.REGTEST,
                false,
                new Birthday.AtHeight(0),
                1,
                List.of(new HostPort("127.0.0.1", 18444)),
                members,
                policy,
                Optional.empty(),
                new TimeoutsConfig(
                        Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                NodeConfig.LogConfig.DEFAULT);
    }
}
