package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Terms;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Members of whom something is waited for: a hello, one for this group, or their agreement.
class WaitingMembersTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Bytes OTHER = Bytes.fromHex("0e");

    private final GroupFixture fixture = new GroupFixture(3, 8);
    private final UnheardMembers unheard = new UnheardMembers();
    private final OtherGroups others = new OtherGroups();
    private final GroupTerms terms = new GroupTerms(fixture.group, GroupFixture.TERMS);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void memberThatSaysNothingIsAskedAfterPausesThatDoubleUpToAMost() {
        unheard.lacks(1, START);
        Instant due = START;
        for (int millis : List.of(500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000)) {
            due = due.plusMillis(millis);
            assertThat(unheard.next()).isEqualTo(due);
            assertThat(unheard.due(due.minusNanos(1))).isEmpty();
            assertThat(unheard.due(due)).containsExactly(1);
        }
    }

    @Test
    void eachMemberIsAskedByItsOwnTimeUntilItIsHeard() {
        assertThat(unheard.next()).isEqualTo(Instant.MAX);
        assertThat(unheard.due(START)).isEmpty();
        unheard.lacks(1, START);
        unheard.lacks(2, START.plusMillis(100));
        unheard.lacks(1, START.plusMillis(400));
        assertThat(unheard.next()).isEqualTo(START.plusMillis(500));
        assertThat(unheard.due(START.plusMillis(500))).containsExactly(1);
        assertThat(unheard.next()).isEqualTo(START.plusMillis(600));
        unheard.forget(2);
        assertThat(unheard.due(START.plusMillis(600))).isEmpty();
    }

    @Test
    void everybodyIsToldEverythingAgainOnceInAWhile() {
        Duration pause = UnheardMembers.SAID_AGAIN_PAUSE;
        assertThat(unheard.sayAgain(1, START)).isTrue();
        assertThat(unheard.sayAgain(2, START)).isTrue();
        assertThat(unheard.sayAgain(1, START.plus(pause).minusNanos(1))).isFalse();
        assertThat(unheard.sayAgain(1, START.plus(pause))).isTrue();
        assertThat(unheard.sayAgain(1, START.plus(pause.multipliedBy(2)).minusNanos(1))).isFalse();
    }

    @Test
    void memberOfAnotherGroupIsNamedAfterTheWaitAndNotWaitedForAgain() {
        assertThat(others.next()).isEqualTo(Instant.MAX);
        assertThat(others.due(START)).isEmpty();
        others.said(1, OTHER, START);
        others.said(1, Bytes.fromHex("0f"), START.plusMillis(1));
        others.said(2, OTHER, START.plusMillis(5));
        Instant due = START.plus(OtherGroups.WAIT);
        assertThat(others.next()).isEqualTo(due);
        assertThat(others.due(due.minusNanos(1))).isEmpty();
        assertThat(others.of(1)).isEmpty();
        assertThat(others.due(due)).containsExactly(1);
        assertThat(others.of(1)).contains(OTHER);
        assertThat(others.next()).isEqualTo(due.plusMillis(5));
        others.forget(2);
        assertThat(others.next()).isEqualTo(Instant.MAX);
        others.said(1, OTHER, due);
        assertThat(others.next()).as("it is known").isEqualTo(Instant.MAX);
        others.said(1, Bytes.fromHex("0f"), due);
        assertThat(others.due(due.plus(OtherGroups.WAIT))).containsExactly(1);
        assertThat(others.of(1)).contains(Bytes.fromHex("0f"));
        others.forget(1);
        assertThat(others.of(1)).isEmpty();
    }

    @Test
    void whoHasAgreedOnceHasAgreedAndWhoDiffersIsKnown() {
        Terms same = fixture.terms(1, GroupFixture.TERMS);
        Terms different = fixture.terms(1, OTHER);
        assertThat(terms.own()).isEqualTo(GroupFixture.TERMS);
        assertThat(terms.missing()).isEqualTo(fixture.group.members());
        assertThat(terms.said(1, different)).isFalse();
        assertThat(terms.hasAgreed(1)).isFalse();
        assertThat(terms.other(1)).isEqualTo(OTHER);
        assertThat(terms.said(1, same)).as("for the first time").isTrue();
        assertThat(terms.other(1)).isNull();
        assertThat(terms.said(1, same)).isFalse();
        assertThat(terms.said(1, different)).isFalse();
        assertThat(terms.hasAgreed(1)).isTrue();
        assertThat(terms.other(1)).isEqualTo(OTHER);
        assertThat(terms.said(1, same)).as("not again").isFalse();
        assertThat(terms.missing())
                .containsExactly(fixture.owner(0).member(), fixture.owner(2).member());
    }
}
