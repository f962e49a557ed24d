package org.tutti.node.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.Charset;

class PathEncodingTest {
    /// The names that the JDK has for the encoding of the locales C and POSIX, and others.
    private static final String ASCII = "ANSI_X3.4-1968";

    @ParameterizedTest
    @ValueSource(
            strings = {ASCII, "US-ASCII", "UTF-8", "ISO-8859-1", "ISO-8859-15", "EUC-JP", "Big5"})
    void asciiIsExactEverywhere(String encoding) {
        PathEncoding paths = new PathEncoding(Charset.forName(encoding));
        assertThat(paths.faultOfDecoded("/home/a b/~!\\?*")).isEmpty();
        assertThat(paths.faultOfUtf8("/home/a b/~!\\?*")).isEmpty();
        assertThat(paths.faultOfDecoded("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"héllo", "日本", "\ud83d\ude00"})
    void underUtf8EveryTextIsExact(String text) {
        PathEncoding paths = PathEncoding.named("UTF-8");
        assertThat(paths.faultOfDecoded(text)).isEmpty();
        assertThat(paths.faultOfUtf8(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h\ufffdllo", // bytes that were no UTF-8
                "h\ud83dllo", // half a character: a question mark
                "h\ude00llo"
            })
    void underUtf8WhatWasNoTextIsRefused(String text) {
        PathEncoding paths = PathEncoding.named("UTF-8");
        assertThat(paths.faultOfDecoded(text)).isPresent();
        assertThat(paths.faultOfUtf8(text)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h\ufffd\ufffdllo", "héllo", "\ud83d\ude00"})
    void underAsciiNothingElseIsExact(String text) {
        PathEncoding paths = PathEncoding.named(ASCII);
        assertThat(paths.faultOfDecoded(text)).get().asString().contains("US-ASCII", "LC_ALL=");
        assertThat(paths.faultOfUtf8(text)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"ISO-8859-1,hÃ©llo", "ISO-8859-1,héllo", "ISO-8859-15,100€"})
    void anEncodingOfOneByteACharacterGivesArgumentsBackAsTheyWere(String encoding, String text) {
        PathEncoding paths = PathEncoding.named(encoding);
        assertThat(paths.faultOfDecoded(text)).isEmpty();
        // The same text in a file is other bytes.
        assertThat(paths.faultOfUtf8(text)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"ISO-8859-1,100€", "ISO-8859-1,日本", "ISO-8859-1,h\ufffdllo", "KOI8-R,é"})
    void aCharacterThatAnEncodingLacksIsRefused(String encoding, String text) {
        assertThat(PathEncoding.named(encoding).faultOfDecoded(text)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EUC-JP", "Shift_JIS", "Big5", "GB18030", "UTF-16", "ISO-2022-JP"})
    void otherEncodingsOfManyBytesAreNotTakenForExact(String encoding) {
        assertThat(PathEncoding.named(encoding).faultOfDecoded("日本")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no such encoding", "x-unknown"})
    void anEncodingThatNobodyKnowsIsTakenForAscii(String name) {
        assertThat(PathEncoding.named(name).faultOfDecoded("a")).isEmpty();
        assertThat(PathEncoding.named(name).faultOfDecoded("é")).isPresent();
    }

    @Test
    void theReasonIsOneLine() {
        assertThat(PathEncoding.named(ASCII).faultOfDecoded("é").orElseThrow().lines()).hasSize(1);
        assertThat(PathEncoding.named("UTF-8").faultOfDecoded("\ufffd").orElseThrow().lines())
                .hasSize(1);
    }
}
