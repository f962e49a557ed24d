package org.tutti.libp2p.internal.kad.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tutti.libp2p.kad.record.RecordFixtures.MILLIS;
import static org.tutti.libp2p.kad.record.RecordFixtures.stranger;
import static org.tutti.libp2p.kad.record.RecordFixtures.text;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.internal.kad.records.ProviderStore.Added;
import org.tutti.libp2p.internal.kad.records.ProviderStore.Limits;
import org.tutti.libp2p.internal.kad.records.ProviderStore.Provider;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

class ProviderStoreTest {
    private static final Bytes KEY = text("a key");
    private static final List<Multiaddr> ADDRESS =
            List.of(Multiaddr.parse("/ip4/198.51.100.1/tcp/4001"));
    private static final PeerId ALICE = stranger(1_000_000);
    private static final Source FROM_ALICE = new Source(ALICE, "198.51.100.1", "198.51");

    private final ProviderStore store = new ProviderStore(ProviderStore.DEFAULT_LIMITS);

    /// One of many peers that have an address and a prefix of their own, if that is so wanted.
    private static Source source(int peer, int address, int prefix) {
        return new Source(stranger(peer), "a" + prefix + "." + address, "p" + prefix);
    }

    private Added add(Source source, long now) {
        return store.add(KEY, source.peer(), ADDRESS, source, now);
    }

    private List<PeerId> providers(long now) {
        return store.providers(KEY, now).stream().map(Provider::peer).toList();
    }

    @Test
    void aProviderIsToldOnForTwoDays() {
        assertThat(add(FROM_ALICE, MILLIS)).isEqualTo(Added.STORED);
        long end = MILLIS + Duration.ofHours(48).toMillis();
        assertThat(store.providers(KEY, end - 1)).containsExactly(new Provider(ALICE, ADDRESS));
        assertThat(store.providers(text("another"), MILLIS)).isEmpty();
        assertThat(store.providers(KEY, end)).isEmpty();
        assertThat(store.size()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void whoRenewsStaysAndIsToldFirst() {
        add(FROM_ALICE, MILLIS);
        add(source(1, 1, 1), MILLIS + 1);
        assertThat(providers(MILLIS + 1)).containsExactly(stranger(1), ALICE);
        add(FROM_ALICE, MILLIS + 2);
        assertThat(providers(MILLIS + 2)).containsExactly(ALICE, stranger(1));
        assertThat(providers(MILLIS + 1 + Duration.ofHours(48).toMillis())).containsExactly(ALICE);
        assertThat(store.size()).isOne();
    }

    @Test
    void aProviderIsTakenFromItselfAlone() {
        assertThat(store.add(KEY, ALICE, ADDRESS, source(1, 1, 1), MILLIS))
                .isEqualTo(Added.NOT_THE_SENDER);
        assertThat(store.size()).isZero();
    }

    @Test
    void keysOverEightyBytesAndProvidersWithoutAddressAreRefused() {
        Bytes longest = Bytes.wrap(new byte[80]);
        assertThat(store.add(longest, ALICE, ADDRESS, FROM_ALICE, MILLIS)).isEqualTo(Added.STORED);
        assertThat(store.add(Bytes.wrap(new byte[81]), ALICE, ADDRESS, FROM_ALICE, MILLIS))
                .isEqualTo(Added.BAD_KEY);
        assertThat(store.add(Bytes.EMPTY, ALICE, ADDRESS, FROM_ALICE, MILLIS))
                .isEqualTo(Added.BAD_KEY);
        assertThat(store.add(KEY, ALICE, List.of(), FROM_ALICE, MILLIS))
                .isEqualTo(Added.NO_ADDRESS);
    }

    @Test
    void sixteenAddressesAreKeptAndNoneThatIsTooLong() {
        store.add(KEY, ALICE, Collections.nCopies(1_000, ADDRESS.getFirst()), FROM_ALICE, MILLIS);
        assertThat(store.providers(KEY, MILLIS).getFirst().addresses()).hasSize(16);
        Multiaddr tooLong = Multiaddr.parse("/dns4/" + "a".repeat(252) + "/tcp/1");
        assertThat(tooLong.toBytes().length).isGreaterThan(256);
        assertThat(store.add(KEY, ALICE, List.of(tooLong), FROM_ALICE, MILLIS))
                .isEqualTo(Added.NO_ADDRESS);
    }

    @Test
    void anAddressHasFourProvidersOfAKeyAndAPrefixSixteen() {
        for (int i = 0; i < 10; i++) {
            assertThat(add(source(i, 0, 0), MILLIS + i)).isEqualTo(Added.STORED);
        }
        assertThat(providers(MILLIS + 10))
                .containsExactly(stranger(9), stranger(8), stranger(7), stranger(6));
        for (int i = 10; i < 40; i++) {
            add(source(i, i, 0), MILLIS + i);
        }
        assertThat(providers(MILLIS + 40))
                .containsExactlyElementsOf(
                        IntStream.range(24, 40).mapToObj(i -> stranger(63 - i)).toList());
    }

    /// With as many ids and addresses as she likes, but few prefixes, and although she renews all
    /// the time.
    @Test
    void fullKeysKeepWhoIsInAPrefixOfItsOwn() {
        add(FROM_ALICE, MILLIS);
        for (int i = 0; i < 2_000; i++) {
            add(source(i, i, i % 32), MILLIS + i);
        }
        assertThat(providers(MILLIS + 2_000)).hasSize(64).contains(ALICE);
    }

    @Test
    void ofAFullKeyTheOneNotRenewedForLongestGoes() {
        Limits open = ProviderStore.PRIVATE_LIMITS;
        ProviderStore lan = new ProviderStore(open);
        for (int i = 0; i < 64; i++) {
            lan.add(KEY, stranger(i), ADDRESS, source(i, 0, 0), MILLIS + i);
        }
        lan.add(KEY, stranger(0), ADDRESS, source(0, 0, 0), MILLIS + 64);
        lan.add(KEY, stranger(64), ADDRESS, source(64, 0, 0), MILLIS + 65);
        assertThat(lan.providers(KEY, MILLIS + 65).stream().map(Provider::peer))
                .hasSize(64)
                .contains(stranger(0), stranger(64), stranger(2))
                .doesNotContain(stranger(1));
    }

    @Test
    void aStoreIsBoundedForPeersPrefixesAndInAll() {
        Limits limits =
                new Limits(
                        new Bound(30, 1 << 20),
                        new Bound(20, 1 << 20),
                        new Bound(10, 1 << 20),
                        64,
                        64,
                        64);
        ProviderStore small = new ProviderStore(limits);
        small.add(text("alices"), ALICE, ADDRESS, FROM_ALICE, MILLIS);
        for (int i = 0; i < 100; i++) {
            small.add(text("k" + i), stranger(1), ADDRESS, source(1, 1, 1), MILLIS);
        }
        assertThat(small.size()).isEqualTo(11);
        for (int i = 0; i < 1_000; i++) {
            small.add(text("k" + i), stranger(i), ADDRESS, source(i, i, i % 7), MILLIS);
        }
        assertThat(small.size()).isEqualTo(30);
        assertThat(small.providers(text("alices"), MILLIS)).hasSize(1);
        ProviderStore none =
                new ProviderStore(
                        new Limits(
                                new Bound(10, 100),
                                new Bound(10, 100),
                                new Bound(10, 100),
                                64,
                                64,
                                64));
        assertThat(none.add(KEY, ALICE, ADDRESS, FROM_ALICE, MILLIS)).isEqualTo(Added.FULL);
        assertThat(none.size()).isZero();
    }

    @Test
    void aKeyHasRoomForSomebody() {
        Bound some = new Bound(1, 1);
        assertThatThrownBy(() -> new Limits(some, some, some, 0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
