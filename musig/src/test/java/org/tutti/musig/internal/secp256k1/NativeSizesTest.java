package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rule 18 of docs/signing-safety.md: a segment that is one byte short never reaches the library.
class NativeSizesTest {
    private static final int COUNT = 3;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment zeros = arena.allocate(1024);

    @AfterEach
    void free() {
        arena.close();
    }

    private static Method method(String name) {
        return Arrays.stream(LibSecp256k1.class.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// The bytes that each argument needs: `*` for any number, `p` for three pointers; `?` after it
    /// where NULL will do.
    @ParameterizedTest
    @CsvSource({
        "parsePublicKey, 64 *",
        "serializePublicKey, 33 8 64",
        "createPublicKey, 64 32",
        "tweakAddPublicKey, 64 32",
        "tweakAddSecretKey, 32 32",
        "negateSecretKey, 32",
        "parseEcdsaSignature, 64 64",
        "normalizeEcdsaSignature, 64 64",
        "verifyEcdsa, 64 32 64",
        "createKeypair, 96 32",
        "keypairPublicKey, 64 96",
        "parseXOnlyKey, 64 32",
        "serializeXOnlyKey, 32 64",
        "signSchnorr, 64 * 96 24",
        "verifySchnorr, 64 * 64",
        "aggregateKeys, 64? 197 p",
        "aggregateKey, 64 197",
        "plainTweak, 64? 197 32",
        "xOnlyTweak, 64? 197 32",
        "generateNonce, 132 132 32 32? 64 32? 197? 32?",
        "parsePublicNonce, 132 66",
        "serializePublicNonce, 66 132",
        "parseAggregateNonce, 132 66",
        "serializeAggregateNonce, 66 132",
        "aggregateNonces, 132 p",
        "processNonce, 133 132 32 197",
        "signPartial, 36 132 96 197 133",
        "verifyPartial, 36 132 64 197 133",
        "parsePartial, 36 32",
        "serializePartial, 32 36",
        "aggregatePartials, 64 133 p"
    })
    void whatIsOneByteShortIsRefused(String name, String sizes) {
        String[] each = sizes.split(" ");
        assertThatCode(() -> call(name, each, -1, false)).as("as long as needed").isNull();
        for (int i = 0; i < each.length; i++) {
            int at = i;
            if (!each[i].equals("*")) {
                assertThatThrownBy(() -> call(name, each, at, false))
                        .as("%s, argument %d", name, i)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("the native call needs");
            }
            if (each[i].endsWith("?")) {
                assertThatCode(() -> call(name, each, at, true)).as("without").isNull();
            }
        }
    }

    /// @param odd the argument that is a byte short, or NULL
    private void call(String name, String[] sizes, int odd, boolean none) throws Throwable {
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            MemorySegment whole = segment(sizes[i]);
            MemorySegment shorter = none ? MemorySegment.NULL : shorter(whole);
            arguments.add(i == odd ? shorter : whole);
        }
        Method method = method(name);
        if (method.getParameterCount() > sizes.length) {
            boolean flags = name.equals("serializePublicKey");
            arguments.add(flags ? (Object) LibSecp256k1.COMPRESSED : (Object) (long) COUNT);
        }
        MethodHandles.lookup().unreflect(method).invokeWithArguments(arguments);
    }

    private static MemorySegment shorter(MemorySegment whole) {
        return whole.asSlice(0, Math.max(0, whole.byteSize() - 1));
    }

    private MemorySegment segment(String size) {
        if (size.equals("p")) {
            MemorySegment pointers = arena.allocate(COUNT * 8L, 8);
            for (int i = 0; i < COUNT; i++) {
                pointers.setAtIndex(ValueLayout.JAVA_LONG, i, zeros.address());
            }
            return pointers;
        }
        long bytes = size.equals("*") ? 33 : Long.parseLong(size.replace("?", ""));
        MemorySegment segment = arena.allocate(bytes + 64, 8).asSlice(0, bytes);
        if (size.equals("8")) {
            segment.set(ValueLayout.JAVA_LONG, 0, 33);
        }
        return segment;
    }

    @Test
    void everyCallIsInTheTable() throws Exception {
        List<String> table =
                Arrays.stream(
                                NativeSizesTest.class
                                        .getDeclaredMethod(
                                                "whatIsOneByteShortIsRefused",
                                                String.class,
                                                String.class)
                                        .getAnnotation(CsvSource.class)
                                        .value())
                        .map(line -> line.substring(0, line.indexOf(',')))
                        .toList();
        assertThat(table)
                .containsAll(
                        Arrays.stream(LibSecp256k1.class.getDeclaredMethods())
                                .filter(method -> method.getReturnType() == boolean.class)
                                .filter(method -> !method.isSynthetic())
                                .map(Method::getName)
                                .toList());
    }

    @Test
    void theCallsSayNo() {
        MemorySegment secret = segment("32");
        assertThat(LibSecp256k1.createPublicKey(segment("64"), secret)).isFalse();
        assertThat(LibSecp256k1.negateSecretKey(secret)).isFalse();
        assertThat(LibSecp256k1.tweakAddSecretKey(secret, segment("32"))).isFalse();
        assertThat(
                        LibSecp256k1.serializePublicKey(
                                segment("33"),
                                segment("8"),
                                segment("64"),
                                LibSecp256k1.COMPRESSED))
                .isFalse();
    }
}
