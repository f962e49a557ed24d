package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;

import java.nio.file.Files;
import java.nio.file.Path;

class EvidenceFolderTest {
    @Test
    void filesThatAreThereAreNamedAndUnfinishedOnesAreNot(@TempDir Path folder) throws Exception {
        EvidenceFolder evidence = new EvidenceFolder(folder.resolve("evidence"));
        assertThat(evidence.names()).isEmpty();
        evidence.save("a.evidence", Bytes.of(new byte[] {1}));
        evidence.save("b.evidence", Bytes.of(new byte[] {2}));
        Files.write(folder.resolve("evidence/c.evidence.tmp"), new byte[] {3});
        assertThat(evidence.names()).containsExactlyInAnyOrder("a.evidence", "b.evidence");
        assertThat(Files.readAllBytes(folder.resolve("evidence/b.evidence"))).containsExactly(2);
    }

    @Test
    void evidenceThatCannotBeSavedEndsTheNode(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("evidence"), new byte[] {1});
        EvidenceFolder evidence = new EvidenceFolder(file);
        assertThatThrownBy(() -> evidence.save("a.evidence", Bytes.of(new byte[] {1})))
                .isInstanceOfSatisfying(
                        EvidenceNotSavedException.class,
                        e -> assertThat(e.stopped().code()).isEqualTo("EVIDENCE_FAILED"));
    }
}
