package org.tutti.coordinator.service;

import org.tutti.coordinator.group.GroupKeys;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.musig.keys.ExtendedKeyVersions;
import org.tutti.musig.keys.ExtendedPrivateKey;
import org.tutti.musig.keys.KeyException;

import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Keys of groups in memory.
public final class TestGroupKeys implements GroupKeys {
    private final Map<ProposalId, byte[]> seeds = new ConcurrentHashMap<>();

    @Override
    public ExtendedPrivateKey create(ProposalId proposal) {
        return key(seeds.computeIfAbsent(proposal, _ -> seed()));
    }

    @Override
    public Optional<ExtendedPrivateKey> find(ProposalId proposal) {
        return Optional.ofNullable(seeds.get(proposal)).map(TestGroupKeys::key);
    }

    /// As if its disk was lost.
    public void lose() {
        seeds.clear();
    }

    private static byte[] seed() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return seed;
    }

    private static ExtendedPrivateKey key(byte[] seed) {
        try {
            return ExtendedPrivateKey.fromSeed(seed.clone(), ExtendedKeyVersions.TESTNET);
        } catch (KeyException e) {
            throw new IllegalStateException(e);
        }
    }
}
