package org.tutti.coordinator.internal.advert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.advert.AdvertLimits;
import org.tutti.coordinator.advert.FoundSigner;
import org.tutti.coordinator.advert.SignerFilter;
import org.tutti.coordinator.advert.Via;
import org.tutti.coordinator.internal.advert.AdvertBook.Taken;
import org.tutti.coordinator.internal.wire.Crafted;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.AdvertDraft;
import org.tutti.coordinator.message.AdvertTerms;
import org.tutti.coordinator.message.AmountRange;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.coordinator.message.Vouch;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Which adverts a node keeps, which sequences it remembers, and what is evicted when it is full.
class AdvertBookTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final Crafted self = new Crafted();
    private final Crafted alice = new Crafted();
    private final Crafted bob = new Crafted();
    private Instant now = Crafted.NOW;
    private AdvertBook book = book(AdvertLimits.DEFAULT, Set.of());

    private AdvertBook book(AdvertLimits limits, Set<PublicKey> vouchers) {
        return new AdvertBook(self.publicKey(), Crafted.NETWORK, limits, vouchers);
    }

    private static AdvertLimits room(int adverts, long bytes, int tombstones) {
        AdvertLimits d = AdvertLimits.DEFAULT;
        return new AdvertLimits(
                adverts,
                bytes,
                tombstones,
                d.keysPerAuthor(),
                d.recordsPerAuthor(),
                d.burst(),
                d.interval(),
                d.forwarderBurst(),
                d.forwarderPerSecond(),
                d.askedBurst(),
                d.askedPerSecond(),
                d.askedOfAll(),
                d.peersAsked(),
                d.pagesAsked());
    }

    private Advert advert(Crafted by, long later) {
        return by.advert(now.toEpochMilli() + later, DAY, TransactionType.SPEND);
    }

    private Taken take(Advert advert, String origin) {
        return book.take(advert, Via.GOSSIP, origin, false, now);
    }

    private List<PublicKey> keys() {
        return book.all(now).stream().map(known -> known.advert().header().key()).toList();
    }

    @Test
    void aKeyHasOneAdvertAndTheNewestCounts() {
        Advert first = advert(alice, 0);
        Advert second = advert(alice, 1);
        assertThat(take(first, "a")).isEqualTo(Taken.DISCOVERED);
        assertThat(take(first, "b")).isEqualTo(Taken.KNOWN);
        assertThat(take(second, "a")).isEqualTo(Taken.UPDATED);
        assertThat(take(first, "a")).isEqualTo(Taken.OLD);
        assertThat(book.get(alice.publicKey(), now).orElseThrow().advert()).isEqualTo(second);
        assertThat(book.takeEvents())
                .containsExactly(
                        new AdvertEvent.SignerDiscovered(now, first, Via.GOSSIP),
                        new AdvertEvent.SignerUpdated(now, second, Via.GOSSIP));
        // Nobody brings this node its own.
        assertThat(take(advert(self, 0), "a")).isEqualTo(Taken.OLD);
    }

    @Test
    void whatWasTakenBackDoesNotReturnHoweverItIsReplayed() {
        Advert advert = advert(alice, 0);
        Retirement retirement = alice.signer.retire(advert.header().sequence(), now.toEpochMilli());
        take(advert, "a");
        assertThat(book.retire(retirement, "a", now)).isTrue();
        assertThat(book.retire(retirement, "a", now)).isFalse();
        assertThat(take(advert, "a")).isEqualTo(Taken.OLD);
        now = advert.header().notAfter().minusMillis(1);
        book.tick(now);
        assertThat(take(advert, "b")).isEqualTo(Taken.OLD);
        // A newer one counts.
        assertThat(take(alice.advert(now.toEpochMilli(), DAY, TransactionType.SWAP), "a"))
                .isEqualTo(Taken.DISCOVERED);
        // Nothing is remembered that nothing needs.
        now = retirement.header().notAfter();
        book.tick(now);
        assertThat(book.tombstones()).isEqualTo(1); // Of the one that has expired meanwhile.
        now = now.plus(Duration.ofDays(7));
        book.tick(now);
        assertThat(book.tombstones()).isZero();
    }

    @Test
    void aTombstoneThatComesFirstCountsToo() {
        Advert advert = advert(alice, 0);
        assertThat(
                        book.retire(
                                alice.signer.retire(advert.header().sequence(), now.toEpochMilli()),
                                "a",
                                now))
                .isTrue();
        assertThat(take(advert, "a")).isEqualTo(Taken.OLD);
        assertThat(book.takeEvents()).isEmpty();
        assertThat(take(advert(alice, 1), "a")).isEqualTo(Taken.DISCOVERED);
    }

    @Test
    void anOlderAdvertDoesNotReturnWhenTheNewerHasExpired() {
        Advert week = alice.advert(now.toEpochMilli(), Duration.ofDays(7), TransactionType.SPEND);
        Advert hour =
                alice.advert(now.toEpochMilli() + 1, Duration.ofHours(1), TransactionType.SPEND);
        take(week, "a");
        take(hour, "a");
        now = hour.header().notAfter();
        assertThat(keys()).isEmpty();
        book.tick(now);
        assertThat(take(week, "a")).isEqualTo(Taken.OLD);
        assertThat(book.takeEvents())
                .endsWith(
                        new AdvertEvent.SignerUnavailable(
                                now, alice.publicKey(), AdvertEvent.Reason.EXPIRED));
    }

    @Test
    void strangersPushOutThoseFromWhereTheyComeAndNobodyElse() {
        book = book(room(20, 1 << 30, 100), Set.of());
        List<PublicKey> honest = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Crafted one = new Crafted();
            honest.add(one.publicKey());
            take(advert(one, 0), "net" + i % 4);
        }
        for (int i = 0; i < 60; i++) {
            take(advert(new Crafted(), 0), "flood");
        }
        assertThat(book.size()).isEqualTo(20);
        assertThat(keys()).containsAll(honest);
    }

    @Test
    void withinOnePlaceTheAuthorWithMostLeavesFirst() {
        book = book(room(9, 1 << 30, 100), Set.of());
        take(advert(alice, 0), "a");
        for (int i = 0; i < 10; i++) {
            take(advert(of(bob), 0), "a");
        }
        assertThat(book.size()).isEqualTo(9);
        assertThat(keys()).contains(alice.publicKey());
    }

    /// Another key that speaks through the same peer.
    private static Crafted of(Crafted author) {
        return new Crafted(author.identity);
    }

    @Test
    void whomThisNodeKnowsAndWhoIsVouchedForLeaveLast() {
        SecretKey voucher = SecretKey.generate(new SecureRandom());
        book = book(room(5, 1 << 30, 100), Set.of(voucher.publicKey()));
        Advert vouched = vouched(alice, voucher, now.plus(DAY));
        assertThat(take(vouched, "flood")).isEqualTo(Taken.DISCOVERED);
        book.take(advert(bob, 0), Via.GOSSIP, "flood", true, now);
        for (int i = 0; i < 20; i++) {
            take(advert(new Crafted(), 0), "flood");
        }
        assertThat(keys()).contains(alice.publicKey(), bob.publicKey()).hasSize(5);
        assertThat(book.get(alice.publicKey(), now).orElseThrow().verified()).isTrue();
        assertThat(book.get(bob.publicKey(), now).orElseThrow().verified()).isFalse();
        voucher.close();
    }

    private Advert vouched(Crafted by, SecretKey voucher, Instant until) {
        Vouch vouch =
                Vouch.make(voucher, Crafted.NETWORK, by.publicKey(), until, new SecureRandom());
        return by.signer.advert(
                new AdvertDraft(
                        AdvertTerms.of(List.of(TransactionType.SPEND)), List.of(vouch), DAY),
                by.signer.contact(Optional.empty(), List.of(), 0, now),
                now.toEpochMilli());
    }

    @Test
    void onlyAVouchByANamedKeyThatCountsVerifies() {
        SecretKey named = SecretKey.generate(new SecureRandom());
        SecretKey other = SecretKey.generate(new SecureRandom());
        book = book(AdvertLimits.DEFAULT, Set.of(named.publicKey()));
        assertThat(book.isVerified(vouched(alice, named, now.plusMillis(1)), now)).isTrue();
        assertThat(book.isVerified(vouched(alice, named, now), now)).isFalse();
        assertThat(book.isVerified(vouched(alice, other, now.plus(DAY)), now)).isFalse();
        // A vouch for another key.
        Vouch stolen = vouched(alice, named, now.plus(DAY)).vouches().getFirst();
        Advert thief =
                bob.signer.advert(
                        new AdvertDraft(
                                AdvertTerms.of(List.of(TransactionType.SPEND)),
                                List.of(stolen),
                                DAY),
                        bob.signer.contact(Optional.empty(), List.of(), 0, now),
                        now.toEpochMilli());
        assertThat(book.isVerified(thief, now)).isFalse();
        named.close();
        other.close();
    }

    @Test
    void bytesAreBoundedAsTheyLieInMemory() {
        Advert one = advert(alice, 0);
        long each = 2_048 + 3L * one.envelope().length();
        book = book(room(1_000, 10 * each + 100, 100), Set.of());
        for (int i = 0; i < 30; i++) {
            take(advert(new Crafted(), 0), "a");
        }
        assertThat(book.bytes()).isLessThanOrEqualTo(10 * each + 100);
        assertThat(book.size()).isBetween(8, 10);
    }

    @Test
    void anAuthorHasTenKeysAndAHundredRecords() {
        for (int i = 0; i < 10; i++) {
            assertThat(take(advert(of(alice), 0), "a")).isEqualTo(Taken.DISCOVERED);
        }
        assertThat(take(advert(of(alice), 0), "a")).isEqualTo(Taken.TOO_MANY);
        assertThat(take(advert(bob, 0), "a")).isEqualTo(Taken.DISCOVERED);
        // Nor does one that is known move to a peer that has too many.
        Crafted moved = new Crafted(bob.key, alice.identity);
        assertThat(take(advert(moved, 1), "a")).isEqualTo(Taken.TOO_MANY);
        for (int i = 0; i < 90; i++) {
            assertThat(book.retire(retirement(of(alice)), "a", now)).isTrue();
        }
        assertThat(book.retire(retirement(of(alice)), "a", now)).isFalse();
        assertThat(book.retire(retirement(bob), "a", now)).isTrue();
    }

    private Retirement retirement(Crafted by) {
        return by.signer.retire(now.toEpochMilli(), now.toEpochMilli());
    }

    @Test
    void tombstonesAreBoundedAndPushOutTheirOwn() {
        book = book(room(100, 1 << 30, 10), Set.of());
        Advert advert = advert(alice, 0);
        take(advert, "a");
        book.retire(alice.signer.retire(advert.header().sequence(), now.toEpochMilli()), "a", now);
        for (int i = 0; i < 50; i++) {
            book.retire(retirement(new Crafted()), "flood", now);
        }
        assertThat(book.tombstones()).isEqualTo(10);
        assertThat(take(advert, "a")).isEqualTo(Taken.OLD);
    }

    @Test
    void whoAsksGetsPagesInTheOrderOfKeys() {
        List<PublicKey> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Crafted one = new Crafted();
            all.add(one.publicKey());
            take(advert(one, 0), "a");
        }
        take(bob.advert(now.toEpochMilli(), DAY, TransactionType.SWAP), "a");
        all.sort(null);
        Set<TransactionType> spend = Set.of(TransactionType.SPEND);
        AdvertBook.Page first = book.page(spend, Optional.empty(), 3, now);
        assertThat(first.envelopes())
                .isEqualTo(all.subList(0, 3).stream().map(this::envelope).toList());
        assertThat(first.more()).isTrue();
        AdvertBook.Page second = book.page(spend, Optional.of(all.get(2)), 3, now);
        assertThat(second.envelopes())
                .isEqualTo(all.subList(3, 5).stream().map(this::envelope).toList());
        assertThat(second.more()).isFalse();
        assertThat(book.page(Set.of(), Optional.empty(), 64, now).envelopes()).hasSize(6);
        assertThat(book.page(Set.of(), Optional.empty(), 64, now.plus(DAY)).envelopes()).isEmpty();
    }

    private Bytes envelope(PublicKey key) {
        return book.get(key, now).orElseThrow().advert().envelope();
    }

    @Test
    void filtersAskForTypePurposeAmountReputationAndVouches() {
        Advert advert =
                alice.signer.advert(
                        AdvertDraft.of(
                                AdvertTerms.of(List.of(TransactionType.SWAP))
                                        .purpose("Payroll")
                                        .amounts(new AmountRange(100, 1_000))),
                        alice.signer.contact(Optional.empty(), List.of(), 0, now),
                        now.toEpochMilli());
        FoundSigner unknown = new FoundSigner(advert, Via.DHT, false, OptionalInt.empty());
        FoundSigner known = new FoundSigner(advert, Via.DHT, true, OptionalInt.of(5));
        assertThat(filter(Set.of(), "", AmountRange.ANY, 0, false).matches(unknown)).isTrue();
        assertThat(
                        filter(Set.of(TransactionType.SPEND), "", AmountRange.ANY, 0, false)
                                .matches(unknown))
                .isFalse();
        assertThat(filter(Set.of(), "payroll", AmountRange.ANY, 0, false).matches(unknown))
                .isTrue();
        assertThat(filter(Set.of(), "pay", AmountRange.ANY, 0, false).matches(unknown)).isFalse();
        assertThat(filter(Set.of(), "", new AmountRange(100, 1_000), 0, false).matches(unknown))
                .isTrue();
        assertThat(filter(Set.of(), "", new AmountRange(99, 0), 0, false).matches(unknown))
                .isFalse();
        assertThat(filter(Set.of(), "", new AmountRange(0, 1_001), 0, false).matches(unknown))
                .isFalse();
        // What is unknown is not enough for any minimum.
        assertThat(filter(Set.of(), "", AmountRange.ANY, 1, false).matches(unknown)).isFalse();
        assertThat(filter(Set.of(), "", AmountRange.ANY, 5, false).matches(known)).isTrue();
        assertThat(filter(Set.of(), "", AmountRange.ANY, 6, false).matches(known)).isFalse();
        assertThat(filter(Set.of(), "", AmountRange.ANY, 0, true).matches(unknown)).isFalse();
        assertThat(filter(Set.of(), "", AmountRange.ANY, 0, true).matches(known)).isTrue();
    }

    private static SignerFilter filter(
            Set<TransactionType> types,
            String purpose,
            AmountRange amounts,
            int reputation,
            boolean verified) {
        return new SignerFilter(types, purpose, amounts, reputation, verified, 10);
    }

    @Test
    void aConnectionThatIsLostIsToldOfWhoSpeaksThroughIt() {
        take(advert(alice, 0), "a");
        take(advert(bob, 0), "a");
        book.takeEvents();
        book.disconnected(alice.identity.publicKey().peerId(), now);
        assertThat(book.takeEvents())
                .containsExactly(
                        new AdvertEvent.SignerUnavailable(
                                now, alice.publicKey(), AdvertEvent.Reason.DISCONNECTED));
        assertThat(keys()).contains(alice.publicKey());
    }
}
