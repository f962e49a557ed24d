package org.tutti.interop.program;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process that answers each line with one. Not thread-safe.
public final class LineProgram implements AutoCloseable {
    private final Path program;
    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    /// Starts the program.
    public LineProgram(Path program) throws IOException {
        this.program = program;
        process =
                new ProcessBuilder(program.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        questions =
                new BufferedWriter(
                        new OutputStreamWriter(
                                process.getOutputStream(), StandardCharsets.US_ASCII));
        answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /// One answer for each question, after an empty line: so few at a time that the answers wait in
    /// the program, or fit into the pipe, while questions are still being written.
    public List<String> ask(List<String> lines) throws IOException {
        for (String line : lines) {
            questions.write(line);
            questions.write('\n');
        }
        questions.write('\n');
        questions.flush();
        List<String> out = new ArrayList<>(lines.size());
        for (String line : lines) {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException(program + " ended; one of the questions was " + line);
            }
            out.add(answer);
        }
        return out;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
