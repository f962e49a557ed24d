package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;
import org.tutti.coordinator.message.Invitation;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class FindAskAndSignTest {
    @Test
    @Timeout(60)
    void whoWasFoundWithoutAKeyBeingKnownSignsWithWhoFoundThem(@TempDir Path folder)
            throws Exception {
        List<String> lines = new ArrayList<>();
        Invitation request = FindAskAndSign.run(folder, lines::add);
        assertThat(lines.subList(0, 2)).containsExactlyInAnyOrder("found Bob", "found Carol");
        List<String> signatures = lines.subList(2, lines.size());
        assertThat(signatures).hasSize(3);
        assertThat(signatures.stream().distinct()).hasSize(1);
        SchnorrSignature signature =
                new SchnorrSignature(
                        Bytes.fromHex(signatures.getFirst().substring("signature ".length())));
        assertThat(
                        Schnorr.verify(
                                KeyAggContext.of(request.keys()).xOnlyKey(),
                                Bytes.fromHex("42".repeat(32)).toArray(),
                                signature))
                .isTrue();
    }
}
