package org.tutti.base;

/// Text from others on its way to a terminal, a log or a file.
///
/// Not plain are the characters that act in the place of being seen: controls (a carriage return or
/// an escape sequence overwrites what stands in front of it), format characters (directions, zero
/// width), the separators of lines and paragraphs, halves of surrogate pairs, and what Unicode has
/// not assigned or leaves to private use.
public final class PlainText {
    private PlainText() {}

    /// Whether every character of the text is plain.
    public static boolean isPlain(String text) {
        return text.codePoints().allMatch(PlainText::isPlain);
    }

    /// The text with every character that is not plain written out, as `\x{202e}`.
    public static String escape(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(point -> append(escaped, point));
        return escaped.toString();
    }

    private static void append(StringBuilder out, int point) {
        if (isPlain(point)) {
            out.appendCodePoint(point);
        } else {
            out.append("\\x{").append(Integer.toHexString(point)).append('}');
        }
    }

    /// Whether a character, given by its code point, is plain.
    public static boolean isPlain(int point) {
        if (point >= 0x20 && point < 0x7f) {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
