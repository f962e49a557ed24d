package org.tutti.app.chain;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tutti.base.Fuzzing;

class ImportFuzzTest {
    @Test
    void damagedFilesAreImportedOrRefused() {
        Fuzzing.damaged(ImportFuzz.seeds(), 100, ImportFuzz::test);
    }

    @Test
    @Tag("fuzz")
    void jazzerFindsNothing() {
        Fuzzing.withJazzer(ImportFuzz.class, "", ImportFuzz.seeds());
    }
}
