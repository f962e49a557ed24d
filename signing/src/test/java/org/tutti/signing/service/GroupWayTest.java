package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.RelayFrame;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.session.DropReason;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Who gets what from whom in a group of five; signer 2 relays, or 2 and 3.
class GroupWayTest {
    private static final long SECOND = 1_000_000_000L;

    private final GroupFixture fixture = new GroupFixture(5, 5);
    private final Bytes group = fixture.group.id();

    /// One that signer 0 has signed, and one that signer 4 has.
    private final Bytes own =
            fixture.owner(0)
                    .envelopeSigner()
                    .answer(1, Bytes.fromHex("01".repeat(16)), 1)
                    .envelope();

    private final Bytes others =
            fixture.owner(4)
                    .envelopeSigner()
                    .answer(1, Bytes.fromHex("01".repeat(16)), 1)
                    .envelope();

    private PeerId peer(int member) {
        return fixture.group.member(member).peerId();
    }

    private List<PeerId> peers(int... members) {
        return Arrays.stream(members).mapToObj(this::peer).toList();
    }

    private GroupWay way(int self, int... relays) {
        return new GroupWay(fixture.group, self, peers(relays));
    }

    private RelayFrame.Reachable all(Integer... members) {
        return new RelayFrame.Reachable(group, true, List.of(members), List.of());
    }

    private RelayFrame.Reachable change(List<Integer> opened, List<Integer> closed) {
        return new RelayFrame.Reachable(group, false, opened, closed);
    }

    /// Signer 0, whose streams to all relays are open, and who was told that they reach all others.
    private GroupWay member(int... relays) throws Exception {
        GroupWay way = way(0, relays);
        for (int relay : relays) {
            way.linkOpened(relay);
            List<Integer> reached =
                    List.of(0, 1, 2, 3, 4).stream().filter(m -> m != relay && m != 0).toList();
            way.told(relay, new RelayFrame.Reachable(group, true, reached, List.of()), 0);
        }
        return way;
    }

    private static RelayFrame frame(GroupWay.Parcel parcel) throws WireException {
        return RelayFrame.decode(parcel.frame());
    }

    private void requireRefused(DropReason reason, Attempted attempted) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(attempted::run)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private interface Attempted {
        void run() throws WireException;
    }

    // --- where all are connected to all

    @Test
    void withoutRelaysEverythingGoesDirectly() {
        GroupWay way = way(0);
        assertThat(way.needsLink(peer(4))).isTrue();
        assertThat(way.needsLink(peer(0))).isFalse();
        assertThat(way.linkOpened(4)).isEqualTo(new GroupWay.Reached(List.of(4), List.of()));
        assertThat(way.reached()).extracting(Member::index).containsExactly(4);
        assertThat(way.send(1, others, true)).contains(new GroupWay.Parcel(peers(1), others, true));
        assertThat(way.broadcast(others))
                .containsExactly(new GroupWay.Parcel(peers(1, 2, 3, 4), others, false));
        assertThat(way.linkClosed(4)).isEmpty();
        assertThat(way.reached()).isEmpty();
        assertThat(way.heardHello(1)).isEmpty();
        requireRefused(DropReason.NOT_THE_RELAY, way::requireRelay);
        requireRefused(
                DropReason.NOT_THE_RELAY, () -> way.from(2, new RelayFrame.Relayed(group, 1, own)));
        requireRefused(DropReason.NOT_THE_RELAY, () -> way.told(2, all(1), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> way.relayBy(peers(2)));
    }

    // --- a member

    @Test
    void aMemberNeedsALinkToTheRelayAlone() throws Exception {
        GroupWay way = way(0, 2);
        assertThat(way.needsLink(peer(2))).isTrue();
        assertThat(way.needsLink(peer(1))).isFalse();
        assertThat(way.linkOpened(1)).isEqualTo(new GroupWay.Reached(List.of(), List.of()));
        assertThat(way.reached()).isEmpty();
    }

    @Test
    void whatIsForAllIsOneFrameToTheRelay() throws Exception {
        List<GroupWay.Parcel> parcels = member(2).broadcast(own);
        assertThat(parcels).hasSize(1);
        assertThat(parcels.getFirst().to()).isEqualTo(peers(2));
        assertThat(frame(parcels.getFirst()))
                .isEqualTo(new RelayFrame.Forward(group, OptionalInt.empty(), false, own));
    }

    @Test
    void whatIsForOneGoesThroughTheRelayAndToTheRelayDirectly() throws Exception {
        GroupWay way = member(2);
        GroupWay.Parcel parcel = way.send(4, own, true).orElseThrow();
        assertThat(parcel.to()).isEqualTo(peers(2));
        assertThat(frame(parcel))
                .isEqualTo(new RelayFrame.Forward(group, OptionalInt.of(4), true, own));
        assertThat(way.send(2, own, false)).contains(new GroupWay.Parcel(peers(2), own, false));
    }

    @Test
    void whatOthersHaveSignedGoesOverNoRelay() throws Exception {
        GroupWay way = member(2);
        assertThat(way.send(1, others, false)).isEmpty();
        assertThat(way.send(2, others, false)).isPresent();
        assertThat(way.broadcast(others))
                .containsExactly(new GroupWay.Parcel(peers(2), others, false));
    }

    @Test
    void ofTwoRelaysTheFirstThatReachesAMemberIsTaken() throws Exception {
        GroupWay way = member(2, 3);
        way.told(2, change(List.of(), List.of(4)), 0);
        assertThat(way.send(1, own, false).orElseThrow().to()).isEqualTo(peers(2));
        assertThat(way.send(4, own, false).orElseThrow().to()).isEqualTo(peers(3));
        List<GroupWay.Parcel> all = way.broadcast(own);
        assertThat(all).extracting(GroupWay.Parcel::to).containsExactly(peers(2), peers(3));
        assertThat(frame(all.get(1)))
                .isEqualTo(new RelayFrame.Forward(group, OptionalInt.of(4), false, own));
        way.linkClosed(2);
        assertThat(way.broadcast(own).getFirst().to()).isEqualTo(peers(3));
        assertThat(way.send(1, own, false).orElseThrow().to()).isEqualTo(peers(3));
    }

    @Test
    void whomTheRelayReachesIsToldEverythingOnce() throws Exception {
        GroupWay way = way(0, 2);
        assertThat(way.told(2, all(1, 4), 0)).as("no stream to the relay is open").isEmpty();
        assertThat(way.linkOpened(2).greet()).containsExactly(2, 1, 4);
        assertThat(way.told(2, all(1, 3, 4), 0)).containsExactly(3);
        assertThat(way.told(2, change(List.of(1), List.of()), 0))
                .as("its stream is another one")
                .containsExactly(1);
        assertThat(way.told(2, change(List.of(0, 2), List.of()), 0)).isEmpty();
        assertThat(way.reached()).extracting(Member::index).containsExactly(1, 2, 3, 4);
        assertThat(way.told(2, change(List.of(), List.of(3)), 0)).isEmpty();
        assertThat(way.send(3, own, false)).isEmpty();
        assertThat(way.told(2, all(4), 0)).isEmpty();
        assertThat(way.reached()).extracting(Member::index).containsExactly(2, 4);
    }

    @Test
    void aRelayThatSaysItAllTheTimeMakesNobodySayHelloWithoutEnd() throws Exception {
        GroupWay way = member(2);
        int greeted = 0;
        for (int i = 0; i < 3 * GroupWay.OPENED_AT_ONCE; i++) {
            greeted += way.told(2, change(List.of(1), List.of()), SECOND).size();
        }
        assertThat(greeted).isBetween(GroupWay.OPENED_AT_ONCE - 1, GroupWay.OPENED_AT_ONCE);
        assertThat(way.told(2, change(List.of(1), List.of()), 2 * SECOND)).containsExactly(1);
        assertThat(way.told(2, change(List.of(4), List.of()), 2 * SECOND)).containsExactly(4);
    }

    @Test
    void onlyARelayIsListenedToAndOnlyOnMembers() throws Exception {
        GroupWay way = member(2);
        requireRefused(DropReason.NOT_THE_RELAY, () -> way.told(1, all(3), 0));
        requireRefused(DropReason.MALFORMED, () -> way.told(2, all(5), 0));
        requireRefused(DropReason.MALFORMED, () -> way.told(2, all(-1), 0));
        requireRefused(DropReason.MALFORMED, () -> way.told(2, all(1, 1, 1, 1, 1, 1), 0));
        requireRefused(DropReason.MALFORMED, () -> way.told(2, change(List.of(), List.of(5)), 0));
        requireRefused(
                DropReason.NOT_THE_RELAY, () -> way.from(1, new RelayFrame.Relayed(group, 3, own)));
        for (int from : new int[] {-1, 0, 2, 5}) {
            requireRefused(
                    DropReason.MALFORMED,
                    () -> way.from(2, new RelayFrame.Relayed(group, from, own)));
        }
        assertThat(way.from(2, new RelayFrame.Relayed(group, 3, own)).index()).isEqualTo(3);
    }

    // --- a relay

    @Test
    void aRelayIsConnectedToAllAndTellsThemWhomItReaches() throws Exception {
        GroupWay way = way(2, 2);
        for (int member : new int[] {0, 1, 3, 4}) {
            assertThat(way.needsLink(peer(member))).isTrue();
        }
        GroupWay.Reached first = way.linkOpened(1);
        assertThat(first.greet()).containsExactly(1);
        assertThat(first.notices()).hasSize(1);
        assertThat(frame(first.notices().getFirst())).isEqualTo(all());
        GroupWay.Reached second = way.linkOpened(4);
        assertThat(second.notices())
                .extracting(GroupWay.Parcel::to)
                .containsExactly(peers(4), peers(1));
        assertThat(frame(second.notices().get(0))).isEqualTo(all(1));
        assertThat(frame(second.notices().get(1))).isEqualTo(change(List.of(4), List.of()));
        assertThat(frame(way.heardHello(4).orElseThrow())).isEqualTo(all(1));
        GroupWay.Parcel closed = way.linkClosed(1).getFirst();
        assertThat(closed.to()).isEqualTo(peers(4));
        assertThat(frame(closed)).isEqualTo(change(List.of(), List.of(1)));
    }

    @Test
    void aRelayPassesOnWhatItIsGivenToAllToWhomAStreamIsOpenOrToOne() throws Exception {
        GroupWay way = way(2, 2);
        for (int member : new int[] {0, 1, 4}) {
            way.linkOpened(member);
        }
        GroupWay.Parcel all =
                way.forward(0, new RelayFrame.Forward(group, OptionalInt.empty(), true, own));
        assertThat(all.to()).isEqualTo(peers(1, 4));
        assertThat(all.everyConnection()).as("for all would be too much").isFalse();
        assertThat(frame(all)).isEqualTo(new RelayFrame.Relayed(group, 0, own));
        GroupWay.Parcel one =
                way.forward(0, new RelayFrame.Forward(group, OptionalInt.of(4), true, own));
        assertThat(one.to()).isEqualTo(peers(4));
        assertThat(one.everyConnection()).isTrue();
        for (int to : new int[] {-1, 0, 2, 5}) {
            requireRefused(
                    DropReason.MALFORMED,
                    () ->
                            way.forward(
                                    0,
                                    new RelayFrame.Forward(group, OptionalInt.of(to), false, own)));
        }
    }

    @Test
    void whoIsNoRelayPassesNothingOn() throws Exception {
        GroupWay way = member(2);
        requireRefused(
                DropReason.NOT_THE_RELAY,
                () ->
                        way.forward(
                                1, new RelayFrame.Forward(group, OptionalInt.empty(), false, own)));
        assertThat(way.heardHello(1)).isEmpty();
    }

    // --- another relay

    @Test
    void theNextRelayTakesTheWayOver() throws Exception {
        GroupWay way = member(2);
        GroupWay.Reached reached = way.relayBy(peers(3));
        assertThat(reached).isEqualTo(new GroupWay.Reached(List.of(), List.of()));
        assertThat(way.needsLink(peer(2))).isFalse();
        assertThat(way.reached()).isEmpty();
        requireRefused(DropReason.NOT_THE_RELAY, () -> way.told(2, all(1), 0));
        assertThat(way.linkOpened(3).greet()).containsExactly(3);
        assertThat(way.told(3, all(1, 2, 4), 0)).containsExactly(1, 2, 4);
        assertThatIllegalArgumentException().isThrownBy(() -> way.relayBy(List.of()));
    }

    @Test
    void whoBeginsToRelaySaysSoToAllWhomItReaches() throws Exception {
        GroupWay way = member(2);
        way.linkOpened(4); // For another group.
        GroupWay.Reached reached = way.relayBy(peers(0));
        assertThat(reached.greet()).containsExactly(2, 4);
        assertThat(reached.notices())
                .extracting(GroupWay.Parcel::to)
                .containsExactly(peers(2), peers(4));
        assertThat(frame(reached.notices().getFirst())).isEqualTo(all(4));
    }

    @Test
    void theSameRelayAgainChangesNothing() throws Exception {
        GroupWay way = member(2);
        assertThat(way.relayBy(peers(2))).isEqualTo(new GroupWay.Reached(List.of(), List.of()));
        assertThat(way.isOpen(2)).as("nobody is told everything again").isTrue();
        assertThat(way.reached()).extracting(Member::index).containsExactly(1, 2, 3, 4);
    }

    @Test
    void relaysAreMembers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new GroupWay(
                                fixture.group,
                                0,
                                List.of(new GroupFixture(2, 99).owner(0).member().peerId())));
    }
}
