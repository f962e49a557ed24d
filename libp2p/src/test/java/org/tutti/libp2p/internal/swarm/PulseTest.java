package org.tutti.libp2p.internal.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.internal.swarm.Pulse.Action;

import java.util.ArrayList;
import java.util.List;

class PulseTest {
    private static final Pulse.Rule MEMBER = new Pulse.Rule(3, 9, true);
    private static final Pulse.Rule OTHER = new Pulse.Rule(3, 5, false);

    /// Looks at which something was to be done, from 1 on, as "3 PING".
    private static List<String> looks(Pulse pulse, long... received) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < received.length; i++) {
            Action action = pulse.look(received[i]);
            if (action != Action.NOTHING) {
                seen.add(i + 1 + " " + action);
            }
        }
        return seen;
    }

    @Test
    void aSilentMemberIsPingedEveryThirdLookAndLostAtTheNinth() {
        assertThat(looks(new Pulse(MEMBER, 7), 7, 7, 7, 7, 7, 7, 7, 7, 7))
                .containsExactly("3 PING", "6 PING", "9 LOST");
    }

    @Test
    void aMemberThatAnswersIsPingedAllTheSame() {
        assertThat(looks(new Pulse(MEMBER, 0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
                .containsExactly("3 PING", "6 PING", "9 PING", "12 PING");
    }

    @Test
    void anySignOfLifeBeginsAnew() {
        assertThat(looks(new Pulse(MEMBER, 0), 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1))
                .containsExactly("3 PING", "6 PING", "9 PING");
    }

    @Test
    void othersArePingedOnlyAfterSilence() {
        assertThat(looks(new Pulse(OTHER, 0), 0, 0, 1, 1, 1, 1, 2, 2, 2)).containsExactly("6 PING");
        assertThat(looks(new Pulse(OTHER, 0), 0, 0, 0, 0, 0))
                .containsExactly("3 PING", "4 PING", "5 LOST");
    }

    @Test
    void whoBecomesAMemberIsGivenAMembersTime() {
        Pulse pulse = new Pulse(OTHER, 0);
        looks(pulse, 0, 0, 0, 0);
        pulse.follow(MEMBER);
        assertThat(looks(pulse, 0, 0, 0, 0, 0, 0, 0, 0, 0))
                .containsExactly("3 PING", "6 PING", "9 LOST");
        pulse.follow(MEMBER);
        assertThat(pulse.look(0)).isEqualTo(Action.LOST);
    }
}
