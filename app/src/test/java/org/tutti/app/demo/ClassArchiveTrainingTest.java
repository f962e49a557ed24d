package org.tutti.app.demo;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;

/// What is run once after a build: where it fails, every start of a node takes half as long again.
@Timeout(50)
class ClassArchiveTrainingTest {
    @Test
    void aPaymentIsMadeAndSeenConfirmed() throws Exception {
        Path folder = Files.createTempDirectory("tutti-");
        try {
            assertThatCode(() -> new ClassArchiveTraining(folder).run()).doesNotThrowAnyException();
        } finally {
            Folders.delete(folder);
        }
    }
}
