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

class AskAndJoinTest {
    @Test
    @Timeout(60)
    void allThreeHaveTheSignatureThatOneAskedFor(@TempDir Path folder) throws Exception {
        List<String> lines = new ArrayList<>();
        Invitation request = AskAndJoin.run(folder, lines::add);
        assertThat(lines).hasSize(3);
        assertThat(lines.stream().distinct()).hasSize(1);
        SchnorrSignature signature =
                new SchnorrSignature(
                        Bytes.fromHex(lines.getFirst().substring("signature ".length())));
        assertThat(
                        Schnorr.verify(
                                KeyAggContext.of(request.keys()).xOnlyKey(),
                                Bytes.fromHex("42".repeat(32)).toArray(),
                                signature))
                .isTrue();
    }
}
