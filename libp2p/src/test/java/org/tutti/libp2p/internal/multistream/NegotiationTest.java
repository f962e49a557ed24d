package org.tutti.libp2p.internal.multistream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.base.Bytes;
import org.tutti.libp2p.Hostile;
import org.tutti.libp2p.multistream.NegotiationException;
import org.tutti.libp2p.multistream.NegotiationException.Code;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

class NegotiationTest {
    private static final String HEADER = "\u0013/multistream/1.0.0\n";
    private static final String NA = "\u0003na\n";
    private static final String PING = "\u0011/ipfs/ping/1.0.0\n";
    private static final String ECHO = "\u0007/echo/\n";

    private final Negotiation dialer = Negotiation.dialer(List.of("/ipfs/ping/1.0.0", "/echo/"));
    private final Negotiation listener = Negotiation.listener(Set.of("/echo/")::contains);

    @Test
    void naIsTheFourBytesOfTheSpecification() {
        assertThat(Bytes.wrap(Messages.encode("na")).toHex()).isEqualTo("036e610a");
    }

    @Test
    void theDialerSendsHeaderAndProposalInOneFlight() {
        assertThat(text(dialer.start())).isEqualTo(HEADER + PING);
    }

    @Test
    void theListenerWaitsAndAnswersBothInOneFlight() throws Exception {
        assertThat(listener.start().isEmpty()).isTrue();
        assertThat(give(listener, HEADER + ECHO))
                .isEqualTo(new Step.Agreed(bytes(HEADER + ECHO), "/echo/", Bytes.EMPTY));
    }

    @Test
    void theListenerAnswersAHeaderThatComesAlone() throws Exception {
        // Older js waits for our header before it proposes.
        assertThat(give(listener, HEADER)).isEqualTo(new Step.Continue(bytes(HEADER)));
        assertThat(give(listener, ECHO))
                .isEqualTo(new Step.Agreed(bytes(ECHO), "/echo/", Bytes.EMPTY));
    }

    @Test
    void theDialerTakesTheNextProtocolAfterNa() throws Exception {
        assertThat(give(dialer, HEADER + NA)).isEqualTo(new Step.Continue(bytes(ECHO)));
        assertThat(give(dialer, ECHO))
                .isEqualTo(new Step.Agreed(Bytes.EMPTY, "/echo/", Bytes.EMPTY));
    }

    @Test
    void theDialerGivesUpAfterItsLastProtocol() throws Exception {
        give(dialer, HEADER + NA);
        assertRefused(Code.NOT_SUPPORTED, dialer, NA);
    }

    @Test
    void whatFollowsTheNegotiationIsKept() throws Exception {
        // A lazy dialer of go sends header, proposal and its first bytes in one packet.
        assertThat(give(listener, HEADER + ECHO + "hello"))
                .isEqualTo(new Step.Agreed(bytes(HEADER + ECHO), "/echo/", bytes("hello")));
        assertThat(give(dialer, HEADER + PING + "world"))
                .isEqualTo(new Step.Agreed(Bytes.EMPTY, "/ipfs/ping/1.0.0", bytes("world")));
    }

    @Test
    void lsIsNotAvailableAsInGo() throws Exception {
        assertThat(give(listener, HEADER + "\u0003ls\n"))
                .isEqualTo(new Step.Continue(bytes(HEADER + NA)));
    }

    @Test
    void naAsAProposalIsNeverAgreedTo() throws Exception {
        Negotiation anything = Negotiation.listener(protocol -> true);
        assertThat(give(anything, HEADER + NA)).isEqualTo(new Step.Continue(bytes(HEADER + NA)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Another first message, no newline, another version, an empty and a lone newline.
                NA,
                "\u0003nam",
                "\u0013/multistream/2.0.0\n",
                "\u0000",
                "\u0001\n",
                "\u0002\n\n"
            })
    void whoeverDoesNotStartWithTheHeaderIsRefused(String first) {
        assertRefused(Code.MALFORMED, listener, first);
        assertRefused(Code.MALFORMED, dialer, first);
    }

    @Test
    void anAnswerThatWasNotProposedIsRefused() {
        assertRefused(Code.MALFORMED, dialer, HEADER + ECHO);
    }

    @Test
    void twoAnswersToOneProposalAreRefused() {
        assertRefused(Code.MALFORMED, dialer, HEADER + NA + NA);
    }

    @Test
    void anAnswerToAProposalThatHasNotBeenSentIsRefused() {
        assertRefused(Code.MALFORMED, dialer, HEADER + NA + ECHO);
    }

    @Test
    void aMessageOfTheLongestLengthIsReadAndALongerOneRefused() throws Exception {
        String longest = "/" + "x".repeat(Messages.MAX_LENGTH - 2);
        Negotiation both = Negotiation.listener(longest::equals);
        byte[] flight = Messages.encode(Messages.HEADER, longest);
        assertThat(both.receive(flight, 0, flight.length)).isInstanceOf(Step.Agreed.class);

        // 1025, a length of three bytes, and two that are not minimal: refused before anything else
        // comes.
        for (String length : List.of("8108", "ffff03", "938000", "9300")) {
            byte[] bytes = Bytes.fromHex(length).toArray();
            Negotiation fresh = Negotiation.listener(longest::equals);
            assertThatThrownBy(() -> fresh.receive(bytes, 0, bytes.length))
                    .as(length)
                    .isInstanceOf(NegotiationException.class);
        }
    }

    @Test
    void proposalsInVainAreBounded() throws Exception {
        give(listener, HEADER);
        for (int i = 1; i < ListenerNegotiation.MAX_PROPOSALS; i++) {
            assertThat(give(listener, PING)).isEqualTo(new Step.Continue(bytes(NA)));
        }
        assertRefused(Code.NOT_SUPPORTED, listener, PING);
    }

    @Test
    void theyAreBoundedInOneFlightToo() {
        assertRefused(
                Code.NOT_SUPPORTED,
                listener,
                HEADER + PING.repeat(ListenerNegotiation.MAX_PROPOSALS));
    }

    @Test
    void protocolsThatCannotBeSentAreOurMistake() {
        for (String protocol : List.of("", "na", "a\nb", "x".repeat(Messages.MAX_LENGTH))) {
            assertThatThrownBy(() -> Negotiation.dialer(List.of(protocol)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Negotiation.dialer(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textThatIsNotUtf8IsRefused() {
        byte[] bytes = bytes(HEADER + "\u0003xx\n").toArray();
        bytes[bytes.length - 2] = (byte) 0xff;
        assertThatThrownBy(() -> listener.receive(bytes, 0, bytes.length))
                .isInstanceOf(NegotiationException.class);
    }

    @Test
    void howTheBytesAreCutChangesNothing() throws Exception {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int round = 0; round < 300; round++) {
            List<String> offered =
                    List.of("/a", "/b/" + "b".repeat(random.nextInt(300)), "/c", "/d");
            String wanted = offered.get(random.nextInt(offered.size()));
            Negotiation alice = Negotiation.dialer(offered);
            Negotiation bob = Negotiation.listener(wanted::equals);
            assertThat(talk(alice, bob, random)).isEqualTo(wanted);
        }
    }

    /// Carries bytes both ways in random pieces until both have agreed.
    private static String talk(Negotiation alice, Negotiation bob, RandomGenerator random)
            throws NegotiationException {
        Bytes toBob = alice.start();
        Bytes toAlice = bob.start();
        String agreedByBob = "";
        for (int i = 0; i < 10_000; i++) {
            int piece = Math.min(toBob.length(), 1 + random.nextInt(20));
            if (piece > 0) {
                Step step = bob.receive(toBob.toArray(), 0, piece);
                toBob = toBob.slice(piece, toBob.length());
                toAlice = Bytes.concat(toAlice, step.send());
                if (step instanceof Step.Agreed agreed) {
                    agreedByBob = agreed.protocol();
                }
            }
            int answer = Math.min(toAlice.length(), 1 + random.nextInt(20));
            if (answer > 0) {
                Step step = alice.receive(toAlice.toArray(), 0, answer);
                toAlice = toAlice.slice(answer, toAlice.length());
                toBob = Bytes.concat(toBob, step.send());
                if (step instanceof Step.Agreed agreed) {
                    assertThat(agreedByBob).isEqualTo(agreed.protocol());
                    return agreed.protocol();
                }
            }
        }
        throw new AssertionError("they never agreed");
    }

    @Test
    void hostileBytesEndInATypedErrorOrGoOn() {
        List<byte[]> seeds =
                List.of(
                        bytes(HEADER + ECHO).toArray(),
                        bytes(HEADER + NA + ECHO).toArray(),
                        bytes(HEADER + PING + ECHO + "hello").toArray());
        new Hostile(8)
                .feed(
                        20_000,
                        seeds,
                        input -> {
                            for (Negotiation side :
                                    List.of(
                                            Negotiation.dialer(
                                                    List.of("/ipfs/ping/1.0.0", "/echo/")),
                                            Negotiation.listener(Set.of("/echo/")::contains))) {
                                try {
                                    assertThat(side.receive(input, 0, input.length)).isNotNull();
                                } catch (NegotiationException expected) {
                                    assertThat(expected.getMessage()).isNotBlank();
                                }
                            }
                        });
    }

    private static Step give(Negotiation side, String text) throws NegotiationException {
        byte[] bytes = text.getBytes(UTF_8);
        return side.receive(bytes, 0, bytes.length);
    }

    private static void assertRefused(Code code, Negotiation side, String text) {
        assertThatThrownBy(() -> give(side, text))
                .isInstanceOf(NegotiationException.class)
                .extracting("code")
                .isEqualTo(code);
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(UTF_8));
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), UTF_8);
    }
}
