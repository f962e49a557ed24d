package org.tutti.node.files;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Whether a text names the one path that was meant.
///
/// A path is bytes, and the JVM makes text of them and bytes again with the encoding of the locale
/// that it was started in. Bytes that are not valid text in that encoding become U+FFFD, and
/// characters that it lacks become question marks: a folder `héllo` under the locale C is the
/// folder `h??llo` for a part of the JDK, without a warning. So whatever does not come back as it
/// was is refused.
public final class PathEncoding {
    /// What the JVM puts where bytes are not valid text.
    private static final char REPLACEMENT = '\ufffd';

    private final Charset charset;

    /// @param charset what paths are encoded with
    public PathEncoding(Charset charset) {
        this.charset = charset;
    }

    /// The one of this JVM, which is fixed when it starts.
    public static PathEncoding ofThisProcess() {
        return named(System.getProperty("sun.jnu.encoding", ""));
    }

    /// The one with this name; ASCII, which every locale contains, if nothing has that name.
    static PathEncoding named(String name) {
        try {
            return new PathEncoding(Charset.forName(name));
        } catch (IllegalArgumentException e) {
            return new PathEncoding(StandardCharsets.US_ASCII);
        }
    }

    /// What is wrong with a text that the JVM made of a path's bytes: an argument, the working
    /// folder.
    ///
    /// Encodings with several bytes a character other than UTF-8 are not taken for exact: some of
    /// them write one character in two ways.
    public Optional<String> faultOfDecoded(String text) {
        if (isAscii(text)) {
            return Optional.empty();
        }
        boolean isUtf8 = charset.equals(StandardCharsets.UTF_8);
        boolean isExact = isUtf8 || charset.newEncoder().maxBytesPerChar() == 1;
        if (isExact && text.indexOf(REPLACEMENT) < 0 && canEncode(text)) {
            return Optional.empty();
        }
        return Optional.of(
                isUtf8
                        ? "this is not UTF-8 text, and would be another file or folder"
                        : otherwise());
    }

    /// What is wrong with a path in a text that is UTF-8 wherever it is read: a configuration file.
    /// Only under UTF-8 are its bytes those of the path.
    public Optional<String> faultOfUtf8(String text) {
        return charset.equals(StandardCharsets.UTF_8) || isAscii(text)
                ? faultOfDecoded(text)
                : Optional.of(otherwise());
    }

    private String otherwise() {
        return "with this locale, whose encoding is "
                + charset.name()
                + ", it would be another file or folder; start Tutti with LC_ALL=C.UTF-8";
    }

    private boolean canEncode(String text) {
        try {
            // Unlike String.getBytes this fails instead of writing question marks.
            charset.newEncoder().encode(CharBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }
}
