package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.Terms;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.MemberState;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionTimeouts;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Members that mean another group, or other terms of it.
class TermsTest {
    private static final Bytes OTHER = Bytes.fromHex("0bad");

    private final OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    private Inbound hello(int member, Bytes terms) {
        return alice.fixture
                .owner(member)
                .envelopeSigner()
                .greet(Optional.empty(), 1, alice.fixture.terms(member, terms), false, Bytes.EMPTY);
    }

    private MemberState state(int member) {
        return alice.engine.memberStates().get(member);
    }

    private long agreedRecords() {
        return alice.journal.stream().filter(JournalRecord.Agreed.class::isInstance).count();
    }

    @Test
    void agreementOfEachMemberIsInTheJournalBeforeItIsTold() {
        assertThat(alice.events(SessionEvent.TermsAgreed.class)).hasSize(1);
        assertThat(agreedRecords()).isEqualTo(3);
        assertThat(alice.all.indexOf(lastAgreed()))
                .isLessThan(
                        alice.all.indexOf(
                                new EngineOutput.Emit(
                                        alice.events(SessionEvent.TermsAgreed.class).getFirst())));
        assertThat(alice.journal)
                .filteredOn(JournalRecord.Agreed.class::isInstance)
                .allMatch(JournalRecord::mustForce);
    }

    private EngineOutput lastAgreed() {
        return alice.all.stream()
                .filter(output -> output instanceof EngineOutput.Append(JournalRecord.Agreed _))
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    @Test
    void itIsToldAgainAfterARestartWithoutAnyMember() {
        alice.restartAlone();
        assertThat(alice.last())
                .anyMatch(
                        output -> output instanceof EngineOutput.Emit(SessionEvent.TermsAgreed _));
        assertThat(agreedRecords()).isEqualTo(3);
    }

    @Test
    void agreementToOtherTermsDoesNotCount() {
        alice.journal.replaceAll(record ->
                record instanceof JournalRecord.Agreed said && said.signer() == 2
                        ? new JournalRecord.Agreed(2, OTHER, said.signature())
                        : record);
        alice.restartAlone();
        assertThat(state(1).agreed()).isTrue();
        assertThat(state(2).agreed()).isFalse();
    }

    @Test
    void memberWithOtherTermsIsNamedAndNothingIsSignedWithIt() {
        alice.receive(hello(2, OTHER));
        assertThat(alice.events(SessionEvent.TermsDiffer.class))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.member()).isEqualTo(alice.member(2));
                    assertThat(event.theirs()).isEqualTo(OTHER);
                });
        assertThat(state(2).otherTerms()).contains(OTHER);
        alice.receive(hello(2, OTHER));
        assertThat(alice.events(SessionEvent.TermsDiffer.class)).as("told once").hasSize(1);
        alice.approvedRequest(1);
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        alice.tickAfter(SessionTimeouts.DEFAULT.readiness());
        assertThat(alice.aborted().code()).isEqualTo("TERMS_DIFFER");
        assertThat(alice.aborted().culprits()).isEmpty();
        assertThat(alice.aborted().observed()).containsExactly(alice.member(2));
    }

    @Test
    void sessionGoesOnWhenTheMemberAgreesAgain() {
        alice.receive(hello(2, OTHER));
        alice.approvedRequest(1);
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        alice.receive(hello(2, GroupFixture.TERMS));
        assertThat(alice.sent(Contribution.Ready.class)).isPresent();
        assertThat(state(2).otherTerms()).isEmpty();
    }

    @Test
    void memberOfAnotherGroupIsNamedUntilItSaysHelloForThisOne() {
        alice.restartAlone();
        Bytes group = alice.fixture.random(32);
        alice.handle(new EngineInput.OtherGroup(1, group));
        alice.tickAfter(OtherGroups.WAIT.minusMillis(1));
        assertThat(state(1).otherGroup()).as("it may be in both").isEmpty();
        alice.handle(new EngineInput.OtherGroup(1, alice.fixture.random(32)));
        alice.tickAfter(Duration.ofMillis(1));
        alice.handle(new EngineInput.OtherGroup(1, group));
        alice.tickAfter(OtherGroups.WAIT);
        assertThat(alice.events(SessionEvent.OtherGroup.class))
                .as("told once")
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.member()).isEqualTo(alice.member(1));
                    assertThat(event.group()).isEqualTo(group);
                });
        assertThat(state(1).otherGroup()).contains(group);
        assertThat(state(1).greeted()).isFalse();
        alice.receive(hello(1, GroupFixture.TERMS));
        assertThat(state(1).otherGroup()).isEmpty();
        alice.handle(new EngineInput.OtherGroup(1, group));
        alice.tickAfter(OtherGroups.WAIT);
        assertThat(state(1).otherGroup()).as("it is in both").isEmpty();
    }

    @Test
    void memberWhoseHelloForAnotherGroupComesFirstIsNotTakenForOneOfAnother() {
        alice.restartAlone();
        alice.handle(new EngineInput.OtherGroup(1, alice.fixture.random(32)));
        alice.receive(hello(1, GroupFixture.TERMS));
        alice.tickAfter(OtherGroups.WAIT);
        assertThat(alice.events(SessionEvent.OtherGroup.class)).isEmpty();
        assertThat(state(1).otherGroup()).isEmpty();
    }

    @Test
    void termsThatTheSigningKeyDidNotSignForThisGroupAreNoHello() {
        alice.restartAlone();
        GroupFixture elsewhere = new GroupFixture(3, 43);
        List<Terms> wrong =
                List.of(
                        alice.fixture.terms(2, GroupFixture.TERMS),
                        elsewhere.terms(1, GroupFixture.TERMS),
                        new Terms(OTHER, alice.fixture.terms(1, GroupFixture.TERMS).signature()));
        for (Terms said : wrong) {
            alice.receive(
                    alice.fixture
                            .owner(1)
                            .envelopeSigner()
                            .greet(Optional.empty(), 1, said, false, Bytes.EMPTY));
        }
        assertThat(state(1).greeted()).isFalse();
        assertThat(state(1).otherTerms()).isEmpty();
        assertThat(alice.engine.dropped(alice.member(1), DropReason.BAD_TERMS)).isEqualTo(3);
        elsewhere.close();
    }

    @Test
    void memberThatNamesOneGroupAfterTheOtherIsToldOnceInEachWait() {
        alice.restartAlone();
        for (int i = 0; i < 1_000; i++) {
            alice.handle(new EngineInput.OtherGroup(1, alice.fixture.random(32)));
            alice.tickAfter(OtherGroups.WAIT.dividedBy(100));
        }
        assertThat(alice.events(SessionEvent.OtherGroup.class)).hasSizeBetween(1, 10);
    }

    @Test
    void textsAreBounded() {
        Bytes largest = Bytes.wrap(new byte[Terms.MAX_BYTES]);
        alice.receive(hello(1, largest));
        assertThat(state(1).otherTerms()).contains(largest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Terms.requireShort(Bytes.wrap(new byte[Terms.MAX_BYTES + 1])));
    }
}
