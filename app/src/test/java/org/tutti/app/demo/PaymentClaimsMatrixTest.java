package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.app.demo.FaultTrial.Case;
import org.tutti.app.demo.FaultTrial.Fault;
import org.tutti.app.demo.FaultTrial.Step;
import org.tutti.app.demo.FaultTrial.Victim;

import java.util.ArrayList;
import java.util.List;

/// Each of requester, client, member and Bitcoin peer is killed, and stands still, at each step of
/// a payment; what `pay`, `payments` and `status` say is what the chain did. Two of these cases run
/// in [PaymentClaimsTest].
class PaymentClaimsMatrixTest {
    /// `-Dtutti.trouble="requester killed"` runs the cases whose name has that in it.
    @Tag("nightly")
    @Test
    @Timeout(3_600)
    void whatIsToldIsWhatTheChainDidWhateverIsKilledOrStandsStillAtAnyStep() throws Exception {
        String only = System.getProperty("tutti.trouble", "");
        List<Case> left =
                new ArrayList<>(all().stream().filter(c -> c.toString().contains(only)).toList());
        List<String> wrong = new ArrayList<>();
        while (!left.isEmpty()) {
            try (FaultTrial trial = FaultTrial.start()) {
                int paid = 0;
                while (!left.isEmpty()) {
                    Case trouble = left.removeFirst();
                    try {
                        wrong.addAll(trial.run(trouble));
                        paid++;
                    } catch (DemoFailed | AssertionError e) {
                        // What follows in this cluster would say nothing.
                        wrong.add(trouble + ": " + e.getMessage());
                        break;
                    }
                }
                // Three signers, each payment, and what an attempt that was cut off had signed.
                assertThat(trial.requireNoNonceTwice()).isGreaterThanOrEqualTo(3 * paid);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Case> all() {
        List<Case> all = new ArrayList<>();
        for (Victim victim : Victim.values()) {
            for (Fault fault : Fault.values()) {
                for (Step step : Step.values()) {
                    // The client is long gone when a block is mined.
                    boolean clientIsThere = step.compareTo(Step.MINED) < 0;
                    if (victim != Victim.CLIENT || clientIsThere) {
                        all.add(new Case(victim, fault, step));
                    }
                }
            }
        }
        return all;
    }
}
