package org.tutti.signing.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.musig.keys.KeySort;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.group.SignerGroup.Candidate;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

class SignerGroupTest {
    private final SecureRandom random = new SecureRandom();

    private PeerId peer() {
        return Keys.generate(KeyType.ED25519, random).publicKey().peerId();
    }

    private PublicKey key() {
        try (SecretKey key = SecretKey.generate(random)) {
            return key.publicKey();
        }
    }

    private static final Bytes NETWORK = Bytes.wrap(new byte[32]);

    private List<Candidate> candidates(int count) {
        List<Candidate> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Candidate(peer(), key(), List.of()));
        }
        return all;
    }

    private static void refuses(List<Candidate> candidates, GroupException.Code code) {
        assertThatThrownBy(() -> SignerGroup.of(NETWORK, 1, candidates))
                .isInstanceOfSatisfying(
                        GroupException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void membersAreInKeySortOrderWhateverTheConfiguredOrder() throws GroupException {
        List<Candidate> all = candidates(20);
        SignerGroup group = SignerGroup.of(NETWORK, 1, all);
        assertThat(group.signingKeys())
                .isEqualTo(KeySort.sort(all.stream().map(Candidate::signingKey).toList()));
        Collections.shuffle(all, random);
        assertThat(SignerGroup.of(NETWORK, 1, all).members()).isEqualTo(group.members());
        for (int i = 0; i < 20; i++) {
            assertThat(group.member(i).index()).isEqualTo(i);
            assertThat(group.member(group.member(i).peerId())).contains(group.member(i));
        }
    }

    @Test
    void groupsOfOneAndOfTooManyAreRefused() {
        refuses(candidates(1), GroupException.Code.TOO_FEW_MEMBERS);
        refuses(
                Collections.nCopies(SignerGroup.MAX_MEMBERS + 1, candidates(1).getFirst()),
                GroupException.Code.TOO_MANY_MEMBERS);
    }

    @Test
    void aGroupMayHaveTheMostMembers() throws GroupException {
        List<Candidate> most = new ArrayList<>();
        for (int i = 0; i < SignerGroup.MAX_MEMBERS; i++) {
            most.add(new Candidate(peer(), key(), List.of()));
        }
        assertThat(SignerGroup.of(NETWORK, 1, most).size()).isEqualTo(SignerGroup.MAX_MEMBERS);
    }

    @Test
    void theIdCommitsToNetworkEpochAndKeys() throws GroupException {
        List<Candidate> two = candidates(2);
        SignerGroup group = SignerGroup.of(NETWORK, 1, two);
        List<Candidate> sameKeys =
                two.stream().map(c -> new Candidate(peer(), c.signingKey(), List.of())).toList();
        assertThat(SignerGroup.of(NETWORK, 1, sameKeys).id()).isEqualTo(group.id());
        Bytes other = Bytes.wrap(HexFormat.of().parseHex("11".repeat(32)));
        assertThat(
                        Set.of(
                                group.id(),
                                SignerGroup.of(other, 1, two).id(),
                                SignerGroup.of(NETWORK, 2, two).id(),
                                SignerGroup.of(NETWORK, 1, candidates(2)).id()))
                .hasSize(4);
    }

    @Test
    void aGroupAndItsMembersAreNamedInLogs() throws GroupException {
        SignerGroup group = SignerGroup.of(NETWORK, 42, candidates(2));
        assertThat(group.epoch()).isEqualTo(42);
        assertThat(group).hasToString("group of 2, epoch 42");
        assertThat(group.member(1)).hasToString("signer 1 (" + group.member(1).peerId() + ")");
    }

    @Test
    void twoMembersWithOneKeyOrOnePeerIdAreRefused() {
        List<Candidate> two = candidates(2);
        refuses(
                List.of(two.get(0), new Candidate(peer(), two.get(0).signingKey(), List.of())),
                GroupException.Code.DUPLICATE_SIGNING_KEY);
        refuses(
                List.of(two.get(0), new Candidate(two.get(0).peerId(), key(), List.of())),
                GroupException.Code.DUPLICATE_PEER_ID);
    }

    @Test
    void gaterAllowsMembersOnly() throws GroupException {
        SignerGroup group = SignerGroup.of(NETWORK, 1, candidates(2));
        Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/1");
        assertThat(group.gater().allowSecured(group.member(0).peerId(), address, false)).isTrue();
        assertThat(group.gater().allowSecured(peer(), address, false)).isFalse();
        assertThat(group.gater().allowDial(peer(), address)).isFalse();
    }
}
