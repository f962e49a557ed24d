package org.tutti.node.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

class IoReasonTest {
    @Test
    void exceptionsWhoseMessageIsThePathAreSaidInWords() {
        assertThat(IoReason.of(new NoSuchFileException("/x"))).isEqualTo("no such file or folder");
        assertThat(IoReason.of(new AccessDeniedException("/x"))).isEqualTo("permission denied");
        assertThat(IoReason.of(new NotDirectoryException("/x"))).isEqualTo("not a folder");
        assertThat(IoReason.of(new FileAlreadyExistsException("/x")))
                .isEqualTo("something else exists there already");
    }

    @Test
    void theSystemsOwnReasonIsKeptWithoutThePath() {
        assertThat(IoReason.of(new FileSystemException("/x", null, "No space left on device")))
                .isEqualTo("No space left on device");
        assertThat(IoReason.of(new IOException("connection reset"))).isEqualTo("connection reset");
    }

    @Test
    void anExceptionWithoutAnyWordsIsNamed() {
        assertThat(IoReason.of(new EOFException())).isEqualTo("EOFException");
    }
}
