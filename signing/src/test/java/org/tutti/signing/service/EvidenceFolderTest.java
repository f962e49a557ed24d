package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.base.Bytes;

import java.nio.file.Files;
import java.nio.file.Path;

class EvidenceFolderTest {
    @Test
    void numberOfEvidenceFilesIsBounded(@TempDir Path folder) throws Exception {
        EvidenceFolder evidence = new EvidenceFolder(folder.resolve("evidence"), 2);
        evidence.save("a.evidence", Bytes.of(new byte[] {1}));
        evidence.save("b.evidence", Bytes.of(new byte[] {2}));
        evidence.save("c.evidence", Bytes.of(new byte[] {3}));
        assertThat(evidence.failures()).isEqualTo(1);
        assertThat(Files.readAllBytes(folder.resolve("evidence/b.evidence"))).containsExactly(2);
        assertThat(folder.resolve("evidence/c.evidence")).doesNotExist();
    }
}
